import { expect, test } from "vitest";
import { requestTo, startPreview } from "./support/fixture.ts";
import { ok } from "./support/scripted-upstream.ts";

test("a client that does not finish its head is answered 408 and closed after about 10 s; one that waits between requests is not", async () => {
  const { link, harness, upstream } = await startPreview();
  const [silent, dribbling, kept] = [await harness.connect(), await harness.connect(), await harness.connect()];
  kept.write(requestTo(link));
  expect((await kept.response()).status).toBe(200);
  const startedAt = performance.now();
  const dribble = setInterval(() => dribbling.write("X-A: b\r\n"), 500);
  dribbling.write(`GET / HTTP/1.1\r\nHost: ${link.name}\r\n`);
  try {
    await expect.poll(() => dribbling.waiting() + silent.waiting(), { timeout: 14_000 }).toMatch(/ 408 [^]* 408 /);
  } finally {
    clearInterval(dribble);
  }
  expect(performance.now() - startedAt).toBeGreaterThan(9_000);
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
