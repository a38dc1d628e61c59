import fc from "fast-check";
import { expect, test } from "vitest";
import { plainLine } from "../../src/sandbox/plain-line.ts";

test.each([
  ["plain text stays", "Local: http://localhost:5173/", "Local: http://localhost:5173/"],
  ["colours go", "\x1b[1;32mok\x1b[0m \x1b[38;5;200mpink\x1b[m", "ok pink"],
  ["cursor movement and erasing go", "\x1b[2J\x1b[H\x1b[?25lready\x1b[K", "ready"],
  ["eight-bit escapes go", "\x9b31mred\x9b0m", "red"],
  ["titles go, ended by BEL or ST", "\x1b]0;title\x07a\x1b]2;other\x1b\\b", "ab"],
  ["links keep their text", "\x1b]8;;http://x/\x07docs\x1b]8;;\x07", "docs"],
  ["device strings go", "\x1bPq#0;2;0;0;0\x1b\\done", "done"],
  ["a title that is not ended on its line keeps what follows", "\x1b]0;title", "0;title"],
  ["two-character escapes go", "\x1b(B\x1b7saved\x1b8\x1b=", "saved"],
  ["a lone escape at the end goes", "cut\x1b", "cut"],
  ["of redrawn text the last drawing stays", "10 %\r20 %\r", "20 %"],
  ["a Windows line end goes", "line\r", "line"],
  ["tabs stay, other control characters go", "a\tb\x00\x07\x08\x7f\x85c", "a\tbc"],
  ["separators and direction marks go", "a\u2028b\u202ec\u2066d", "abcd"],
  ["letters of any script stay", "➜ 预览 🎉 é", "➜ 预览 🎉 é"],
])("%s", (_rule, raw, plain) => {
  expect(plainLine(raw)).toBe(plain);
});

test("a long line is cut to 2,000 characters, never within one", () => {
  expect(plainLine("x".repeat(2_000))).toHaveLength(2_000);
  expect(plainLine("x".repeat(2_001))).toHaveLength(2_000);
  expect(plainLine(`${"x".repeat(1_999)}🎉`)).toBe("x".repeat(1_999));
});

test.each(["\x1b]", "\x1b[", "\x1bP", "\x1b[1;", "\r", "\x1b"])(
  "a line of nothing but %j is read in no time",
  (piece) => {
    const begun = performance.now();
    plainLine(piece.repeat(16_000 / piece.length));
    expect(performance.now() - begun).toBeLessThan(200);
  },
);

test("no control character but the tab survives, whatever a line holds", () => {
  const pieces = fc.constantFrom(
    "\x1b",
    "[",
    "]",
    "P",
    "0;",
    "m",
    "\x07",
    "\\",
    "\r",
    "\t",
    "\x9b",
    "\x9c",
    "a",
    "é",
    "🎉",
  );
  fc.assert(
    fc.property(fc.array(pieces), (raw) => {
      expect(plainLine(raw.join(""))).not.toMatch(/[\x00-\x08\x0a-\x1f\x7f-\x9f]/);
    }),
  );
});
