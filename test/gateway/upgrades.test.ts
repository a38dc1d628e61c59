import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { closing, requestTo, startPreview } from "./support/fixture.ts";
import { domain, mintLink, startGateway } from "./support/harness.ts";
import type { MintedLink } from "./support/harness.ts";
import { ok } from "./support/scripted-upstream.ts";
import type { UpstreamPeer } from "./support/scripted-upstream.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";
const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
const switching = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;

function upgradeTo(link: MintedLink, ...lines: string[]): string {
  return requestTo(
    link,
    "/hmr?token=1",
    "Connection: keep-alive, Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${key}`,
    ...lines,
  );
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a WebSocket", () => {
  test("is joined to the app's, both ways and in any size", async () => {
    const app = createServer();
    const sockets = new WebSocketServer({ server: app, handleProtocols: () => "vite-hmr" });
    sockets.on("connection", (socket) =>
      socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
    );
    app.listen(0, "127.0.0.1");
    await once(app, "listening");
    closing({
      async close() {
        for (const socket of sockets.clients) socket.terminate();
        app.close();
        await once(app, "close");
      },
    });
    const link = mintLink((app.address() as AddressInfo).port);
    const harness = closing(await startGateway([link.route]));
    const socket = new WebSocket(`ws://127.0.0.1:${harness.port}/`, ["vite-hmr"], { headers: { Host: link.name } });
    await once(socket, "open");
    expect(socket.protocol).toBe("vite-hmr");
    for (const size of [0, 1, 125, 126, 65_535, 65_536, 3_000_000]) {
      const message = Buffer.alloc(size, size & 255);
      socket.send(message);
      const [echo] = await once(socket, "message");
      expect(message.equals(echo as Buffer)).toBe(true);
    }
    socket.close(4001, "bye");
    expect((await once(socket, "close"))[0]).toBe(4001);
    await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  });

  test("asks the app with a clean head and Host, Origin of its own mapped, a foreign one kept", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(switching));
    const own = `http://${link.name}:${harness.port}`;
    for (const origin of [own, "https://evil.test"]) {
      const client = await harness.connect();
      client.write(
        upgradeTo(link, `Origin: ${origin}`, "X-Forwarded-For: 6.6.6.6", "Sec-WebSocket-Protocol: vite-hmr"),
      );
      const head = await client.head();
      expect([head.status, head.header("upgrade"), head.header("connection")]).toEqual([101, "websocket", "Upgrade"]);
      expect(head.header("sec-websocket-accept")).toBe(accept);
      client.close();
    }
    const [first, second] = upstream.requests;
    expect(first!.line).toBe("GET /hmr?token=1 HTTP/1.1");
    expect(first!.header("host")).toBe(`localhost:${upstream.port}`);
    expect(first!.header("origin")).toBe(`http://localhost:${upstream.port}`);
    expect(second!.header("origin")).toBe("https://evil.test");
    expect(first!.headerAll("connection")).toEqual(["Upgrade"]);
    expect(first!.headerAll("upgrade")).toEqual(["websocket"]);
    expect(first!.header("x-forwarded-for")).toBeUndefined();
    expect(first!.header("sec-websocket-protocol")).toBe("vite-hmr");
  });

  test("may speak with its head, from either side", async () => {
    const { link, harness } = await startPreview(async (peer) => {
      peer.write(`${switching}app first `);
      peer.write(`heard ${await peer.take(12)}`);
    });
    const client = await harness.connect();
    client.write(`${upgradeTo(link)}client first`);
    expect((await client.head()).status).toBe(101);
    expect(await client.take(28)).toBe("app first heard client first");
  });

  test("relays both ways at the pace of a slow client", async () => {
    let written = 0;
    const { link, harness } = await startPreview(async (peer) => {
      peer.write(switching);
      for (;;) {
        written += 65_536;
        if (!peer.socket.write(Buffer.alloc(65_536))) await once(peer.socket, "drain");
      }
    });
    const client = await harness.connect();
    client.write(upgradeTo(link));
    await client.head();
    client.socket.pause();
    let before = -1;
    const stalled = () => {
      const now = before === written;
      before = written;
      return now;
    };
    await expect.poll(stalled, { interval: 300, timeout: 10_000 }).toBe(true);
    expect(written).toBeLessThan(32 * 1024 * 1024);
    const stalledAt = written;
    client.socket.resume();
    await expect.poll(() => written).toBeGreaterThan(stalledAt);
  });

  test("ends on both sides when the client ends it", async () => {
    const { upstream, link, harness } = await startPreview(async (peer) => {
      peer.write(switching);
      peer.write(`got ${await peer.rest()}`);
      peer.end();
    });
    const client = await harness.connect();
    client.write(upgradeTo(link));
    await client.head();
    client.socket.end("last words");
    expect(await client.rest()).toBe("got last words");
    await expect.poll(() => upstream.open() + harness.gateway.openSockets()).toBe(0);
  });

  test.each(["end", "reset"])("ends on both sides when the app ends it (%s)", async (how) => {
    const { link, harness } = await startPreview(async (peer) => {
      peer.write(`${switching}bye`);
      await peer.take(2);
      if (how === "end") peer.end();
      else peer.socket.resetAndDestroy();
    });
    const client = await harness.connect();
    client.write(upgradeTo(link));
    await client.until("bye");
    client.write("go");
    await client.ended();
    client.close();
    await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  });

  test.each([
    ["a client's reset", (client: { socket: { resetAndDestroy(): void } }) => client.socket.resetAndDestroy()],
    ["a client's close", (client: { close(): void }) => client.close()],
  ])("ends the app's side after %s", async (_what, leave) => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(switching));
    const client = await harness.connect();
    client.write(upgradeTo(link));
    await client.head();
    leave(client);
    await expect.poll(() => upstream.open() + harness.gateway.openSockets()).toBe(0);
  });
});

describe("a handshake that the app refuses", () => {
  test.each([
    ["with a length", "HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\nSet-Cookie: a=b; Domain=localhost\r\n\r\ndenied"],
    ["in chunks", "HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n6\r\ndenied\r\n0\r\n\r\n"],
    ["up to its close", "HTTP/1.1 403 Forbidden\r\n\r\ndenied"],
  ])("is passed on with its body (%s), and the connection closed", async (what, answer) => {
    const { upstream, link, harness } = await startPreview((peer) => {
      peer.write(answer);
      if (what === "up to its close") peer.end();
    });
    const client = await harness.connect();
    client.write(upgradeTo(link));
    const response = await client.response();
    expect([response.status, response.body, response.header("connection")]).toEqual([403, "denied", "close"]);
    expect(response.header("set-cookie")).toBe(what === "with a length" ? "a=b" : undefined);
    await client.ended();
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("in chunks is passed on without them to an HTTP/1.0 client", async () => {
    const { link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n6\r\ndenied\r\n0\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(upgradeTo(link).replace("HTTP/1.1", "HTTP/1.0"));
    const response = await client.response();
    expect([response.status, response.body, response.header("trailer")]).toEqual([403, "denied", undefined]);
  });

  test("with a large body is passed on whole", async () => {
    const body = "x".repeat(5_000_000);
    const { link, harness } = await startPreview((peer) =>
      peer.write(`HTTP/1.1 403 Forbidden\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    );
    const client = await harness.connect();
    client.write(upgradeTo(link));
    expect((await client.response()).body === body).toBe(true);
  });

  test.each([
    ["bare words", (peer: UpstreamPeer) => peer.end("Unauthorized")],
    ["words that look like a start", (peer: UpstreamPeer) => peer.end("HTTP/1.1 40")],
    ["nothing", (peer: UpstreamPeer) => peer.end()],
    ["a reset", (peer: UpstreamPeer) => peer.socket.resetAndDestroy()],
    ["nonsense", (peer: UpstreamPeer) => peer.write("nonsense\r\n\r\n")],
  ])("with %s instead of HTTP is a 502, and closed", async (_what, refuse) => {
    const { link, harness } = await startPreview((peer) => refuse(peer));
    const client = await harness.connect();
    client.write(upgradeTo(link));
    const response = await client.response();
    expect([response.status, response.header("x-preview-status")]).toEqual([502, "unreachable"]);
    await client.ended();
    client.close();
    await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  });

  test("by silence is a 502 after 30 s", async () => {
    const { upstream, link, harness } = await startPreview(() => new Promise(() => {}));
    const client = await harness.connect();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    client.write(upgradeTo(link));
    while (upstream.requests.length === 0) await new Promise(setImmediate);
    vi.advanceTimersByTime(29_000);
    expect(client.waiting()).toBe("");
    vi.advanceTimersByTime(1_500);
    vi.useRealTimers();
    expect((await client.head()).status).toBe(502);
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("for want of an app is a 502", async () => {
    const { upstream, link, harness } = await startPreview();
    await upstream.close();
    const client = await harness.connect();
    client.write(upgradeTo(link));
    expect((await client.head()).status).toBe(502);
    await client.ended();
  });
});

describe("a client that leaves", () => {
  const stuck: [string, (peer: UpstreamPeer) => unknown][] = [
    ["before the app answered the handshake", () => new Promise(() => {})],
    ["in the middle of a refusal", (peer) => peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 500\r\n\r\npart")],
    ["in the middle of a refusal without end", (peer) => peer.write("HTTP/1.1 403 Forbidden\r\n\r\npart")],
  ];
  for (const how of ["end", "close", "reset"] as const) {
    test.each(stuck)(`%s ends the app's side too (${how})`, async (_when, answer) => {
      const { upstream, link, harness } = await startPreview(answer);
      const client = await harness.connect();
      client.write(upgradeTo(link));
      await expect.poll(() => upstream.requests.length).toBe(1);
      if (answer !== stuck[0]![1]) await client.until("part");
      if (how === "end") client.socket.end();
      else if (how === "close") client.close();
      else client.socket.resetAndDestroy();
      await expect.poll(() => upstream.open() + harness.gateway.openSockets()).toBe(0);
    });
  }
});

test("what a client says before the app agreed to listen is kept for it", async () => {
  let agree = () => {};
  const { link, harness, upstream } = await startPreview(async (peer) => {
    await new Promise<void>((resolve) => {
      agree = resolve;
    });
    peer.write(switching);
    peer.write(`heard ${(await peer.take(300_006)).slice(0, 6)}`);
  });
  const client = await harness.connect();
  client.write(`${upgradeTo(link)}one `);
  await expect.poll(() => upstream.requests.length).toBe(1);
  client.write("two");
  client.write("x".repeat(300_000));
  await new Promise((resolve) => setTimeout(resolve, 100));
  agree();
  expect((await client.head()).status).toBe(101);
  expect(await client.until("heard one tw")).toBe("heard one tw");
});

describe("a handshake that the gateway refuses", () => {
  test("for a dead link or a strange host says so and closes", async () => {
    const { upstream, harness, link } = await startPreview();
    const dead = mintLink(upstream.port);
    for (const [name, status] of [
      [dead.name, 410],
      [`x.${domain}`, 404],
    ] as const) {
      const client = await harness.connect();
      client.write(upgradeTo({ ...link, name }));
      expect((await client.head()).status).toBe(status);
      await client.ended();
    }
    expect(upstream.connections()).toBe(0);
  });

  test.each([["Content-Length: 5"], ["Transfer-Encoding: chunked"]])(
    "for its body (%s) reaches no app",
    async (line) => {
      const { upstream, link, harness } = await startPreview();
      const client = await harness.connect();
      client.write(`${upgradeTo(link, line)}5\r\nhello\r\n0\r\n\r\n`);
      expect((await client.head()).status).toBe(400);
      await client.ended();
      expect(upstream.connections()).toBe(0);
    },
  );
});

describe("an upgrade to something else than WebSocket", () => {
  test("is not offered to the app, which answers as if it had not been asked", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(ok("plain")));
    const client = await harness.connect();
    client.write(
      requestTo(
        link,
        "/",
        "Connection: Upgrade, HTTP2-Settings",
        "Upgrade: h2c",
        "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
      ),
    );
    expect((await client.response()).body).toBe("plain");
    for (const name of ["upgrade", "connection", "http2-settings"])
      expect(upstream.requests[0]!.header(name)).toBeUndefined();
  });

  test("that the app takes up unasked is a 502", async () => {
    const { link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(requestTo(link, "/", "Connection: Upgrade", "Upgrade: h2c"));
    expect((await client.head()).status).toBe(502);
  });
});
