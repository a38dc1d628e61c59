import { expect, test } from "vitest";
import { phases } from "../../src/preview/contract.ts";
import type { PhaseName } from "../../src/preview/contract.ts";
import { createProgress } from "../../src/tools/progress.ts";

function numbersOf(names: readonly PhaseName[]): number[] {
  const noteOf = createProgress(phases);
  return names.map((name) => noteOf({ name, message: "m" }).progress);
}

test("counts the phases done, of all that there are", () => {
  expect(createProgress(phases)({ name: "listen", message: "waiting for a port" })).toEqual({
    progress: 3,
    total: 6,
    message: "waiting for a port",
  });
});

test("skips over phases that do not happen", () => {
  expect(numbersOf(["resolve", "launch", "gateway"])).toEqual([0, 2, 5]);
});

test.each([
  ["a phase told again", ["install", "install", "install", "launch"]],
  ["a phase that comes after a later one", ["launch", "listen", "launch", "listen", "answer"]],
  ["the last phase told often", ["gateway", "gateway", "gateway", "gateway"]],
] as const)("grows with every note and stays below the total: %s", (_, names) => {
  const numbers = numbersOf(names);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
  expect(numbers.at(-1)).toBeLessThan(phases.length);
});
