import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import { resolveLaunch } from "../../src/recipe/resolve-launch.ts";
import type { ProjectFiles } from "../../src/recipe/project-files.ts";
import type { LaunchPlan } from "../../src/recipe/resolve-launch.ts";
import { tempProject } from "../recipe/temp-project.ts";
import { anyJson, anyText, fuzz, mutated } from "./support/fuzz.ts";

/** A workspace in memory. */
function filesOf(texts: Readonly<Record<string, string>>): ProjectFiles {
  const paths = Object.keys(texts);
  return {
    readText: async (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined),
    exists: async (path) => paths.some((each) => each === path || each.startsWith(`${path}/`)),
    folders: async (path) => {
      const below = paths.filter((each) => path === "" || each.startsWith(`${path}/`));
      const names = below.map((each) => each.slice(path === "" ? 0 : path.length + 1).split("/"));
      return [...new Set(names.flatMap(([name, ...rest]) => (rest.length === 0 ? [] : [name!])))].toSorted();
    },
    repoDir: async () => ({ path: "/workspace", relativePath: "" }),
  };
}

/** A plan that can be carried out, or an error that may be shown. */
const isReadOrRefused = (texts: Readonly<Record<string, string>>): Promise<void> =>
  isPlannedOrRefused(() =>
    resolveLaunch({
      files: filesOf(texts),
      workspaceRoot: "/workspace",
      request: {},
      defaultCommand: "pnpm dev",
      publicDomain: "preview.example.com",
    }),
  );

async function isPlannedOrRefused(resolve: () => Promise<LaunchPlan>): Promise<void> {
  const startedAt = performance.now();
  try {
    const plan = await resolve();
    const { command, env } = plan.render(3000);
    expect(command).toEqual(expect.any(String));
    expect(command).not.toContain("\0");
    for (const value of Object.values(env)) expect(value).not.toContain("\0");
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    expect(error.message + error.hint).not.toMatch(/[\0\r\u001b]/);
  }
  expect(performance.now() - startedAt).toBeLessThan(2_000);
}

const commands = fc.oneof(
  anyText,
  fc
    .array(
      fc.constantFrom(
        "vite",
        "next",
        "dev",
        "--port",
        "{port}",
        "$PORT",
        "&&",
        "|",
        "&",
        ";",
        "(",
        ")",
        "'",
        '"',
        "\\",
        "npm",
        "run",
        "pnpm",
        "-C",
        "..",
        "cross-env",
        "A=b",
        "concurrently",
        "sh",
        "-c",
        "./run.sh",
        "node",
        "server.js",
        "#",
        "\n",
        "`",
        "$(",
        "*",
        "turbo",
        "nx",
        "serve",
        "make",
        ">",
        "<<EOF",
        "exec",
        "env",
        "--",
      ),
      { maxLength: 12 },
    )
    .map((words) => words.join(" ")),
);
const orAny = (likely: fc.Arbitrary<unknown>) => fc.oneof({ weight: 4, arbitrary: likely }, anyJson);
const record = (fields: Record<string, fc.Arbitrary<unknown>>) => orAny(fc.record(fields, { requiredKeys: [] }));
const names = fc.oneof(fc.constantFrom("dev", "start", "serve", "predev", "web", "build"), anyText);
const scripts = orAny(fc.dictionary(names, orAny(commands), { maxKeys: 5 }));
const versions = orAny(fc.constantFrom("8", "^15.0.0", "*", "workspace:*", "latest", "npm:other@1", "file:..", ""));
const dependencies = orAny(
  fc.dictionary(
    fc.oneof(fc.constantFrom("vite", "next", "react", "@angular/core", "express", "astro", "nuxt"), anyText),
    versions,
    { maxKeys: 5 },
  ),
);
const packageJson = record({
  name: orAny(fc.constant("shop")),
  scripts,
  dependencies,
  devDependencies: dependencies,
  workspaces: orAny(
    fc.oneof(
      fc.array(orAny(anyText), { maxLength: 3 }),
      fc.record({ packages: anyJson }),
      fc.constant(["packages/*", "!x"]),
    ),
  ),
  packageManager: orAny(fc.constantFrom("pnpm@9.1.0", "yarn@4", "bun@1", "npm@", "@", "x@y@z")),
  type: anyJson,
  engines: anyJson,
  nx: anyJson,
});
const configuration = record({
  name: orAny(anyText),
  type: orAny(fc.constantFrom("node", "node-terminal", "debugpy", "chrome")),
  request: orAny(fc.constantFrom("launch", "attach")),
  runtimeExecutable: orAny(commands),
  runtimeArgs: orAny(fc.array(orAny(commands), { maxLength: 4 })),
  program: orAny(commands),
  module: orAny(commands),
  args: orAny(fc.oneof(commands, fc.array(orAny(commands), { maxLength: 4 }))),
  command: orAny(commands),
  cwd: orAny(fc.constantFrom("${workspaceFolder}", "${workspaceFolder}/..", "/", "..", "packages/a")),
  env: orAny(fc.dictionary(anyText, anyJson, { maxKeys: 4 })),
  envFile: anyJson,
  port: orAny(fc.oneof(fc.integer(), fc.constantFrom("3000", -1, 1e9, 0.5))),
  autoPort: anyJson,
});
const launchJson = record({
  version: anyJson,
  configurations: orAny(fc.array(configuration, { maxLength: 3 })),
  inputs: anyJson,
});
const projectFile = record({
  command: orAny(commands),
  port: orAny(fc.integer()),
  env: orAny(fc.dictionary(anyText, anyText, { maxKeys: 4 })),
  readyPath: orAny(fc.constantFrom("/", "/x?y", "x", "//")),
  repoDir: orAny(fc.constantFrom(".", "..", "packages/a", "/etc")),
});
/** Written as JSON, now and then with a slip of the hand. */
const written = (json: fc.Arbitrary<unknown>) =>
  json.chain((value) => {
    const text = JSON.stringify(value, undefined, 1) ?? "";
    return fc.oneof({ weight: 3, arbitrary: fc.constant(text) }, mutated(text, `{}[]",:/*\\ \n\0\ufeff`), anyText);
  });
const procfile = fc
  .array(
    fc.oneof(
      anyText,
      fc
        .tuple(fc.constantFrom("web", "worker", "css", "release", "ẅeb"), commands)
        .map(([name, line]) => `${name}: ${line}`),
    ),
    { maxLength: 4 },
  )
  .map((lines) => lines.join("\n"));

const projects = fc.record(
  {
    "package.json": written(packageJson),
    "packages/a/package.json": written(packageJson),
    ".claude/launch.json": written(launchJson),
    ".vscode/launch.json": written(launchJson),
    "dev-preview.json": written(projectFile),
    Procfile: procfile,
    "Procfile.dev": procfile,
    "pnpm-workspace.yaml": fc.oneof(anyText, mutated("packages:\n  - 'packages/*'\n  - !x\n", "-:'\"*![] \n\t#")),
    "pnpm-lock.yaml": anyText,
    "turbo.json": written(record({ tasks: anyJson, pipeline: anyJson })),
    "nx.json": written(anyJson),
    "project.json": written(
      record({ targets: record({ serve: record({ executor: anyJson, options: anyJson, command: orAny(commands) }) }) }),
    ),
    "angular.json": written(anyJson),
    "deno.json": written(record({ tasks: orAny(fc.dictionary(names, orAny(commands), { maxKeys: 3 })) })),
    "run.sh": procfile,
    Makefile: procfile,
    "requirements.txt": fc.oneof(anyText, fc.constantFrom("django", "fastapi\nuvicorn", "flask==3")),
    "pyproject.toml": fc.oneof(anyText, mutated("[project]\ndependencies = ['fastapi']\n", "[]'\"=\n,")),
    Gemfile: anyText,
    "composer.json": written(anyJson),
    "go.mod": anyText,
    "main.go": anyText,
    ".npmrc": anyText,
    "index.html": anyText,
    "manage.py": anyText,
    "main.py": anyText,
    "vite.config.ts": anyText,
  },
  { requiredKeys: [] },
);

describe("a project", () => {
  it("of any files is read, or refused in our own words, and never takes long", () => fuzz(projects, isReadOrRefused));

  it.each([
    ["package.json", packageJson],
    [".claude/launch.json", launchJson],
    [".vscode/launch.json", launchJson],
    ["dev-preview.json", projectFile],
  ] as const)("with nothing but an odd %s is read, or refused in our own words", (path, content) =>
    fuzz(written(content), (text) => isReadOrRefused({ [path]: text })),
  );

  it.each(["Procfile", "Procfile.dev"])("with nothing but an odd %s is read, or refused in our own words", (path) =>
    fuzz(procfile, (text) => isReadOrRefused({ [path]: text })),
  );

  it("whose only script is any line gets a command that is one", () =>
    fuzz(commands, (dev) =>
      isReadOrRefused({ "package.json": JSON.stringify({ scripts: { dev }, dependencies: { vite: "8" } }) }),
    ));

  it("on a disk is read like one in memory, whatever directories its files name", () =>
    fuzz(
      fc.record({
        "package.json": written(packageJson),
        ".claude/launch.json": written(
          fc.tuple(fc.oneof(anyText, fc.constantFrom("packages/a", "${workspaceFolder}/\0", "a\0b"))).map(([cwd]) => ({
            configurations: [{ name: "web", program: "server.js", cwd }],
          })),
        ),
        "dev-preview.json": written(fc.record({ repoDir: fc.oneof(anyText, fc.constantFrom(".", "a\0b")) })),
      }),
      async (texts) => {
        await using project = await tempProject({ ...texts, "packages/a/package.json": "{}" });
        await isPlannedOrRefused(() => project.resolve());
      },
      { runs: 200 },
    ));
});
