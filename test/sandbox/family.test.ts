import { expect, test } from "vitest";
import { descendantsOf, familyOf } from "../../src/sandbox/family.ts";
import type { FamilyQuery } from "../../src/sandbox/family.ts";
import type { ProcessEntry } from "../../src/sandbox/process-view.ts";

/** `[pid, ppid, group, session]`, and what else is particular. */
type Row = readonly [pid: number, ppid: number, group: number, session: number, more?: Partial<ProcessEntry>];

const root = { pid: 100, startTime: "t100", session: 100 };

function family(rows: readonly Row[], query: Partial<FamilyQuery> = {}): number[] {
  return pidsOf(familyOf(tableOf(rows), { launchId: "ours", root, ...query }));
}

function descendants(rows: readonly Row[], query: { earlier?: ReadonlyMap<number, string> } = {}): number[] {
  return pidsOf(descendantsOf(tableOf(rows), { root, planePid: 900, ...query }));
}

function tableOf(rows: readonly Row[]): Map<number, ProcessEntry> {
  return new Map(
    rows.map(([pid, ppid, group, session, more]) => [
      pid,
      { pid, ppid, group, session, startTime: `t${pid}`, alive: true, ...more },
    ]),
  );
}

function pidsOf(entries: readonly ProcessEntry[]): number[] {
  return entries.map(({ pid }) => pid).toSorted((a, b) => a - b);
}

test("the launch's process, its session, its descendants and what carries the marker are the family", () => {
  const rows: Row[] = [
    [1, 0, 1, 1],
    [50, 1, 50, 50],
    [100, 50, 100, 100],
    [101, 100, 100, 100],
    [102, 1, 102, 100],
    [103, 101, 103, 103],
    [104, 103, 104, 103],
    [105, 1, 105, 105, { launchId: "ours" }],
    [106, 105, 106, 106],
    [107, 1, 107, 107, { launchId: "theirs" }],
  ];
  expect(family(rows)).toEqual([100, 101, 102, 103, 104, 105, 106]);
});

test("the supervisor belongs by its marker, its parent does not", () => {
  expect(
    family([
      [40, 1, 40, 40],
      [50, 40, 50, 50, { launchId: "ours" }],
      [100, 50, 100, 100],
    ]),
  ).toEqual([50, 100]);
});

test("a recycled pid brings nothing in: not itself, not its session, not its children", () => {
  const rows: Row[] = [
    [100, 1, 100, 100, { startTime: "later" }],
    [101, 100, 100, 100, { startTime: "later" }],
  ];
  expect(family(rows)).toEqual([]);
});

test("a session whose leader has ended counts while it holds a marked member", () => {
  expect(
    family([
      [101, 1, 100, 100, { launchId: "ours" }],
      [102, 1, 100, 100],
    ]),
  ).toEqual([101, 102]);
  expect(family([[102, 1, 100, 100]])).toEqual([]);
});

test("a marked process in the session of a stranger does not bring the stranger in", () => {
  const rows: Row[] = [
    [200, 1, 200, 200],
    [201, 200, 200, 200, { launchId: "ours" }],
    [202, 201, 200, 200],
    [203, 200, 200, 200],
  ];
  expect(family(rows)).toEqual([201, 202]);
});

test("what belonged earlier belongs, unless its pid was recycled", () => {
  const rows: Row[] = [
    [300, 1, 300, 300],
    [301, 300, 301, 301],
    [400, 1, 400, 400],
  ];
  expect(
    family(rows, {
      earlier: new Map([
        [300, "t300"],
        [400, "before"],
      ]),
    }),
  ).toEqual([300, 301]);
});

test("process 1 is never a member, whatever it carries, and adopts nobody in", () => {
  expect(
    family([
      [1, 0, 1, 1, { launchId: "ours" }],
      [2, 1, 2, 2],
      [100, 1, 1, 1],
    ]),
  ).toEqual([100]);
});

test("zombies are members: who looks at liveness asks them", () => {
  expect(
    family([
      [100, 1, 100, 100, { alive: false }],
      [101, 100, 100, 100],
    ]),
  ).toEqual([100, 101]);
});

test("a launch that is not known by its process is known by its marker", () => {
  const rows: Row[] = [
    [100, 1, 100, 100, { launchId: "ours" }],
    [101, 100, 100, 100],
    [200, 1, 200, 200],
  ];
  expect(family(rows, { root: undefined })).toEqual([100, 101]);
});

test("of a process that somebody else started, itself and its descendants are the family, never its session or group", () => {
  const rows: Row[] = [
    [90, 1, 90, 90],
    [100, 90, 90, 90],
    [101, 100, 90, 90],
    [102, 101, 102, 102],
    [103, 90, 90, 90],
    [104, 1, 100, 100],
  ];
  expect(descendants(rows)).toEqual([100, 101, 102]);
});

test("a child that an earlier look knew keeps belonging when its parent has ended, a later process with its pid does not", () => {
  const earlier = new Map([
    [101, "t101"],
    [102, "before"],
  ]);
  const rows: Row[] = [
    [101, 1, 90, 90],
    [102, 1, 90, 90],
    [103, 101, 90, 90],
  ];
  expect(descendants(rows, { earlier })).toEqual([101, 103]);
});

test("the plane and launches belong to themselves, even when the process started the plane", () => {
  const rows: Row[] = [
    [100, 1, 100, 100],
    [900, 100, 900, 900],
    [901, 900, 900, 900],
    [902, 100, 902, 902, { launchId: "ours" }],
    [903, 902, 902, 902],
    [904, 100, 100, 100],
  ];
  expect(descendants(rows)).toEqual([100, 904]);
});

test("a recycled pid has no descendants", () => {
  const rows: Row[] = [
    [100, 1, 100, 100, { startTime: "later" }],
    [101, 100, 100, 100],
  ];
  expect(descendants(rows)).toEqual([]);
});
