import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { closing } from "../support/fixture.ts";
import { mintLink, startGateway } from "../support/harness.ts";
import { answerOf } from "../support/http2-ask.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { UpstreamPeer, UpstreamRequest } from "../support/scripted-upstream.ts";
import { connectHttp2, fixedCertificates, startTlsPreview } from "../support/tls-preview.ts";

/** Opens a WebSocket as RFC 8441 has it. */
function open(session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}): ClientHttp2Stream {
  const stream = session.request(
    { ":method": "CONNECT", ":protocol": "websocket", ":path": "/hmr?a=1", "sec-websocket-version": "13", ...headers },
    { endStream: false },
  );
  stream.on("error", () => {});
  return stream;
}

async function opened(stream: ClientHttp2Stream) {
  const [head] = await once(stream, "response");
  return head as Record<string, string> & { ":status": number };
}

function accept({ header }: UpstreamRequest): string {
  return createHash("sha1")
    .update(`${header("sec-websocket-key")}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
}

function switchProtocols(peer: UpstreamPeer, request: UpstreamRequest, ...lines: string[]): void {
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  peer.write([...head, `Sec-WebSocket-Accept: ${accept(request)}`, ...lines, "", ""].join("\r\n"));
}

/** Says back what it hears. */
async function echo(peer: UpstreamPeer, request: UpstreamRequest): Promise<void> {
  switchProtocols(peer, request);
  peer.socket.on("data", (chunk) => peer.socket.write(chunk));
  await once(peer.socket, "close");
}

describe("a WebSocket over HTTP/2", () => {
  test("asks the app by an upgrade of HTTP/1.1 with a key of our own, and is answered 200", async () => {
    const preview = await startTlsPreview((peer, request) =>
      switchProtocols(peer, request, "Sec-WebSocket-Protocol: vite-hmr", "X-App: 1"),
    );
    const { link, harness, upstream } = preview;
    const session = await connectHttp2(preview);
    const origin = `https://${link.name}:${harness.port}`;
    const stream = open(session, { origin, "sec-websocket-protocol": "vite-hmr", "sec-websocket-key": "mine" });
    const head = await opened(stream);
    expect(head[":status"]).toBe(200);
    expect([head["sec-websocket-protocol"], head["x-app"]]).toEqual(["vite-hmr", "1"]);
    for (const name of ["upgrade", "connection", "sec-websocket-accept"]) expect(head[name]).toBeUndefined();
    const [asked] = upstream.requests;
    expect(asked!.line).toBe("GET /hmr?a=1 HTTP/1.1");
    expect([asked!.header("connection"), asked!.header("upgrade")]).toEqual(["Upgrade", "websocket"]);
    expect(asked!.header("origin")).toBe(`http://localhost:${upstream.port}`);
    expect(asked!.headerAll("sec-websocket-version")).toEqual(["13"]);
    expect(Buffer.from(asked!.header("sec-websocket-key")!, "base64")).toHaveLength(16);
    expect(asked!.headerAll("transfer-encoding")).toEqual([]);
    stream.close(constants.NGHTTP2_CANCEL);
  });

  test("carries messages of any size, both ways, and closes with their code", async () => {
    const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
    await once(server, "listening");
    closing({
      async close() {
        for (const socket of server.clients) socket.terminate();
        server.close();
        await once(server, "close");
      },
    });
    server.on("connection", (socket) =>
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
    );
    const link = mintLink((server.address() as { port: number }).port);
    const gateway = { certificates: fixedCertificates(), publicScheme: "https" } as const;
    const harness = closing(await startGateway([link.route], gateway));
    const session = await connectHttp2({ harness, link });
    const compressed = open(session, { "sec-websocket-extensions": "permessage-deflate" });
    expect((await opened(compressed))["sec-websocket-extensions"]).toContain("permessage-deflate");
    compressed.close(constants.NGHTTP2_CANCEL);
    const stream = open(session);
    await opened(stream);
    const heard = collect(stream);
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
      const message = randomBytes(size);
      stream.write(frame(0x2, message, { masked: true }));
      const back = frame(0x2, message, { masked: false });
      expect((await heard.take(back.length)).equals(back)).toBe(true);
    }
    const ended = once(stream, "end");
    stream.write(frame(0x8, Buffer.from([0x0f, 0xa1]), { masked: true }));
    expect(await heard.take(4)).toEqual(Buffer.from([0x88, 2, 0x0f, 0xa1]));
    await ended;
    await expect.poll(() => harness.gateway.readTraffic().upstreams).toBe(0);
  });

  test("takes what the client says before the app has agreed", async () => {
    let agree = (): void => {};
    const preview = await startTlsPreview(async (peer, request) => {
      await new Promise<void>((resolve) => (agree = resolve));
      await echo(peer, request);
    });
    const stream = open(await connectHttp2(preview));
    stream.write("early");
    await expect.poll(() => preview.upstream.requests.length).toBe(1);
    agree();
    expect(String((await once(stream, "data"))[0])).toBe("early");
    stream.close(constants.NGHTTP2_CANCEL);
  });

  test.each([
    ["403 with a body", "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno", 403, "no"],
    ["404 in chunks", "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", 404, "no"],
    ["426 and nothing else", "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", 426, ""],
    ["200 as if nothing was asked", ok("page"), 200, "page"],
    ["204", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""],
  ])("that the app answers with %s is told so", async (_what, text, status, body) => {
    const preview = await startTlsPreview((peer) => peer.write(text));
    const answer = await answerOf(open(await connectHttp2(preview)));
    expect([answer.status, String(answer.body), answer.code]).toEqual([status, body, 0]);
    await expect.poll(() => preview.upstream.open()).toBe(0);
  });

  test.each(["Sec-WebSocket-Accept: bm90IG91cnM=\r\n", ""])(
    "is not opened by an app that did not understand the key (%j)",
    async (line) => {
      const preview = await startTlsPreview((peer) =>
        peer.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${line}\r\n`),
      );
      const answer = await answerOf(open(await connectHttp2(preview)));
      expect([answer.status, answer.headers["x-preview-status"]]).toEqual([502, "unreachable"]);
    },
  );

  test("of an app that is gone is answered 502", async () => {
    const preview = await startTlsPreview((peer) => peer.socket.destroy());
    expect((await answerOf(open(await connectHttp2(preview)))).status).toBe(502);
  });

  test("under a name that is not known is answered 404, of another protocol 501", async () => {
    const preview = await startTlsPreview(echo);
    const session = await connectHttp2(preview);
    const unknown = open(session, { ":authority": `1-${"a".repeat(48)}.preview.test` });
    expect((await answerOf(unknown)).status).toBe(404);
    expect((await answerOf(open(session, { ":protocol": "connect-udp" }))).status).toBe(501);
    expect((await opened(open(session)))[":status"]).toBe(200);
  });

  test("that the client ends is ended at the app, whose last words still come", async () => {
    const preview = await startTlsPreview(async (peer, request) => {
      switchProtocols(peer, request);
      expect(await peer.rest()).toBe("last");
      peer.end("words");
    });
    const stream = open(await connectHttp2(preview));
    const answer = answerOf(stream);
    await opened(stream);
    stream.end("last");
    expect([String((await answer).body), (await answer).code]).toEqual(["words", 0]);
  });

  test("that the app ends is ended at the client", async () => {
    const preview = await startTlsPreview((peer, request) => {
      switchProtocols(peer, request);
      peer.end("bye");
    });
    const stream = open(await connectHttp2(preview));
    const ended = once(stream, "end");
    let heard = "";
    stream.on("data", (chunk) => (heard += String(chunk)));
    await ended;
    expect(heard).toBe("bye");
    stream.end();
    await expect.poll(() => preview.harness.gateway.readTraffic().upstreams).toBe(0);
  });

  test("that the client resets is broken off at the app", async () => {
    const preview = await startTlsPreview(echo);
    const session = await connectHttp2(preview);
    const stream = open(session);
    await opened(stream);
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => preview.upstream.open()).toBe(0);
    expect(session.destroyed).toBe(false);
  });

  test("is cut when its link is revoked, and a page's other previews are not", async () => {
    const preview = await startTlsPreview(echo);
    const { harness, link } = preview;
    const session = await connectHttp2(preview);
    const streams = [open(session), open(session)];
    const ends = streams.map((stream) => answerOf(stream));
    await Promise.all(streams.map(opened));
    harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
    expect((await Promise.all(ends)).map(({ code }) => code)).toEqual([2, 2]);
    expect(session.destroyed).toBe(false);
    expect((await answerOf(open(session))).status).toBe(410);
    await expect.poll(() => preview.upstream.open()).toBe(0);
  });

  test("relays at the pace of a slow client", async () => {
    let sent = 0;
    const preview = await startTlsPreview((peer, request) => {
      switchProtocols(peer, request);
      const chunk = Buffer.alloc(65_536, 1);
      const pump = () => {
        while (sent < 32 * 1024 * 1024) {
          sent += chunk.length;
          if (!peer.socket.write(chunk)) return void peer.socket.once("drain", pump);
        }
      };
      pump();
    });
    const stream = open(await connectHttp2(preview));
    await opened(stream);
    let before = -1;
    await expect.poll(() => sent === before || ((before = sent), false), { interval: 300, timeout: 10_000 }).toBe(true);
    expect(sent).toBeLessThan(32 * 1024 * 1024);
    let received = 0;
    stream.on("data", (chunk: Buffer) => (received += chunk.length));
    await expect.poll(() => received, { timeout: 15_000 }).toBe(32 * 1024 * 1024);
    stream.close(constants.NGHTTP2_CANCEL);
  }, 40_000);
});

/** One frame of a WebSocket; the mask is of zeros. */
function frame(opcode: number, payload: Buffer, { masked }: { masked: boolean }): Buffer {
  const { length } = payload;
  const marker = length < 126 ? length : length < 65_536 ? 126 : 127;
  const extended = Buffer.alloc(marker === 126 ? 2 : marker === 127 ? 8 : 0);
  if (marker === 126) extended.writeUInt16BE(length);
  if (marker === 127) extended.writeBigUInt64BE(BigInt(length));
  const head = Buffer.of(0x80 | opcode, (masked ? 0x80 : 0) | marker);
  return Buffer.concat([head, extended, Buffer.alloc(masked ? 4 : 0), payload]);
}

/** Reads a stream by lengths. */
function collect(stream: ClientHttp2Stream) {
  let bytes: Buffer = Buffer.alloc(0);
  stream.on("data", (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  return {
    async take(length: number): Promise<Buffer> {
      while (bytes.length < length) await once(stream, "data");
      const taken = bytes.subarray(0, length);
      bytes = bytes.subarray(length);
      return taken;
    },
  };
}
