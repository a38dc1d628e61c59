import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { requestTo, startPreview } from "./support/fixture.ts";
import type { Preview } from "./support/fixture.ts";
import type { RawClient } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";
import type { Script, UpstreamPeer } from "./support/scripted-upstream.ts";

/** Repeatable randomness (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = randomFrom(20_260_729);
const pick = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!;

const moods: readonly ((peer: UpstreamPeer) => unknown)[] = [
  (peer) => peer.write(ok("fine")),
  (peer) => peer.write(ok("x".repeat(200_000))),
  (peer) => peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\nX-T: 1\r\n\r\n"),
  (peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\npart"),
  (peer) => peer.end("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart"),
  (peer) => peer.end(),
  // Node never closes a socket that is reset while its end is on the way
  (peer) => (peer.socket.writableEnded ? peer.socket.destroy() : peer.socket.resetAndDestroy()),
  (peer) => peer.write("HTTP/1.1 103 Early Hints\r\n\r\nnonsense\r\n\r\n"),
  (peer) => peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nhello"),
  async (peer) => {
    await sleep(random() * 30);
    peer.write(`${ok("late")}extra`);
  },
  (peer) => peer.end("HTTP/1.0 200 OK\r\n\r\nuntil the end"),
];

const app: Script = (peer) => pick(moods)(peer);

function requestsOf({ link }: Preview): readonly string[] {
  const get = requestTo(link);
  return [
    get,
    get + get + get,
    requestTo(link, "HEAD /"),
    `${requestTo(link, "POST /", "Content-Length: 5")}hel`,
    `${requestTo(link, "POST /", "Transfer-Encoding: chunked")}3\r\nabc\r\n0\r\n\r\n${get}`,
    requestTo(link, "POST /", "Content-Length: 5", "Expect: 100-continue"),
    `${requestTo(link, "/", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x")}early`,
    requestTo(link, "/", "Connection: Upgrade", "Upgrade: h2c"),
    `${get}nonsense\r\n\r\n`,
    `GET / HTTP/1.0\r\nHost: ${link.name}\r\n\r\n`,
  ];
}

const leavings: readonly ((client: RawClient) => unknown)[] = [
  (client) => client.close(),
  (client) => client.socket.resetAndDestroy(),
  (client) => client.socket.end(),
  (client) => client.socket.pause(),
];

async function visit(preview: Preview): Promise<void> {
  const client = await preview.harness.connect();
  client.write(pick(requestsOf(preview)));
  await sleep(random() * 20);
  pick(leavings)(client);
  await sleep(random() * 5);
  client.close();
}

test("a storm of rude clients and a moody app, through revocations, leaves nothing open and everything working", async () => {
  const preview = await startPreview(app);
  const { harness, link, upstream } = preview;
  const live = { previewIds: [link.route.previewId], routes: [link.route] };
  const until = performance.now() + 6_000;
  const crowd = Array.from({ length: 24 }, async () => {
    while (performance.now() < until) await visit(preview);
  });
  while (performance.now() < until) {
    await sleep(250);
    harness.feed.change({ ...live, routes: [] });
    await sleep(10);
    harness.feed.change(live);
  }
  await Promise.all(crowd);
  await expect.poll(() => harness.gateway.openSockets(), { timeout: 10_000 }).toBe(0);
  await expect.poll(() => upstream.open()).toBe(0);
  upstream.script((peer) => peer.write(ok("after")));
  const client = await harness.connect();
  client.write(requestTo(link));
  expect((await client.response()).body).toBe("after");
  expect(upstream.requests.length).toBeGreaterThan(100);
}, 40_000);
