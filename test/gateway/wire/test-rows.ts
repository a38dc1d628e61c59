import { describe, test } from "vitest";
import type { Front } from "./front.ts";
import { show } from "./row.ts";
import type { Group } from "./row.ts";

/** A test for each row; one that has no meaning is skipped, and says why. */
export function testRows(name: string, front: Front, groups: readonly Group[]): void {
  for (const { title, rows } of groups)
    describe(`${name}: ${title}`, () => {
      for (const row of rows.map((each) => show(each, front.name)))
        test(row.title, async ({ skip }) => {
          if ("none" in row) return skip(row.none);
          await row.play(front);
        });
    });
}
