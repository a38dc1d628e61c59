import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { closing, requestTo } from "./support/fixture.ts";
import { dialLoopback, dialPlain, mintLink, startGateway } from "./support/harness.ts";
import type { Harness, MintedLink } from "./support/harness.ts";

const total = 200 * 1024 * 1024;
/** Client, gateway and app share this process, and so does what they have dropped and nobody has collected yet. */
const allowedGrowth = 144 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, "0123456789abcdef");

let highest = 0;
let watch: NodeJS.Timeout;

beforeEach(() => {
  const start = process.memoryUsage().rss;
  highest = 0;
  watch = setInterval(() => {
    highest = Math.max(highest, process.memoryUsage().rss - start);
  }, 20);
});
afterEach(() => clearInterval(watch));

function hashOf(count: number): string {
  const hash = createHash("sha256");
  for (let sent = 0; sent < count; sent += piece.length) hash.update(piece);
  return hash.digest("hex");
}

async function pump(write: (chunk: Buffer) => boolean, drained: () => Promise<unknown>): Promise<void> {
  for (let sent = 0; sent < total; sent += piece.length) if (!write(piece)) await drained();
}

/** An app that sends or takes the whole amount. */
async function startApp(): Promise<number> {
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing({
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
  return (server.address() as AddressInfo).port;
}

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method === "POST") {
    const hash = createHash("sha256");
    for await (const chunk of request) hash.update(chunk as Buffer);
    response.end(hash.digest("hex"));
    return;
  }
  if (request.url === "/length") response.setHeader("Content-Length", total);
  await pump(
    (chunk) => response.write(chunk),
    () => once(response, "drain"),
  );
  response.end();
}

async function open(harness: Harness): Promise<Socket> {
  const socket = connect(harness.port, "127.0.0.1");
  await once(socket, "connect");
  closing({ close: async () => void socket.destroy() });
  return socket;
}

async function download(harness: Harness, link: MintedLink, path: string): Promise<{ bytes: number; hash: string }> {
  const socket = await open(harness);
  socket.write(requestTo(link, path, "Connection: close"));
  const hash = createHash("sha256");
  let bytes = -1;
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    const body = bytes === -1 ? chunk.subarray(chunk.indexOf("\r\n\r\n") + 4) : chunk;
    bytes = Math.max(bytes, 0) + body.length;
    hash.update(body);
  }
  return { bytes, hash: hash.digest("hex") };
}

describe.each([
  ["the buffer passed on", dialLoopback],
  ["the buffer ignored", dialPlain],
])("200 MB, %s,", (_name, dial) => {
  test("down with a length arrive whole, in flat memory", async () => {
    const link = mintLink(await startApp());
    const harness = closing(await startGateway([link.route], { dial }));
    expect(await download(harness, link, "/length")).toEqual({ bytes: total, hash: hashOf(total) });
    expect(highest).toBeLessThan(allowedGrowth);
  }, 60_000);

  test("down in chunks arrive, in flat memory", async () => {
    const link = mintLink(await startApp());
    const harness = closing(await startGateway([link.route], { dial }));
    const { bytes } = await download(harness, link, "/chunks");
    expect(bytes).toBeGreaterThan(total);
    expect(bytes).toBeLessThan(total * 1.01);
    expect(highest).toBeLessThan(allowedGrowth);
  }, 60_000);

  test.each(["Content-Length", "Transfer-Encoding"])(
    "up with %s arrive whole, in flat memory",
    async (framing) => {
      const link = mintLink(await startApp());
      const harness = closing(await startGateway([link.route], { dial }));
      const socket = await open(harness);
      const chunked = framing === "Transfer-Encoding";
      socket.write(
        requestTo(
          link,
          "POST /",
          chunked ? "Transfer-Encoding: chunked" : `Content-Length: ${total}`,
          "Connection: close",
        ),
      );
      await pump(
        (chunk) => (chunked ? socket.write(Buffer.concat([sizeLine, chunk, lineEnd])) : socket.write(chunk)),
        () => once(socket, "drain"),
      );
      if (chunked) socket.write("0\r\n\r\n");
      let answer = "";
      for await (const part of socket as AsyncIterable<Buffer>) answer += part.toString("latin1");
      expect(answer).toContain(hashOf(total));
      expect(highest).toBeLessThan(allowedGrowth);
    },
    60_000,
  );
});

const sizeLine = Buffer.from(`${piece.length.toString(16)}\r\n`);
const lineEnd = Buffer.from("\r\n");
