import { describe, expect, it } from "vitest";
import { parseShellLine } from "../../src/recipe/shell-line.ts";

function shape(line: string): unknown {
  return parseShellLine(line)?.map(({ assignments, words }) => [
    ...assignments.map(({ text }) => text),
    ...words.map(({ value, text }) => value ?? `<${text}>`),
  ]);
}

describe("parseShellLine", () => {
  it.each([
    ["vite", [["vite"]]],
    ["  vite   dev  ", [["vite", "dev"]]],
    [
      "tsc -b && vite --port 3000",
      [
        ["tsc", "-b"],
        ["vite", "--port", "3000"],
      ],
    ],
    ["a;b|c||d&e\nf", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
    ["A=1 B='x y' vite", [["A=1", "B='x y'", "vite"]]],
    [`vite --base '/a b' "c \\"d\\""`, [["vite", "--base", "/a b", 'c "d"']]],
    ["vite --port $PORT", [["vite", "--port", "<$PORT>"]]],
    ['vite "--port=${PORT:-3000}"', [["vite", '<"--port=${PORT:-3000}">']]],
    ["vite --port {port}", [["vite", "--port", "{port}"]]],
    ["vite src/*.ts", [["vite", "<src/*.ts>"]]],
    ["vite a#b", [["vite", "a#b"]]],
    ["vite \\\n --host", [["vite", "--host"]]],
    ['PATH="$PWD/node_modules/.bin:$PATH" vite', [['PATH="$PWD/node_modules/.bin:$PATH"', "vite"]]],
    ["ünï/vite", [["ünï/vite"]]],
  ])("splits %j into its commands and words", (line, expected) => {
    expect(shape(line)).toEqual(expected);
  });

  it.each([
    "",
    "vite > log.txt",
    "vite 2>&1",
    "vite # comment",
    "(vite)",
    "vite $(cat flags)",
    "vite `cat flags`",
    'vite "$(cat flags)"',
    "vite &",
    "vite;",
    "&& vite",
    "vite 'unbalanced",
    "if true; then vite; fi",
    "{ vite; }",
    "! vite",
    "PORT=3000",
    "vite \\",
  ])("refuses %j, where added text might not become arguments", (line) => {
    expect(parseShellLine(line)).toBeUndefined();
  });
});
