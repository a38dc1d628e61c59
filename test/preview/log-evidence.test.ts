import { describe, expect, it } from "vitest";
import { createIdleWatch } from "../../src/preview/sleep/idle-watch.ts";
import { createLogEvidence } from "../../src/preview/launch/log-evidence.ts";

const broken = "SyntaxError: Unexpected token ';'";
const missing = "Error: Cannot find module 'express'";

/** The codes that the evidence holds after these chunks; "told" is said in between. */
function codesAfter(...chunks: readonly (readonly string[] | "told" | { unfinished: string })[]): string[] {
  const evidence = createLogEvidence();
  for (const chunk of chunks) {
    if (chunk === "told") evidence.told();
    else evidence.add("unfinished" in chunk ? { lines: [], ...chunk } : { lines: chunk });
  }
  return evidence.causes().map(({ code }) => code);
}

describe("evidence of a log", () => {
  it("stays while other lines come, however many", () => {
    const many = Array.from({ length: 150 }, (_, line) => `line ${line}`);
    expect(codesAfter([broken], many, many, many)).toEqual(["syntax_error"]);
  });

  it("is forgotten when a watcher starts the server again", () => {
    expect(codesAfter([broken], ["Restarting 'server.js'"])).toEqual([]);
    expect(codesAfter([broken], "told", ["Restarting 'server.js'"])).toEqual([]);
    expect(codesAfter([broken], ["Restarting 'server.js'", missing])).toEqual(["dependencies_missing"]);
  });

  it("tells that the server was started again, also where it failed alike in the same moment", () => {
    const evidence = createLogEvidence();
    expect(evidence.add({ lines: [missing] })).toBe(false);
    evidence.told();
    expect(evidence.add({ lines: ["a line"] })).toBe(false);
    expect(evidence.add({ lines: ["Restarting 'server.js'", missing] })).toBe(true);
    expect(evidence.causes().map(({ code }) => code)).toEqual(["dependencies_missing"]);
  });

  it("that was told stays until another cause takes its place", () => {
    expect(codesAfter([broken], "told", ["a line"])).toEqual(["syntax_error"]);
    expect(codesAfter([broken], "told", [missing])).toEqual(["dependencies_missing"]);
  });

  it("of a cause that was told is not replaced by the failure which follows from it", () => {
    expect(codesAfter([broken], "told", ["Node.js v20.20.2", "Failed running 'a.js'"])).toEqual(["syntax_error"]);
    expect(codesAfter(["Node.js v20.20.2"], "told", ["Failed running 'a.js'"])).toEqual(["app_crashed"]);
  });

  it("that is only about to be told is joined by another", () => {
    expect(codesAfter([broken], [missing])).toEqual(["dependencies_missing", "syntax_error"]);
  });

  it("is a question while it is the last thing printed", () => {
    expect(codesAfter({ unfinished: "? Install it? (Y/n) " })).toEqual(["waiting_for_input"]);
    expect(codesAfter({ unfinished: "? Install it? (Y/n) " }, [])).toEqual([]);
    expect(codesAfter(["? Which one? (Use arrow keys)", "❯ web", "  api"])).toEqual(["waiting_for_input"]);
  });

  it("is no question that more output followed", () => {
    const more = Array.from({ length: 15 }, (_, line) => `line ${line}`);
    expect(codesAfter(["? Install it? (Y/n) Yes"], more)).toEqual([]);
    expect(codesAfter(["? Install it? (Y/n) "], "told", more)).toEqual([]);
  });
});

describe("a launch", () => {
  /** Whether it is idle at the last of these looks: [ms, processor time ms]. */
  function isIdle(looks: readonly (readonly [number, number | undefined])[], printed = false): boolean {
    let now = 0;
    const idle = createIdleWatch({ now: () => now }, { silentMs: 3000 });
    return looks
      .map(([at, cpuMs]) => {
        now = at;
        return idle.look({ cpuMs, printed });
      })
      .at(-1)!;
  }

  it("is idle once its processor time has stood still for a moment", () => {
    expect(isIdle([[0, 700]])).toBe(false);
    expect(
      isIdle([
        [0, 700],
        [200, 700],
      ]),
    ).toBe(false);
    expect(
      isIdle([
        [0, 700],
        [200, 710],
        [450, 710],
      ]),
    ).toBe(true);
  });

  it("is not idle while it works, however slowly it gets to", () => {
    expect(
      isIdle([
        [0, 700],
        [200, 730],
        [450, 730],
      ]),
    ).toBe(false);
    expect(
      isIdle([
        [0, 700],
        [300, 715],
        [600, 735],
        [900, 760],
      ]),
    ).toBe(false);
  });

  it("is not idle when a process of it has ended", () => {
    expect(
      isIdle([
        [0, 700],
        [450, 300],
      ]),
    ).toBe(false);
  });

  it("is idle where processor time is not told after a long silence alone", () => {
    expect(
      isIdle([
        [0, undefined],
        [2000, undefined],
      ]),
    ).toBe(false);
    expect(
      isIdle([
        [0, undefined],
        [3000, undefined],
      ]),
    ).toBe(true);
    expect(
      isIdle(
        [
          [0, undefined],
          [3000, undefined],
        ],
        true,
      ),
    ).toBe(false);
  });
});
