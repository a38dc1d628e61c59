import { describe, expect, it } from "vitest";
import { parseShellLine, printShellLine, quoted } from "../../src/recipe/line/shell-line.ts";

function shape(line: string): unknown {
  return parseShellLine(line)?.commands.map(({ assignments, words }) => [
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
    ['pnpm run "/^(a|b)$/" "$/" "$x/"', [["pnpm", "run", "/^(a|b)$/", "$/", '<"$x/">']]],
    ['vite "--port=${PORT:-3000}"', [["vite", '<"--port=${PORT:-3000}">']]],
    ["vite --port {port}", [["vite", "--port", "{port}"]]],
    ["vite src/*.ts", [["vite", "<src/*.ts>"]]],
    ["vite a#b", [["vite", "a#b"]]],
    ["vite \\\n --host", [["vite", "--host"]]],
    ['PATH="$PWD/node_modules/.bin:$PATH" vite', [['PATH="$PWD/node_modules/.bin:$PATH"', "vite"]]],
    ["ünï/vite", [["ünï/vite"]]],
    ["vite > log.txt 2>&1", [["vite"]]],
    ["(vite)", [["<(vite)>"]]],
    ["(cd web && (vite '(' \")\" \\()) & tsc -w", [["<(cd web && (vite '(' \")\" \\())>"], ["tsc", "-w"]]],
    ["( vite ) > log", [["<( vite )>"]]],
  ])("splits %j into its commands and words", (line, expected) => {
    expect(shape(line)).toEqual(expected);
  });

  it.each([
    "",
    "vite > $LOG",
    "vite << END",
    "> log",
    "vite # comment",
    "(vite",
    "vite)",
    "(vite) --host",
    "A=1 (vite)",
    "vite (x)",
    "f() { vite; }",
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

describe("blanks that are none to a shell", () => {
  it.each([
    "\u000bvite",
    "vite\u000b",
    "vite \u000c --port 3000",
    "vite\u00a0dev",
    "a && \u2028b",
    "\ufeffa\u2003b",
    "A=\u000bb vite",
  ])("end the reading of %j, and do not keep it from ending", (line) => {
    const parsed = parseShellLine(line);
    // those around the line are trimmed
    if (parsed !== undefined) expect(printShellLine(parsed)).toBe(line.trim());
  });
});

describe("printShellLine", () => {
  it.each([
    "vite",
    "A=1 vite --port 3000 && echo 'a b'",
    "vite > log.txt 2>&1 & tsc -w",
    "a || b; c | d",
    'PATH="$PWD/bin:$PATH" vite "$HOME"',
    "(cd web; vite) & tsc -w",
  ])("prints %s as it was", (line) => {
    expect(printShellLine(parseShellLine(line)!)).toBe(line);
  });
});

describe("quoted", () => {
  it.each([
    ["plain/path-1.2:3=@", "plain/path-1.2:3=@"],
    ["a b", "'a b'"],
    ["it's", String.raw`'it'\''s'`],
    ["$(x)`y`", "'$(x)`y`'"],
    ["", "''"],
  ])("makes one word of %j", (text, word) => {
    expect(quoted(text)).toBe(word);
  });
});
