import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { createEventLog } from "../../src/preview/events/event-log.ts";
import type { EventLog } from "../../src/preview/events/event-log.ts";
import type { CountedEvent } from "../../src/preview/events/event-store.ts";
import type { NewEvent } from "../../src/preview/events/events.ts";

const written: CountedEvent[][] = [];
let isAway = false;
let log: EventLog;
beforeEach(() => {
  vi.useFakeTimers();
  written.length = 0;
  isAway = false;
  log = createEventLog({
    store: {
      async append(events) {
        if (isAway) throw new Error("away");
        written.push([...events]);
      },
    },
    clock: { now: () => Date.now() },
    logger: createLogger("silent"),
    operatorOrg: "local",
  });
});
afterEach(async () => {
  await log.close();
  vi.useRealTimers();
});

const refused = (code = "forbidden", org = "acme"): NewEvent => ({
  type: "call.refused",
  owner: { org },
  by: { user: "ada" },
  data: { code, call: "url" },
});
const counts = () => written.flat().map(({ data, count }) => [("code" in data && data.code) || "lost", count]);

test("what happens is written within a second, in one go", async () => {
  log.record(refused("a"));
  log.record(refused("b"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written).toEqual([
    [
      { ...refused("a"), count: 1 },
      { ...refused("b"), count: 1 },
    ],
  ]);
});

test("the same again is written once a minute, with how often it was", async () => {
  for (let second = 0; second < 90; second += 1) {
    log.record(refused());
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(written.length).toBeLessThanOrEqual(3);
  await log.close();
  expect(counts().reduce((sum, [, count]) => sum + Number(count), 0)).toBe(90);
});

test("the same of somebody else is another one", async () => {
  log.record(refused());
  log.record(refused("forbidden", "rival"));
  log.record({ ...refused(), by: { user: "eve" } });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(counts()).toEqual([
    ["forbidden", 1],
    ["forbidden", 1],
    ["forbidden", 1],
  ]);
});

test("what cannot be written is written once the database is back", async () => {
  isAway = true;
  log.record(refused());
  await vi.advanceTimersByTimeAsync(2_500);
  log.record(refused());
  await vi.advanceTimersByTimeAsync(2_500);
  expect(written).toEqual([]);
  isAway = false;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(counts()).toEqual([["forbidden", 2]]);
});

test("a flood of different ones is bounded, and what was lost is told the operator", async () => {
  for (let index = 0; index < 5_000; index += 1) log.record(refused(`c${index}`));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written.flat()).toHaveLength(1_001);
  expect(written.flat().at(-1)).toEqual({ type: "events.lost", owner: { org: "local" }, data: {}, count: 4_000 });
  await vi.advanceTimersByTimeAsync(62_000);
  log.record(refused("after"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(counts().at(-1)).toEqual(["after", 1]);
});

test("a flood of one org keeps no other from the record, and floods of many are bounded in all", async () => {
  for (let index = 0; index < 3_000; index += 1) log.record(refused(`c${index}`, "rival"));
  log.record(refused("mine"));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(counts().filter(([code]) => code === "mine")).toEqual([["mine", 1]]);
  for (let index = 0; index < 12_000; index += 1) log.record(refused("x".repeat(index % 600), `org${index % 20}`));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(written.at(-1)?.length).toBeLessThanOrEqual(5_001);
});

test("a plane that closes writes what there is", async () => {
  log.record(refused());
  await log.close();
  await log.close();
  expect(counts()).toEqual([["forbidden", 1]]);
});
