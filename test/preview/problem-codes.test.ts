import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { problemTable } from "../../src/preview/problem.ts";
import { installLaunchId } from "../../src/preview/launch/launch-plan.ts";
import { failures, writeFiles } from "./support/failures.ts";
import { openPlaneUnderTest } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

const hastyMs = 1500;
let patient: PlaneUnderTest;
let hasty: PlaneUnderTest;
beforeAll(async () => {
  [patient, hasty] = await Promise.all([
    openPlaneUnderTest({ defaultCommand: "no-dev-command" }),
    openPlaneUnderTest({ startTimeoutMs: hastyMs }),
  ]);
});
afterEach(() => Promise.all([patient.stop({ all: true }), hasty.stop({ all: true })]));
afterAll(() => Promise.all([patient.close(), hasty.close()]));

/** What no project shows by itself: a wake that meets a limit, in wake.test.ts. */
const shownElsewhere = ["limit_reached"];

it("every code of a problem has a project that shows it", () => {
  const shown = [...failures.map(({ code }) => code), ...shownElsewhere];
  expect(new Set(shown)).toEqual(new Set(Object.keys(problemTable)));
});

describe("a project that", () => {
  // what a busy machine delays is tried again: told late is told late every time
  const rows = failures.map((failure) => [failure.what, failure.code, failure] as const);
  it.each(rows)("%s is told so (%s), a second after it shows at most", { retry: 2 }, async (_what, _code, failure) => {
    const { code, command, state, byDeadline, arrange, says } = failure;
    const plane = byDeadline === true ? hasty : patient;
    const restore = await arrange?.(plane);
    try {
      await writeFiles(join(plane.workspace, code), failure);
      const name = code.replaceAll("_", "-");
      const begun = Date.now();
      const result = await plane.start({
        name,
        repoDir: code,
        waitSeconds: 20,
        ...(command === undefined ? {} : { command: typeof command === "string" ? command : await command() }),
      });
      const told = Date.now();
      expect(result).toMatchObject({
        status: state,
        problems: expect.arrayContaining([expect.objectContaining({ code })]),
      });
      if (says !== undefined) expect(result.problems.find((problem) => problem.code === code)!.message).toMatch(says);
      await expectToldEverywhere(plane, name, code);
      const shownAt = byDeadline === true ? begun + hastyMs : await lastWritten(plane, result.previewId);
      expect(told - (shownAt ?? begun)).toBeLessThan(1000);
    } finally {
      await restore?.();
    }
  });
});

async function expectToldEverywhere(plane: PlaneUnderTest, name: string, code: string): Promise<void> {
  expect((await plane.url({ name })).problems.map((problem) => problem.code)).toContain(code);
  expect((await plane.logs({ name })).problems).toContain(code);
  const { previews } = await plane.useCases.list(plane.context, { includeStopped: true });
  expect(previews.find((row) => row.name === name)!.problems).toContain(code);
}

/** When the launch printed its last line, or ended: no evidence is later. */
async function lastWritten(plane: PlaneUnderTest, previewId: string): Promise<number | undefined> {
  const { launchId } = (await plane.db.previews.byId(previewId))!;
  const paths = [launchId, installLaunchId(launchId)].flatMap((id) => [join(id, "log"), join(id, "exit")]);
  const times = await Promise.all(
    paths.map(async (path) => {
      const file = await stat(join(plane.directory, "state", "launches", path)).catch(() => undefined);
      return file === undefined || (file.size === 0 && path.endsWith("log")) ? [] : [file.mtimeMs];
    }),
  );
  const known = times.flat();
  return known.length === 0 ? undefined : Math.max(...known);
}
