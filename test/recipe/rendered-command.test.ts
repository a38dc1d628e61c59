import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { LaunchPlan } from "../../src/recipe/launch-plan.ts";
import { tempProject } from "./temp-project.ts";

/** Stands for Vite: prints what it was given. */
const program = `#!/usr/bin/env node
console.log("GIVEN " + JSON.stringify({ args: process.argv.slice(2), cwd: process.cwd(), env: process.env }));
`;
const flags = ["--host", "0.0.0.0", "--port", "4000", "--strictPort"];
const manifest = (scripts: Record<string, string>) => ({ name: "app", version: "1.2.3", license: "MIT", scripts });

interface Given {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs the rendered command as a sandbox does: sh, in the repo dir, without what npm gave this test. */
async function given(plan: LaunchPlan): Promise<Given> {
  const { command, env } = plan.render(4000);
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  const child = spawn("sh", ["-c", command], {
    cwd: plan.repoDir,
    env: { ...Object.fromEntries(own), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  await once(child, "close");
  const line = output.split("\n").find((each) => each.startsWith("GIVEN "));
  expect(line, `${command} printed: ${output}`).toBeDefined();
  return JSON.parse(line!.slice("GIVEN ".length));
}

describe("a rendered command, really run", () => {
  it.each([
    ["vite", []],
    ["vite dev --open '/a b'", ["dev", "--open", "/a b"]],
    ["node -v && vite", []],
    ["npm run inner", []],
    ["env A=b vite --port 3000", ["--port", "3000"]],
    ["sh -c 'vite dev'", ["dev"]],
    ["echo built & vite --open", ["--open"]],
    ["vite | cat", []],
    ["cd . && exec vite", []],
  ])("hands the flags to the server of the npm script %s", async (dev, own) => {
    await using project = await tempProject({
      "package.json": manifest({ dev, inner: "vite" }),
      "node_modules/.bin/vite": program,
    });
    const { args, env } = await given(await project.resolve());
    expect(args).toEqual([...own, ...flags]);
    expect(env).toMatchObject({ PORT: "4000", npm_package_version: "1.2.3" });
  });

  it("replaces what the script fixes, runs what npm would run before it, and gives the port to no other", async () => {
    await using project = await tempProject({
      "package.json": manifest({
        predev: "echo A > before.txt",
        dev: 'node other.cjs & rsbuild dev --port 3000 --open "/a b"',
      }),
      "other.cjs": 'require("fs").writeFileSync("other.txt", String(process.env.PORT))',
      "node_modules/.bin/rsbuild": program,
    });
    const plan = await project.resolve();
    const { args, env } = await given(plan);
    expect(args).toEqual(["dev", "/a b", "--host", "0.0.0.0", "--port", "4000"]);
    expect(env["npm_lifecycle_event"]).toBe("dev");
    expect(await readFile(join(project.root, "before.txt"), "utf8")).toBe("A\n");
    expect(await readFile(join(project.root, "other.txt"), "utf8")).toBe("undefined");
  });

  it("runs a script of another package in its own directory", async () => {
    await using project = await tempProject({
      "package.json": { ...manifest({ dev: "npm run fixed -w web" }), workspaces: ["apps/*"] },
      "apps/web/package.json": { ...manifest({ fixed: "rsbuild --port 3000" }), name: "web" },
      "node_modules/.bin/rsbuild": program,
    });
    const { args, cwd } = await given(await project.resolve());
    expect([args, cwd]).toEqual([flags.slice(0, 4), join(project.root, "apps/web")]);
  });

  it("finds a Python program in the project's virtualenv", async () => {
    await using project = await tempProject({
      "app/main.py": "app = FastAPI()",
      ".venv/bin/python": "#!",
      ".venv/bin/uvicorn": program,
    });
    expect((await given(await project.resolve())).args).toEqual(["app.main:app", "--reload", ...flags.slice(0, 4)]);
  });

  it("hands them to the program behind an explicit npm run", async () => {
    await using project = await tempProject({
      "package.json": manifest({ web: "vite" }),
      "node_modules/.bin/vite": program,
    });
    expect((await given(await project.resolve({ command: "npm run web" }))).args).toEqual(flags);
  });

  it("finds the program of the workspace from a package in a path with spaces and unicode", async () => {
    await using project = await tempProject(
      {
        "package.json": {},
        "node_modules/.bin/vite": program,
        "apps/mein wéb/package.json": manifest({ dev: "vite" }),
      },
      "mein prøject",
    );
    const { args, cwd } = await given(await project.resolve({ repoDir: "apps/mein wéb" }));
    expect(args).toEqual(flags);
    expect(cwd).toBe(join(project.root, "apps/mein wéb"));
  });

  const others = [
    ["pnpm", "pnpm-lock.yaml"],
    ["yarn", "yarn.lock"],
    ["bun", "bun.lock"],
  ] as const;
  for (const [manager, lock] of others) {
    const absent = spawnSync(manager, ["--version"]).status !== 0;
    it.skipIf(absent)(`hands them through ${manager}${absent ? " (skipped: not installed here)" : ""}`, async () => {
      await using project = await tempProject({
        "package.json": manifest({ dev: "node -v && vite" }),
        [lock]: "",
        "node_modules/.bin/vite": program,
      });
      expect((await given(await project.resolve())).args).toEqual(flags);
    });
  }
});
