import { createHash, randomBytes } from "node:crypto";
import { constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import { closing } from "../support/fixture.ts";
import { mintLink, startGateway } from "../support/harness.ts";
import { answerOf } from "../support/http2-ask.ts";
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

function switchProtocols(peer: UpstreamPeer, request: UpstreamRequest): void {
  const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  peer.write([...head, `Sec-WebSocket-Accept: ${accept(request)}`, "", ""].join("\r\n"));
}

/** Says back what it hears. */
async function echo(peer: UpstreamPeer, request: UpstreamRequest): Promise<void> {
  switchProtocols(peer, request);
  peer.socket.on("data", (chunk) => peer.socket.write(chunk));
  await once(peer.socket, "close");
}

describe("a WebSocket over HTTP/2", () => {
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
