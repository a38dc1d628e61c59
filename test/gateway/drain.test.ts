import { describe, expect, test } from "vitest";
import { requestTo, startPreview } from "./support/fixture.ts";
import type { Preview } from "./support/fixture.ts";
import { connectRaw } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";
import type { UpstreamPeer } from "./support/scripted-upstream.ts";
import { fronts, join } from "./support/tunnel.ts";
import type { Front, Joined } from "./support/tunnel.ts";
import { opcodes, printClose, printFrame, readFrame } from "./support/web-socket-frames.ts";
import { ways } from "./support/ways.ts";
import type { Way } from "./support/ways.ts";

/** Is not reached in a test that passes. */
const farMs = 30_000;
const nearMs = 300;
/** In a drain that has nothing to wait for. */
const atOnceMs = 900;

interface Held extends Preview {
  /** What the app was asked for, as far as it left the answer to the test. */
  readonly app: UpstreamPeer[];
}

/** An app that answers `/` at once, and leaves everything else to the test. */
async function startHeld(way: Pick<Way, "gateway">): Promise<Held> {
  const app: UpstreamPeer[] = [];
  const preview = await startPreview(
    (peer, { line }) => {
      if (line === "GET / HTTP/1.1") return peer.write(ok());
      app.push(peer);
      return undefined;
    },
    { gateway: way.gateway },
  );
  return { ...preview, app };
}

async function asked({ app }: Held, count = 1): Promise<UpstreamPeer> {
  await expect.poll(() => app.length).toBe(count);
  return app[count - 1]!;
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work;
  return performance.now() - startedAt;
}

async function nothingIsLeft({ harness, upstream }: Preview): Promise<void> {
  await expect.poll(() => harness.gateway.readTraffic().clients).toBe(0);
  await harness.gateway.close();
  await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  await expect.poll(() => upstream.open()).toBe(0);
}

describe.each(ways)("a gateway that drains, over $name", (way) => {
  test("ends connections on which nothing is under way at once, and accepts no others", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    expect(await connection.ask("/").status()).toBe(200);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    await connection.ended();
    connection.leave();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
    await expect(connectRaw(preview.harness.port)).rejects.toThrow("ECONNREFUSED");
    await nothingIsLeft(preview);
  });

  test("lets a request come to its answer, which is told to be the last", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    const request = connection.ask("/slow");
    const peer = await asked(preview);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    await expect(connectRaw(preview.harness.port)).rejects.toThrow("ECONNREFUSED");
    expect(preview.harness.gateway.ready()).toBe(false);
    peer.write(ok("done"));
    expect(await request.status()).toBe(200);
    expect(await request.whole()).toBe(true);
    expect(await connection.ended()).toBe(true);
    connection.leave();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
    await nothingIsLeft(preview);
  });

  test("lets events go on, and ends the connection behind them", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    const request = connection.ask("/events");
    const peer = await asked(preview);
    peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    expect(await request.status()).toBe(200);
    await request.until("first");
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    await expect(connectRaw(preview.harness.port)).rejects.toThrow("ECONNREFUSED");
    peer.write("6\r\nsecond\r\n");
    await request.until("second");
    peer.write("0\r\n\r\n");
    expect(await request.whole()).toBe(true);
    await connection.ended();
    connection.leave();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
    await nothingIsLeft(preview);
  });

  test("answers a request that was on its way", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    const request = connection.ask("/");
    expect(await request.status()).toBe(200);
    expect(await request.whole()).toBe(true);
    expect(await connection.ended()).toBe(true);
    connection.leave();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
  });

  test("does not wait for connections that never ask", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    const startedAt = performance.now();
    await preview.harness.gateway.drain({ deadlineMs: farMs });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    await connection.ended();
  });

  test("answers 503 at the deadline where no answer came, and breaks off those that began", async () => {
    const preview = await startHeld(way);
    const [waiting, begun] = [await way.connect(preview), await way.connect(preview)];
    const requests = [waiting.ask("/hang"), begun.ask("/part")];
    await asked(preview, 2);
    const part = preview.upstream.requests.findIndex(({ line }) => line.includes("/part"));
    preview.app[part]!.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart");
    await requests[1]!.until("part");
    const took = await timed(preview.harness.gateway.drain({ deadlineMs: nearMs }));
    expect(took).toBeGreaterThanOrEqual(nearMs - 5);
    expect(took).toBeLessThan(nearMs + 3_000);
    expect(await requests[0]!.status()).toBe(503);
    expect(await requests[1]!.whole()).toBe(false);
    await Promise.all([waiting.ended(), begun.ended()]);
    await nothingIsLeft(preview);
  });

  test("is cut short by a close", async () => {
    const preview = await startHeld(way);
    const connection = await way.connect(preview);
    connection.ask("/hang");
    await asked(preview);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    await preview.harness.gateway.close();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
    await connection.ended();
    await nothingIsLeft(preview);
  });
});

/** Bytes of a frame from the app. */
function frame(payload: Buffer | string, opcode: number = opcodes.text): Buffer {
  return printFrame({ opcode, payload: Buffer.from(payload) });
}

const goingAway = { opcode: opcodes.close, payload: printClose(1001), fin: true, reserved: 0 };

async function joined(front: Front, first: Buffer): Promise<Joined> {
  const parts = await join(front, { first: "" });
  parts.app.write(first);
  return parts;
}

async function theAppIsLeft({ upstream }: Joined): Promise<void> {
  await expect.poll(() => upstream.open()).toBe(0);
}

describe.each(fronts)("a WebSocket of a gateway that drains, over $name", (front) => {
  test("goes on until the deadline, and is closed with 1001 between two frames", async () => {
    const parts = await joined(front, frame("before"));
    expect((await readFrame(parts.client)).payload.toString()).toBe("before");
    const drained = parts.harness.gateway.drain({ deadlineMs: nearMs });
    parts.client.write(printFrame({ opcode: opcodes.text, payload: Buffer.from("still") }));
    await parts.app.until("still");
    parts.app.write(frame("there"));
    expect((await readFrame(parts.client)).payload.toString()).toBe("there");
    expect(await readFrame(parts.client)).toEqual(goingAway);
    await parts.client.ended();
    parts.client.end();
    await drained;
    await theAppIsLeft(parts);
  });

  test("gets the end of the frame in flight first, and nothing behind it", async () => {
    const parts = await joined(front, frame("x".repeat(70_000)).subarray(0, 100));
    await parts.client.take(100);
    const drained = parts.harness.gateway.drain({ deadlineMs: nearMs });
    await new Promise((resolve) => void setTimeout(resolve, nearMs + 100));
    parts.app.write(Buffer.concat([frame("x".repeat(70_000)).subarray(100), frame("too late")]));
    await parts.client.take(70_010 - 100);
    expect(await readFrame(parts.client)).toEqual(goingAway);
    await parts.client.ended();
    expect(parts.client.waiting()).toBe("");
    await drained;
    await theAppIsLeft(parts);
  });

  test("is cut within a second where a frame does not end", async () => {
    const parts = await joined(front, frame("x".repeat(1_000)).subarray(0, 100));
    await parts.client.take(100);
    expect(await timed(parts.harness.gateway.drain({ deadlineMs: nearMs }))).toBeLessThan(nearMs + 3_000);
    await parts.client.ended();
    expect(parts.client.waiting()).toBe("");
    await theAppIsLeft(parts);
  });

  test("gets no second close frame where the app has sent one", async () => {
    const parts = await joined(front, frame(printClose(4000), opcodes.close));
    expect((await readFrame(parts.client)).payload).toEqual(printClose(4000));
    await parts.harness.gateway.drain({ deadlineMs: nearMs });
    await parts.client.ended();
    expect(parts.client.waiting()).toBe("");
    await theAppIsLeft(parts);
  });

  test("that was open without a word is closed with 1001 too", async () => {
    const parts = await join(front);
    const drained = parts.harness.gateway.drain({ deadlineMs: nearMs });
    expect(await readFrame(parts.client)).toEqual(goingAway);
    await parts.client.ended();
    parts.client.end();
    await drained;
    await nothingIsLeft(parts);
  });
});

describe("a gateway that drains", () => {
  test("cuts a protocol that is no WebSocket, and a half-sent head", async () => {
    const preview = await startPreview((peer) =>
      peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\nopen"),
    );
    const [switched, half] = [await preview.harness.connect(), await preview.harness.connect()];
    switched.write(requestTo(preview.link, "/", "Connection: Upgrade", "Upgrade: websocket"));
    half.write("GET / HTTP/1.1\r\nHost: ");
    await switched.until("open");
    await preview.harness.gateway.drain({ deadlineMs: nearMs });
    await Promise.all([switched.ended(), half.ended()]);
    expect([switched.waiting(), half.waiting()]).toEqual(["", ""]);
    await nothingIsLeft(preview);
  });

  test("answers what was asked at once on one connection, and says that it is the last with the last alone", async () => {
    const preview = await startHeld({ gateway: {} });
    const client = await preview.harness.connect();
    client.write(requestTo(preview.link, "/one") + requestTo(preview.link, "/two"));
    await asked(preview, 2);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    for (const peer of preview.app) peer.write(ok());
    const [first, second] = [await client.response(), await client.response()];
    expect([first.header("connection"), second.header("connection")]).toEqual(["keep-alive", "close"]);
    await client.ended();
    await drained;
  });

  test("sends an answer whole to a client that takes its time", async () => {
    const body = "x".repeat(8_000_000);
    const preview = await startPreview((peer) => peer.write(ok(body)));
    const client = await preview.harness.connect();
    client.socket.pause();
    client.write(requestTo(preview.link, "/large"));
    await expect.poll(() => preview.harness.gateway.readTraffic().sent).toBeGreaterThan(0);
    const drained = preview.harness.gateway.drain({ deadlineMs: farMs });
    await new Promise((resolve) => void setTimeout(resolve, 200));
    client.socket.resume();
    expect((await client.response()).body.length).toBe(body.length);
    await client.ended();
    client.close();
    expect(await timed(drained)).toBeLessThan(atOnceMs);
  });

  test("drains once, by the deadline that came first", async () => {
    const preview = await startHeld({ gateway: {} });
    const client = await preview.harness.connect();
    client.write(requestTo(preview.link, "/hang"));
    await asked(preview);
    const [first, second] = [nearMs, farMs].map((deadlineMs) => preview.harness.gateway.drain({ deadlineMs }));
    expect(await timed(Promise.all([first, second]))).toBeLessThan(nearMs + 3_000);
    await preview.harness.gateway.drain({ deadlineMs: farMs });
  });

  test("has nothing to do when it is closed, or nobody came", async () => {
    const preview = await startPreview();
    expect(await timed(preview.harness.gateway.drain({ deadlineMs: farMs }))).toBeLessThan(atOnceMs);
    await preview.harness.gateway.close();
    await preview.harness.gateway.drain({ deadlineMs: farMs });
  });
});
