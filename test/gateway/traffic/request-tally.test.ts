import { afterEach, expect, test, vi } from "vitest";
import { createRequestTally } from "../../../src/gateway/traffic/request-tally.ts";
import type { PreviewRequest } from "../../../src/gateway/traffic/request-tally.ts";
import { createLogger } from "../../../src/logger.ts";
import { requestTo, startPreview } from "../support/fixture.ts";

const logger = createLogger("silent");

afterEach(() => {
  vi.useRealTimers();
});

test("many requests become one entry per preview, with the last time", async () => {
  const batches: (readonly PreviewRequest[])[] = [];
  const tally = createRequestTally({ logger, onRequests: (batch) => void batches.push(batch) });
  tally.record("a", 1000);
  tally.record("b", 2000);
  tally.record("a", 3000);
  await tally.flush();
  await tally.flush();
  await tally.close();
  expect(batches).toEqual([
    [
      { previewId: "a", at: new Date(3000) },
      { previewId: "b", at: new Date(2000) },
    ],
  ]);
});

test("a flush waits for what is being handed over already", async () => {
  let written = (): void => {};
  const tally = createRequestTally({ logger, onRequests: () => new Promise<void>((resolve) => (written = resolve)) });
  tally.record("a", 1000);
  let flushed = false;
  void tally.flush();
  const second = tally.flush().then(() => (flushed = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(flushed).toBe(false);
  written();
  await second;
  await tally.close();
});

test("is handed over every few seconds, and a failure does not end that", async () => {
  vi.useFakeTimers();
  let calls = 0;
  const tally = createRequestTally({
    logger,
    onRequests: async () => {
      calls++;
      throw new Error("database away");
    },
  });
  for (const expected of [1, 2]) {
    tally.record("a", 1000);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(calls).toBe(expected);
  }
  await tally.close();
});

test("what is left is handed over when the gateway closes; refused requests do not count", async () => {
  const seen: string[] = [];
  const { harness, link } = await startPreview(undefined, {
    gateway: { onRequests: (batch) => void seen.push(...batch.map(({ previewId }) => previewId)) },
  });
  const client = await harness.connect();
  client.write(requestTo(link) + requestTo(link) + requestTo({ ...link, name: "stranger.test" }));
  for (let count = 0; count < 3; count++) await client.response();
  await harness.gateway.close();
  expect(seen).toEqual([link.route.previewId]);
});
