import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createPollPauses } from "../../src/preview/launch/poll-pauses.ts";

let now = 0;
const clock = { now: () => now };
const neverAborted = new AbortController().signal;
const paused: number[] = [];

vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number, _value: unknown, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    paused.push(ms);
    now += ms;
  },
}));

beforeEach(() => {
  now = 1_000_000;
  paused.length = 0;
});
afterEach(() => vi.clearAllMocks());

/** Waits until this much time has passed, looking for `lookMs` before each pause. */
async function pausesUntil(ms: number, lookMs = 0): Promise<number[]> {
  const pauses = createPollPauses(clock, { leastMs: 5, mostMs: 150 });
  const end = now + ms;
  while (now < end) {
    now += lookMs;
    await pauses.wait(neverAborted);
  }
  return paused;
}

test("the first pauses are the shortest", async () => {
  expect((await pausesUntil(50)).every((ms) => ms === 5)).toBe(true);
});

test("later ones are a small part of the time that has passed, and bounded", async () => {
  const pauses = await pausesUntil(60_000);
  let passed = 0;
  for (const ms of pauses) {
    expect(ms).toBeLessThanOrEqual(Math.max(5, passed / 15) + 0.001);
    passed += ms;
  }
  expect(Math.max(...pauses)).toBe(150);
});

test("where looking is slow, the same time is paused", async () => {
  expect(await pausesUntil(80, 20)).toEqual([20, 20]);
  paused.length = 0;
  expect(await pausesUntil(1000, 400)).toEqual([150, 150]);
});

test("an aborted wait rejects", async () => {
  const pauses = createPollPauses(clock, { leastMs: 5, mostMs: 150 });
  await expect(pauses.wait(AbortSignal.abort())).rejects.toThrow();
});
