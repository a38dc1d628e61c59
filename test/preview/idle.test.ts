import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

const minute = 60_000;

/** A clock that runs, and can be put forward. */
function createLeapingClock() {
  let ahead = 0;
  return { now: () => Date.now() + ahead, leap: (ms: number) => (ahead += ms) };
}

let clock: ReturnType<typeof createLeapingClock>;
let plane: PlaneUnderTest;
beforeEach(async () => {
  clock = createLeapingClock();
  const orgs = { every: { idleMs: 30 * minute, keepaliveMaxMs: 240 * minute }, own: new Map() };
  plane = await openPlaneUnderTest(
    { orgs, idle: { sweepMs: 50, keepEndedMs: 7 * 24 * 60 * minute } },
    undefined,
    clock,
  );
});
afterEach(() => plane.close());

async function record(name = "web") {
  const project = await plane.db.projects.bySlug("local", "app");
  return (await plane.db.previews.byName(project!.id, name))!;
}

const inState = (state: string, name = "web") =>
  until(`${name} is ${state}`, async () => ((await record(name)).state === state ? await record(name) : undefined));

/** Time enough for the reaper to have looked. */
async function sweeps(): Promise<void> {
  const seen = plane.sweeps();
  await until("the reaper has looked", () => plane.sweeps() >= seen + 3);
}

describe("a preview that nobody visits", () => {
  it("sleeps after its time, and not before", async () => {
    await plane.start({ command: server("well") });
    clock.leap(29 * minute);
    await sweeps();
    expect((await record()).state).toBe("ready");
    clock.leap(minute + 1000);
    const asleep = await inState("idle");
    await until("its process is gone", async () => (await record()).process === undefined);
    expect(asleep.problems).toEqual([]);
  });

  it("is woken by the next visit to the same link", async () => {
    const { previewUrl, token, port } = await plane.start({ command: server("well") });
    clock.leap(31 * minute);
    await inState("idle");
    const first = await plane.fetch(previewUrl!);
    expect(first).toMatchObject({ status: 503, headers: { "retry-after": "1", "x-preview-status": "waking" } });
    await until("it answers", async () => (await plane.fetch(previewUrl!)).status === 200);
    expect(await plane.url()).toMatchObject({ status: "ready", token, port, previewUrl });
  });
});
