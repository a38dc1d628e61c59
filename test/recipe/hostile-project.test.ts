import { describe, expect, it } from "vitest";
import { tempProject } from "./temp-project.ts";

/** Long enough to tell time in proportion to a text's length from its square. */
const length = 250_000;
const many = (text: string): string => text.repeat(length / text.length);

const vite = { scripts: { dev: "vite" }, dependencies: { vite: "8" } };

/*
 * The plane itself reads these files, before any command of the project runs, and for every project
 * in one process: none may hold it up. Patterns that try again from every place took minutes here.
 */
describe("a project whose files were made to take long is read all the same:", () => {
  it.each([
    [
      "a pattern of workspaces",
      { "package.json": { workspaces: [`${"*a".repeat(12)}*b`] }, [`${"a".repeat(200)}/x`]: "" },
    ],
    ["workspaces without end", { "package.json": { workspaces: Array.from({ length: 20_000 }, (_, n) => `p${n}`) } }],
    ["beginnings of a list", { "pnpm-workspace.yaml": many("packages:[\n") }],
    ["blanks in a list", { "pnpm-workspace.yaml": `packages:\n  - a${many(" ")}b` }],
    ["beginnings of comments", { ".vscode/launch.json": many("/* "), ".claude/launch.json": many("/* ") }],
    ["escaped quotes", { ".vscode/launch.json": `"${many('\\"')}` }],
    ["blanks in a Procfile", { Procfile: `web: a${many(" ")}b` }],
    ["blank lines in .npmrc", { "package.json": vite, "package-lock.json": {}, ".npmrc": many("\n") }],
    ["blank lines in requirements.txt", { "requirements.txt": many("\n"), "manage.py": "" }],
    ["blanks in a Python file", { "requirements.txt": "fastapi", "main.py": `a:${many(" ")}` }],
    ["a script of absurd length", { "package.json": { ...vite, scripts: { dev: `${many("a; ")}vite` } } }],
    [
      "a pattern of scripts",
      { "package.json": { scripts: { dev: `run-p ${"*a".repeat(12)}*b`, ["a".repeat(200)]: "x" } } },
    ],
  ])("%s", async (_, files) => {
    await using project = await tempProject(files);
    const startedAt = performance.now();
    await project.resolve().catch(() => undefined);
    expect(performance.now() - startedAt).toBeLessThan(5000);
  });
});
