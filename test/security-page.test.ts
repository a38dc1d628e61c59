import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const page = readFileSync(new URL("../docs/security.md", import.meta.url), "utf8");
const [table = ""] = (page.split("## Threats and guards")[1] ?? "").split("\n## ");
const rows = table
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .slice(1)
  .map((line) => ({ threat: line.slice(2).split(" | ")[0]!, line }));

const fileOf = (path: string) => new URL(`../${path}`, import.meta.url);

describe("the table of threats in docs/security.md", () => {
  it.each(rows)("names a test that there is: $threat", ({ line }) => {
    const shown = [...line.matchAll(/`((?:test|bench)\/[^`]+)` "([^"]+)"/g)].map(([, file, title]) => ({
      file,
      title,
    }));
    expect(shown, 'each threat names at least one test as `test/file.test.ts` "title"').not.toEqual([]);
    const gone = shown.filter(({ file, title }) => !titlesIn(file!).includes(title!));
    expect(gone, "no such title in that file: correct docs/security.md").toEqual([]);
  });

  it("names no file that there is not", () => {
    const files = [...page.matchAll(/`((?:test|bench|src)\/[^`*]+\.\w+)`/g)].map(([, file]) => file!);
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((file) => !existsSync(fileOf(file)))).toEqual([]);
  });
});

/** The text of a test file, as titles are written in it, without the tests that never run. */
function titlesIn(file: string): string {
  if (!existsSync(fileOf(file))) return "";
  return readFileSync(fileOf(file), "utf8")
    .replaceAll('\\"', '"')
    .replace(/\b(?:it|test|describe)\.(?:skip|todo|fails)\b[^\n]*/g, "");
}
