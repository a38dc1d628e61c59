import { describe, expect, it, test } from "vitest";
import { pageText } from "../../src/inspect/page-text.ts";
import { createRedactor } from "../../src/redact.ts";

const token = "cc3vnc7ftfnt7wllaglceafovqzttazo2obsxluld3hlzxz4";
const redact = createRedactor(["sesame-open-1234"]);
const shown = (text: string, limit = 100) => pageText(text, limit, redact);

describe("text of a page", () => {
  test.each([
    [
      "a link's token",
      `at http://20001-${token}.localhost:4781/src/App.tsx:3`,
      "at http://20001-[redacted].localhost:4781/src/App.tsx:3",
    ],
    ["a value that the caller gave to the dev server", "key is sesame-open-1234.", "key is [redacted]."],
    ["a secret by its name", "password=hunter2hunter2", "password=[redacted]"],
  ])("is shown without %s", (_, text, expected) => expect(shown(text)).toBe(expected));

  it("keeps line ends and loses other control characters, and what hides or turns text around", () => {
    expect(shown("a\u001b[31mred\u001b[0m\r\nb\tc\u0000\u202ed\u200b\ud800")).toBe("a[31mred[0m\nb\tcd");
  });

  it("is cut at its bound, with a sign that it was", () => {
    expect(shown("x".repeat(100))).toBe("x".repeat(100));
    expect(shown("x".repeat(101))).toBe(`${"x".repeat(100)}…`);
    expect(shown("x".repeat(10_000_000))).toBe(`${"x".repeat(100)}…`);
  });

  it("is never cut inside of a character", () => {
    expect(shown(`${"x".repeat(99)}😀`)).toBe(`${"x".repeat(99)}…`);
  });

  it("never shows a part of a secret that lies across the bound", () => {
    const text = `${"x".repeat(90)} http://20001-${token}.localhost:4781/`;
    expect(shown(text)).not.toContain(token.slice(0, 6));
  });
});
