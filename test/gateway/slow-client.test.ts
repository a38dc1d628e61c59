import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bareAnswer } from "./support/bare-answer.ts";
import { startBareListener } from "./support/bare-listener.ts";
import { requestTo, startPreview } from "./support/fixture.ts";
import { connectRaw } from "./support/raw-client.ts";
import type { RawClient } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";

test("a client that does not finish its head is told so and closed; one that waits between requests is not", async () => {
  const { link, harness, upstream } = await startPreview(undefined, { gateway: { limits: { headSeconds: 2 } } });
  const [silent, dribbling, kept] = [await harness.connect(), await harness.connect(), await harness.connect()];
  kept.write(requestTo(link));
  expect((await kept.response()).status).toBe(200);
  const startedAt = performance.now();
  const dribble = setInterval(() => dribbling.write("X-A: b\r\n"), 500);
  dribbling.write(`GET / HTTP/1.1\r\nHost: ${link.name}\r\n`);
  try {
    await expect
      .poll(() => dribbling.waiting() + silent.waiting(), { timeout: 14_000 })
      .toMatch(/ 408 [^]*within 2 s[^]* 408 /);
  } finally {
    clearInterval(dribble);
  }
  expect(performance.now() - startedAt).toBeGreaterThan(1_900);
  await Promise.all([silent.ended(), dribbling.ended()]);
  kept.write(requestTo(link));
  expect((await kept.response()).status).toBe(200);
  expect(upstream.requests).toHaveLength(2);
}, 30_000);

test("a body may take its time", async () => {
  const { link, harness } = await startPreview(async (peer) => peer.write(ok(await peer.take(3))));
  const client = await harness.connect();
  client.write(requestTo(link, "POST /", "Content-Length: 3"));
  for (const byte of "abc") {
    await new Promise((resolve) => setTimeout(resolve, 300));
    client.write(byte);
  }
  expect((await client.response()).body).toBe("abc");
});

describe("what is left of a body that was refused", () => {
  const refused = (name: string) => `POST / HTTP/1.1\r\nHost: ${name}\r\nContent-Length: 1000\r\n\r\nx`;
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    ["by the gateway", "nobody.preview.test", 404],
    ["by the app, which reads none of it", undefined, 413],
  ])("%s, is read for 30 s", async (_who, name, status) => {
    const { link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(refused(name ?? link.name));
    expect((await client.response()).status).toBe(status);
    await expect.poll(() => vi.getTimerCount()).toBeGreaterThan(0);
    vi.advanceTimersByTime(29_900);
    client.write("x");
    expect(client.socket.readyState).toBe("open");
    vi.advanceTimersByTime(200);
    await client.ended();
    client.close();
    await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  });

  test("and comes in time, leaves the connection for the next request", async () => {
    const { link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(refused("nobody.preview.test"));
    expect((await client.response()).status).toBe(404);
    for (const rest of ["x".repeat(999), ""]) {
      client.write(rest + requestTo(link));
      expect((await client.response()).status).toBe(200);
      vi.advanceTimersByTime(31_000);
    }
  });
});

test("in a crowd the heads of new clients have less room", async () => {
  const { port } = await startBareListener({
    handler: { onRequest: (client) => client.answer(bareAnswer), onUpgrade: () => {} },
    roomyConnections: 3,
  });
  const ask = async (client: RawClient, kilobytes: number) => {
    client.write(`GET / HTTP/1.1\r\nHost: a\r\nX-Fill: ${"v".repeat(kilobytes * 1024)}\r\n\r\n`);
    return (await client.response()).status;
  };
  const early = [await connectRaw(port), await connectRaw(port), await connectRaw(port)];
  const late = [await connectRaw(port), await connectRaw(port)];
  expect(await ask(early[0]!, 100)).toBe(200);
  expect(await ask(late[0]!, 15)).toBe(200);
  expect(await ask(late[1]!, 20)).toBe(431);
  for (const client of [...early, ...late]) client.close();
});
