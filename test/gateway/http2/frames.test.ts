import { constants } from "node:http2";
import { describe, expect, test } from "vitest";
import { ask } from "../support/http2-ask.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/http2-frames.ts";
import type { Frame } from "../support/http2-frames.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";

const { endStream, endHeaders } = flags;
const whole = endStream | endHeaders;

function requestFields(authority: string, path = "/"): [string, string][] {
  return [
    [":method", "GET"],
    [":scheme", "https"],
    [":authority", authority],
    [":path", path],
  ];
}

/** Resets and ends of connections; with a code, the first 32 bits of a reset and the second of an end. */
function codeOf({ type, payload }: Frame): number {
  return payload.readUInt32BE(type === frameTypes.goaway ? 4 : 0);
}

describe("a flood", () => {
  test("of requests that are reset at once ends its connection, and leaves nothing open", async () => {
    const preview = await startTlsPreview(() => {});
    const other = await connectHttp2(preview);
    const client = await connectFrames(preview.harness.port);
    const block = headerBlock(requestFields(preview.link.name));
    for (let id = 1; id < 12_000 && client.socket.writable; id += 2) {
      client.send(frameTypes.headers, whole, id, block);
      client.send(frameTypes.rstStream, 0, id, Buffer.of(0, 0, 0, constants.NGHTTP2_CANCEL));
      if (id % 200 === 1) await new Promise((resolve) => void setImmediate(resolve));
    }
    const end = await client.next(({ type }) => type === frameTypes.goaway);
    if (end !== undefined) expect(codeOf(end)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await client.next(() => false);
    await expect.poll(() => preview.upstream.open()).toBe(0);
    expect(preview.harness.gateway.readTraffic().clients).toBe(1);
    preview.upstream.script((peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    expect((await ask(other, {})).status).toBe(200);
  }, 30_000);

  test("of CONTINUATION frames without an end ends its connection", async () => {
    const preview = await startTlsPreview();
    const client = await connectFrames(preview.harness.port);
    client.send(frameTypes.headers, endStream, 1, headerBlock(requestFields(preview.link.name)));
    for (let count = 0; count < 2_000 && client.socket.writable; count++)
      client.send(frameTypes.continuation, 0, 1, headerBlock([[`x-${count}`, "v".repeat(1000)]]));
    await client.next(() => false);
    expect(preview.upstream.requests).toEqual([]);
    expect((await ask(await connectHttp2(preview), {})).status).toBe(200);
  });

  test("of streams beyond the limit is refused stream by stream", async () => {
    const preview = await startTlsPreview(() => {});
    const client = await connectFrames(preview.harness.port);
    const settings = await client.next(({ type, payload }) => type === frameTypes.settings && payload.length > 0);
    expect(settings).toBeDefined();
    const block = headerBlock(requestFields(preview.link.name));
    // once ours are acknowledged the limit holds
    client.send(frameTypes.settings, 1, 0);
    for (let id = 1; id <= 601; id += 2) client.send(frameTypes.headers, whole, id, block);
    const refused = await client.next(({ type }) => type === frameTypes.rstStream || type === frameTypes.goaway);
    expect(refused).toBeDefined();
    expect(preview.upstream.requests.length).toBeLessThanOrEqual(256);
  });

  test.each([
    ["PING", frameTypes.ping, Buffer.alloc(8)],
    ["SETTINGS", frameTypes.settings, Buffer.of(0, 4, 0, 0, 0xff, 0xff)],
  ])(
    "of %s whose answers are never read takes no memory to speak of",
    async (_name, type, payload) => {
      const preview = await startTlsPreview();
      const client = await connectFrames(preview.harness.port);
      client.socket.pause();
      const before = process.memoryUsage().rss;
      for (let count = 0; count < 200_000 && client.socket.writable; count++) {
        client.send(type, 0, 0, payload);
        if (count % 1_000 === 0) await new Promise((resolve) => void setImmediate(resolve));
      }
      expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(200);
      expect((await ask(await connectHttp2(preview), {})).status).toBe(200);
      client.socket.destroy();
    },
    30_000,
  );
});
