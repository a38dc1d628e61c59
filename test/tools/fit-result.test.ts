import { expect, test } from "vitest";
import { fitResult, maxResultBytes } from "../../src/tools/fit-result.ts";
import type { ToolResult } from "../../src/tools/define-tool.ts";

const whole = (fields: Readonly<Record<string, unknown>>): ToolResult => ({
  structuredContent: fields,
  text: JSON.stringify(fields),
});
const bytesOf = ({ structuredContent, text }: ToolResult) =>
  Buffer.byteLength(JSON.stringify({ content: [{ type: "text", text }], structuredContent }));
const lines = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => `${index} ${"x".repeat(length)}`);

test("leaves a result alone that fits", () => {
  const output = { status: "ready", logTail: lines(5, 100) };
  expect(fitResult(output, whole).structuredContent).toBe(output);
});

test("drops the oldest log lines, and as few as it must", () => {
  const { structuredContent } = fitResult({ status: "crashed", logTail: lines(300, 60) }, whole);
  const kept = structuredContent["logTail"] as string[];
  expect(kept.at(-1)).toBe(lines(300, 60).at(-1));
  const oneMore = whole({ status: "crashed", logTail: lines(300, 60).slice(-kept.length - 1) });
  expect(bytesOf(oneMore)).toBeGreaterThan(maxResultBytes);
  expect(bytesOf(whole(structuredContent))).toBeLessThanOrEqual(maxResultBytes);
});

test("cuts one giant line instead of dropping the lines before it", () => {
  const { structuredContent } = fitResult({ lines: ["before", "y".repeat(50_000)] }, whole);
  expect(structuredContent["lines"]).toEqual(["before", expect.stringMatching(/^y{1000}…$/)]);
});

test("cuts a giant command and message, and never a URL or the next step", () => {
  const output = {
    command: "c".repeat(4000),
    repoDir: "d".repeat(4000),
    previewUrl: `http://host/${"u".repeat(1500)}`,
    problems: Array.from({ length: 5 }, () => ({ code: "exited", message: "m".repeat(2000), fix: "fix it" })),
    next: "n".repeat(400),
  };
  const result = fitResult(output, whole);
  expect(result.structuredContent).toMatchObject({ previewUrl: output.previewUrl, next: output.next });
  expect(result.structuredContent["command"]).toMatch(/^c+…$/);
  expect(bytesOf(result)).toBeLessThanOrEqual(maxResultBytes);
});

test("drops the last rows of a long list and says how many", () => {
  const previews = Array.from({ length: 200 }, (_, index) => ({ name: `p${index}`, command: "npm run dev" }));
  const { structuredContent } = fitResult({ previews, next: "Pick one." }, whole);
  const kept = structuredContent["previews"] as unknown[];
  expect(kept).toEqual(previews.slice(0, kept.length));
  expect(structuredContent["omitted"]).toBe(200 - kept.length);
  expect(kept.length).toBeGreaterThan(50);
});

test("counts bytes, not characters, and leaves no half of a character behind", () => {
  const emoji = "🧪".repeat(3000);
  const result = fitResult({ lines: [`a${emoji}`, emoji] }, whole);
  expect(bytesOf(result)).toBeLessThanOrEqual(maxResultBytes);
  expect(JSON.stringify(result.structuredContent)).not.toMatch(/\\ud[89a-f]/);
});
