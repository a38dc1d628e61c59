import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { constants, createInflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";
import type { InflateRaw } from "node:zlib";
import { describe, expect, test } from "vitest";
import { WebSocketServer } from "ws";
import type { ByteReader } from "./support/byte-reader.ts";
import { closing } from "./support/fixture.ts";
import { mintLink, startGateway } from "./support/harness.ts";
import { watchTimers } from "./support/open-timers.ts";
import { fronts, join } from "./support/tunnel.ts";
import type { Front, Joined } from "./support/tunnel.ts";
import { opcodes, printClose, printFrame, readFrame } from "./support/web-socket-frames.ts";
import type { WebSocketFrame } from "./support/web-socket-frames.ts";

const { continuation, text, binary, close, ping, pong } = opcodes;
const words = (...payloads: string[]): Buffer[] => payloads.map((payload) => Buffer.from(payload));

function frame(opcode: number, payload: Buffer | string = "", rest: Partial<WebSocketFrame> = {}): WebSocketFrame {
  return { opcode, payload: Buffer.from(payload), ...rest };
}

/** A message in pieces, with these frames after its first piece. */
function fragmented(opcode: number, pieces: readonly Buffer[], ...between: WebSocketFrame[]): WebSocketFrame[] {
  const frames = pieces.map((payload, at) =>
    frame(at === 0 ? opcode : continuation, payload, { fin: at === pieces.length - 1 }),
  );
  return [...frames.slice(0, 1), ...between, ...frames.slice(1)];
}

const lengths = [0, 1, 125, 126, 127, 128, 65_535, 65_536];
const closeCodes = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999];
/** What no endpoint may send; whether it is refused is between the two ends. */
const forbiddenCodes = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535];

/** By the categories of the Autobahn test suite. */
const cases: readonly (readonly [what: string, frames: readonly WebSocketFrame[]])[] = [
  ...lengths.map((length) => [`1.1 text of ${length} bytes`, [frame(text, "*".repeat(length))]] as const),
  ...lengths.map((length) => [`1.2 binary of ${length} bytes`, [frame(binary, randomBytes(length))]] as const),
  ["2.1 ping without payload", [frame(ping)]],
  ["2.3 ping with bytes that are no text", [frame(ping, Buffer.from([0, 255, 254, 253, 252, 251, 0, 255]))]],
  ["2.4 ping of 125 bytes", [frame(ping, Buffer.alloc(125, 254))]],
  ["2.5 ping of 126 bytes, which is too long", [frame(ping, Buffer.alloc(126, 254))]],
  ["2.7 pong that nobody asked for", [frame(pong)]],
  ["2.9 pong that nobody asked for, then a ping", [frame(pong, "unasked"), frame(ping, "asked")]],
  ["2.10 ten pings", Array.from({ length: 10 }, (_, at) => frame(ping, `payload-${at}`))],
  ...[1, 2, 3, 4, 5, 6, 7].map(
    (reserved) =>
      [
        `3.${reserved} reserved bits ${reserved}`,
        [frame(text, "x", { reserved }), frame(ping, "", { reserved })],
      ] as const,
  ),
  ...[3, 4, 5, 6, 7].map((opcode) => [`4.1 reserved data opcode ${opcode}`, [frame(opcode, "x")]] as const),
  ...[11, 12, 13, 14, 15].map((opcode) => [`4.2 reserved control opcode ${opcode}`, [frame(opcode, "x")]] as const),
  ["5.1 ping in two fragments, which is none", fragmented(ping, words("a", "b"))],
  ["5.3 text in two fragments", fragmented(text, words("fragment1", "fragment2"))],
  ["5.6 ping between two fragments", fragmented(text, words("a", "b"), frame(ping, "now"))],
  [
    "5.8 pong and pings between fragments",
    fragmented(binary, words("a", "b", "c"), frame(pong), frame(ping), frame(ping)),
  ],
  ["5.9 continuation of nothing", [frame(continuation, "stray"), frame(text, "next")]],
  [
    "5.15 fragment of nothing in between",
    [...fragmented(text, words("a", "b")), frame(continuation, "", { fin: false })],
  ],
  ["5.18 a second beginning before the end", [frame(text, "one", { fin: false }), frame(text, "two")]],
  ["5.19 a thousand fragments of one byte", fragmented(text, inPieces(Buffer.alloc(1000, 120), 1))],
  ["5.20 fragments of no bytes", fragmented(text, words("", "", ""))],
  ["6.2 text cut within a character", fragmented(text, [Buffer.from([0xce]), Buffer.from([0xba])])],
  ["6.3 text that is no UTF-8", [frame(text, Buffer.from("cebae1bdb9cf83ceb5eda080656469746564", "hex"))]],
  ["7.1 close, then more, which nobody may read", [frame(close, printClose(1000)), frame(text, "late"), frame(ping)]],
  ["7.3.1 close without a code", [frame(close)]],
  ["7.3.2 close with half a code", [frame(close, Buffer.from([3]))]],
  ["7.3.5 close with the longest reason", [frame(close, printClose(1000, "*".repeat(123)))]],
  ["7.3.6 close with a reason too long", [frame(close, printClose(1000, "*".repeat(124)))]],
  ["7.5 close with a reason that is no UTF-8", [frame(close, Buffer.from("03e8cebae1eda080", "hex"))]],
  ...closeCodes.map((code) => [`7.7 close ${code}`, [frame(close, printClose(code, "für dich"))]] as const),
  ...forbiddenCodes.map(
    (code) => [`7.9 close ${code}, which is not to be sent`, [frame(close, printClose(code))]] as const,
  ),
  ["10.1 a message of 64 KB in frames of 1,300 bytes", fragmented(text, inPieces(randomBytes(65_536), 1_300))],
];

function inPieces(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size));
}

type Side = ByteReader & { write(bytes: Buffer): void };

/** Says `bytes` on one side and holds what the other hears against them. */
async function passes(from: Side, to: Side, bytes: Buffer): Promise<void> {
  from.write(bytes);
  expect((await to.take(bytes.length)) === bytes.toString("latin1")).toBe(true);
}

async function passesByteByByte(from: Side, to: Side, bytes: Buffer): Promise<void> {
  for (const byte of bytes) {
    from.write(Buffer.from([byte]));
    await nextTurn();
  }
  expect((await to.take(bytes.length)) === bytes.toString("latin1")).toBe(true);
}

/** As the client and as the app would send it. */
function printed(frames: readonly WebSocketFrame[]): { ofClient: Buffer; ofApp: Buffer } {
  return {
    ofClient: Buffer.concat(frames.map((each) => printFrame(each, randomBytes(4)))),
    ofApp: Buffer.concat(frames.map((each) => printFrame(each))),
  };
}

async function leavesNothing({ client, harness, upstream }: Joined): Promise<void> {
  client.reset();
  await expect.poll(() => upstream.open() + harness.gateway.readTraffic().upstreams).toBe(0);
}

describe.each(fronts)("frames over $name", (front) => {
  test("of each category reach the other side as they are, both ways, whole and byte by byte", async () => {
    const joined = await join(front);
    const { client, app } = joined;
    for (const [what, frames] of cases) {
      const { ofClient, ofApp } = printed(frames);
      try {
        await Promise.all([passes(client, app, ofClient), passes(app, client, ofApp)]);
        if (ofClient.length > 200) continue;
        await Promise.all([passesByteByByte(client, app, ofClient), passesByteByByte(app, client, ofApp)]);
      } catch (cause) {
        throw new Error(`case ${what}`, { cause });
      }
    }
    expect(client.waiting() + app.waiting()).toBe("");
    await leavesNothing(joined);
  });

  test.each([
    ["one frame", 1],
    ["64 frames", 64],
  ])("of a message of 16 MB in %s pass both ways at once (9.1)", async (_what, count) => {
    const joined = await join(front);
    const { client, app } = joined;
    const message = randomBytes(16 * 1024 * 1024);
    const { ofClient, ofApp } = printed(fragmented(binary, inPieces(message, message.length / count)));
    await Promise.all([passes(client, app, ofClient), passes(app, client, ofApp)]);
    await leavesNothing(joined);
  });

  test("keep their order among thousands of small ones, both ways at once (9.7)", async () => {
    const joined = await join(front);
    const { client, app } = joined;
    const all = printed(Array.from({ length: 5_000 }, (_, at) => frame(text, `message ${at}`)));
    await Promise.all([passes(client, app, all.ofClient), passes(app, client, all.ofApp)]);
    await leavesNothing(joined);
  });

  test("may come with the request and with the app's answer", async () => {
    const { ofClient, ofApp } = printed([frame(text, "hello"), frame(ping, "?")]);
    const joined = await join(front, { early: ofClient.toString("latin1"), first: ofApp.toString("latin1") });
    expect(await joined.app.take(ofClient.length)).toBe(ofClient.toString("latin1"));
    expect(await joined.client.take(ofApp.length)).toBe(ofApp.toString("latin1"));
    await leavesNothing(joined);
  });

  test("are not taken for a body, whatever the app's switch says of a length or of chunks", async () => {
    for (const line of ["Content-Length: 0", "Content-Length: 4", "Transfer-Encoding: chunked"]) {
      const joined = await join(front, { lines: [line] });
      const { ofClient, ofApp } = printed([frame(text, "0\r\n\r\n"), frame(binary, randomBytes(300))]);
      await Promise.all([passes(joined.client, joined.app, ofClient), passes(joined.app, joined.client, ofApp)]);
      await leavesNothing(joined);
    }
  });

  test("of the app's farewell come after the client ended its side, and no timer waits for more", async () => {
    const timers = watchTimers("/src/gateway/");
    const { client, app, harness, upstream } = await join(front);
    const timersBefore = timers.count();
    const { ofClient, ofApp } = printed([frame(close, printClose(4001, "gone"))]);
    client.write(ofClient);
    client.end();
    expect(await app.rest()).toBe(ofClient.toString("latin1"));
    app.write(ofApp);
    app.end();
    expect(await client.rest()).toBe(ofApp.toString("latin1"));
    await expect.poll(() => upstream.open() + harness.gateway.readTraffic().upstreams).toBe(0);
    await expect.poll(() => timers.count(), { timeout: 5_000 }).toBeLessThanOrEqual(timersBefore);
    timers.stop();
  });

  test("of the app's farewell all come when it ends its side with them", async () => {
    const { client, app, harness } = await join(front);
    const { ofApp } = printed([frame(binary, randomBytes(3_000_000)), frame(close, printClose(1001, "restart"))]);
    app.write(ofApp);
    app.end();
    expect((await client.rest()) === ofApp.toString("latin1")).toBe(true);
    client.end();
    await expect.poll(() => harness.gateway.readTraffic().upstreams).toBe(0);
  });

  test.each(["the client", "the app"])("cut within by a reset of %s leave nothing open", async (who) => {
    const { client, app, harness, upstream } = await join(front);
    const { ofClient, ofApp } = printed([frame(text, "only half of it")]);
    await Promise.all([passes(client, app, ofClient.subarray(0, 9)), passes(app, client, ofApp.subarray(0, 5))]);
    if (who === "the client") client.reset();
    else app.socket.resetAndDestroy();
    await Promise.all([client.ended(), app.ended()]);
    client.reset();
    await expect.poll(() => upstream.open() + harness.gateway.readTraffic().upstreams).toBe(0);
  });

  test.each(["permessage-deflate; client_max_window_bits", "permessage-deflate; server_no_context_takeover"])(
    "are compressed as the two ends agree (%s): what the client deflates the app understands, and the reverse (12, 13)",
    async (offer) => {
      const { link, harness } = await startEcho(front);
      const client = await front.open({ link, harness }, { extensions: offer });
      expect(client.extensions).toContain("permessage-deflate");
      const keepsWindow = !offer.includes("server_no_context_takeover");
      const inflate = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
      for (const length of [16, 64, 256, 1_024, 32_768, 131_072, 1_000_000]) {
        const message = Buffer.from(`${randomBytes(4).toString("hex")} `.repeat(length).slice(0, length));
        const payload = deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
        client.write(printFrame(frame(text, payload, { reserved: 4 }), randomBytes(4)));
        const echo = await readFrame(client);
        expect([echo.opcode, echo.reserved, echo.fin]).toEqual([text, 4, true]);
        expect(echo.payload.length).toBeLessThan(length + 16);
        const deflated = Buffer.concat([echo.payload, Buffer.from([0, 0, 0xff, 0xff])]);
        const back = keepsWindow ? await inflated(inflate, deflated, length) : inflateSynced(deflated);
        expect(back.equals(message)).toBe(true);
      }
      client.write(printFrame(frame(close, printClose(4321, "enough")), randomBytes(4)));
      expect((await readFrame(client)).payload).toEqual(printClose(4321, "enough"));
      await client.ended();
    },
  );
});

/** An app with the `ws` package that says back, compressed where that was agreed, what it hears. */
async function startEcho(front: Front): Promise<Pick<Joined, "link" | "harness">> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: { threshold: 0 } });
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
  const link = mintLink((server.address() as AddressInfo).port);
  return { link, harness: closing(await startGateway([link.route], front.gateway)) };
}

function inflateSynced(bytes: Buffer): Buffer {
  return inflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH });
}

/** The next message of a stream whose window goes on from one to the next. */
async function inflated(inflate: InflateRaw, bytes: Buffer, length: number): Promise<Buffer> {
  inflate.write(bytes);
  const parts: Buffer[] = [];
  for (let have = 0; have < length;) {
    const part = (inflate.read() as Buffer | null) ?? undefined;
    if (part === undefined) await once(inflate, "readable");
    else {
      parts.push(part);
      have += part.length;
    }
  }
  return Buffer.concat(parts);
}
