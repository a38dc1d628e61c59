import { expect, test } from "vitest";
import { createFamilyTracker } from "../../src/sandbox/family-tracker.ts";
import type { ProcessEntry, ProcessView } from "../../src/sandbox/process-view.ts";

const root = { pid: 100, startTime: "t100", session: 100 };
const entry: ProcessEntry = { pid: 100, ppid: 1, group: 100, session: 100, startTime: "t100", alive: true };

/** A view whose shared scan was made before the process existed; the fresh one sees what is there now. */
function viewOf(now: readonly ProcessEntry[]): { view: ProcessView; scans: boolean[] } {
  const scans: boolean[] = [];
  const view = {
    async scan({ fresh = false } = {}) {
      scans.push(fresh);
      return new Map(fresh ? now.map((process) => [process.pid, process]) : []);
    },
  };
  // only `scan` is asked
  return { view: view as unknown as ProcessView, scans };
}

test("a launch that a shared scan does not show yet is looked for again", async () => {
  const { view, scans } = viewOf([entry]);
  expect(await createFamilyTracker(view).members("ours", root)).toEqual([entry]);
  expect(scans).toEqual([false, true]);
});

test("a launch that is gone is said to be so by a fresh scan", async () => {
  const { view, scans } = viewOf([]);
  expect(await createFamilyTracker(view).members("ours", root)).toEqual([]);
  expect(scans).toEqual([false, true]);
});

test("a fresh scan is not repeated", async () => {
  const { view, scans } = viewOf([]);
  expect(await createFamilyTracker(view).members("ours", root, { fresh: true })).toEqual([]);
  expect(scans).toEqual([true]);
});
