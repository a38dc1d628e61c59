import { constants } from "node:http2";
import { describe, expect, test } from "vitest";
import { ask } from "../support/http2-ask.ts";
import { connectFrames, flags, frameTypes, headerBlock } from "../support/http2-frames.ts";
import type { Frame } from "../support/http2-frames.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";

const { endStream, endHeaders } = flags;
const whole = endStream | endHeaders;

type Fields = readonly (readonly [string, string])[];

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

const refusal = ({ type, stream }: Frame) =>
  (type === frameTypes.rstStream && stream === 1) || (type === frameTypes.goaway && stream === 0);

describe("a head that RFC 9113 forbids never reaches the app", () => {
  const changed: readonly (readonly [string, (fields: [string, string][]) => Fields])[] = [
    ["connection", (fields) => [...fields, ["connection", "close"]]],
    ["keep-alive", (fields) => [...fields, ["keep-alive", "timeout=5"]]],
    ["proxy-connection", (fields) => [...fields, ["proxy-connection", "close"]]],
    ["transfer-encoding", (fields) => [...fields, ["transfer-encoding", "chunked"]]],
    ["upgrade", (fields) => [...fields, ["upgrade", "h2c"]]],
    ["te other than trailers", (fields) => [...fields, ["te", "gzip"]]],
    ["upper case", (fields) => [...fields, ["X-Upper", "1"]]],
    ["a pseudo-header behind others", (fields) => [["accept", "*/*"], ...fields]],
    ["an unknown pseudo-header", (fields) => [...fields, [":unknown", "1"]]],
    ["a pseudo-header of answers", (fields) => [...fields, [":status", "200"]]],
    ["two methods", (fields) => [[":method", "POST"], ...fields]],
    ["two paths", (fields) => [[":path", "/two"], ...fields]],
    ["two authorities", (fields) => [[":authority", "evil.example"], ...fields]],
    ["no method", (fields) => fields.slice(1)],
    ["no path", (fields) => fields.slice(0, 3)],
    ["an empty path", (fields) => [...fields.slice(0, 3), [":path", ""]]],
    ["a path that is none", (fields) => [...fields.slice(0, 3), [":path", "evil"]]],
    ["a path with a line break", (fields) => [...fields.slice(0, 3), [":path", "/a\r\nX: 1"]]],
    ["a path with a blank", (fields) => [...fields.slice(0, 3), [":path", "/a HTTP/1.1"]]],
    ["a method with a blank", (fields) => [[":method", "GET /evil"], ...fields.slice(1)]],
    ["no scheme", (fields) => fields.filter(([name]) => name !== ":scheme")],
    ["two lengths that differ", (fields) => [...fields, ["content-length", "1"], ["content-length", "2"]]],
    ["a length that is none", (fields) => [...fields, ["content-length", "-1"]]],
    ["a length without a body", (fields) => [...fields, ["content-length", "5"]]],
    ["a protocol of a GET", (fields) => [[":protocol", "websocket"], ...fields]],
  ];
  test.each(changed)("%s", async (_what, change) => {
    const preview = await startTlsPreview();
    const client = await connectFrames(preview.harness.port);
    const fields = change(requestFields(preview.link.name));
    client.send(frameTypes.headers, whole, 1, headerBlock(fields));
    const refused = await client.next(
      (frame) => refusal(frame) || (frame.type === frameTypes.headers && frame.stream === 1),
    );
    expect(refused).toBeDefined();
    // refused as a frame, or answered by us: the app has heard nothing either way
    expect(preview.upstream.requests).toEqual([]);
    client.socket.destroy();
    expect((await ask(await connectHttp2(preview), {})).status).toBe(200);
  });

  test.each([
    ["a value with a line break", "x-a", "1\r\nX-Smuggled: 1"],
    ["a value with NUL", "x-a", "1\0"],
    ["a name with a colon", "x-a: 1\r\nx-smuggled", "1"],
    ["a name with a blank", "x a", "1"],
  ])("%s", async (_what, name, value) => {
    const preview = await startTlsPreview();
    const client = await connectFrames(preview.harness.port);
    const fields = [...requestFields(preview.link.name), [name, value]] as const;
    client.send(frameTypes.headers, whole, 1, headerBlock(fields));
    await client.next((frame) => frame.stream === 1 || refusal(frame));
    for (const { text } of preview.upstream.requests) expect(text.toLowerCase()).not.toMatch(/smuggled|x-a|x a|\0/);
  });

  test("and the same without it does", async () => {
    const preview = await startTlsPreview();
    const client = await connectFrames(preview.harness.port);
    client.send(frameTypes.headers, whole, 1, headerBlock([...requestFields(preview.link.name), ["te", "trailers"]]));
    await client.next(({ type, stream }) => type === frameTypes.data && stream === 1);
    expect(preview.upstream.requests).toHaveLength(1);
  });
});

describe("a body that breaks its framing", () => {
  test("by a reset behind a part of it is broken off at the app, not ended", async () => {
    const seen: string[] = [];
    const preview = await startTlsPreview(async (peer) => {
      seen.push(await peer.until("hello\r\n"));
      seen.push(await peer.rest());
    });
    const client = await connectFrames(preview.harness.port);
    const fields = [[":method", "POST"] as const, ...requestFields(preview.link.name).slice(1)];
    client.send(frameTypes.headers, endHeaders, 1, headerBlock(fields));
    client.send(frameTypes.data, 0, 1, Buffer.from("hello"));
    await expect.poll(() => seen.length).toBe(1);
    client.send(frameTypes.rstStream, 0, 1, Buffer.of(0, 0, 0, constants.NGHTTP2_CANCEL));
    await expect.poll(() => seen).toEqual(["5\r\nhello\r\n", ""]);
  });

  test("by ending the connection is broken off at the app as well", async () => {
    const seen: string[] = [];
    const preview = await startTlsPreview(async (peer) => {
      seen.push(await peer.until("hello\r\n"));
      seen.push(await peer.rest());
    });
    const client = await connectFrames(preview.harness.port);
    const fields = [[":method", "POST"] as const, ...requestFields(preview.link.name).slice(1)];
    client.send(frameTypes.headers, endHeaders, 1, headerBlock(fields));
    client.send(frameTypes.data, 0, 1, Buffer.from("hello"));
    await expect.poll(() => seen.length).toBe(1);
    client.socket.end();
    await expect.poll(() => seen).toEqual(["5\r\nhello\r\n", ""]);
  });
});

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
