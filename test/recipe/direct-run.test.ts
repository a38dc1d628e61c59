import { describe, expect, it } from "vitest";
import { tempProject } from "./temp-project.ts";

const vite = { name: "app", version: "1.2.3", scripts: { dev: "vite" }, devDependencies: { vite: "^8" } };

async function commandOf(files: Record<string, unknown>, repoDir?: string): Promise<string> {
  await using project = await tempProject(files);
  return (await project.resolve({ repoDir })).render(4000).command;
}

describe("a script without npm in front of it", () => {
  it("is run where nobody can tell the difference", async () => {
    expect(await commandOf({ "package.json": vite })).toBe(
      'PATH="$PWD/node_modules/.bin:$PATH" vite --host 0.0.0.0 --port 4000 --strictPort',
    );
  });

  it("finds the programs of every package around it, as npm does", async () => {
    expect(await commandOf({ "package-lock.json": {}, "apps/web/package.json": vite }, "apps/web")).toMatch(
      /^PATH="\$PWD\/node_modules\/\.bin:\$PWD\/\.\.\/node_modules\/\.bin:\$PWD\/\.\.\/\.\.\/node_modules\/\.bin:\$PATH" vite /,
    );
  });

  it("keeps its own assignments and wrappers", async () => {
    const scripts = { dev: "A=1 cross-env PORT=3000 next dev" };
    expect(await commandOf({ "package.json": { ...vite, scripts } })).toBe(
      'PATH="$PWD/node_modules/.bin:$PATH" A=1 cross-env PORT=3000 next dev -p 4000',
    );
  });

  it("has the variables of npm that tools expand", async () => {
    await using project = await tempProject({ "package.json": vite });
    expect((await project.resolve()).render(4000).env).toMatchObject({
      npm_lifecycle_event: "dev",
      npm_package_name: "app",
      npm_package_version: "1.2.3",
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ["a pre script", { "package.json": { ...vite, scripts: { ...vite.scripts, predev: "x" } } }],
    ["a post script", { "package.json": { ...vite, scripts: { ...vite.scripts, postdev: "x" } } }],
    ["a chain of commands", { "package.json": { ...vite, scripts: { dev: "tsc -b && vite" } } }],
    ["a server of the project's own", { "package.json": { ...vite, scripts: { dev: "node server.js" } } }],
    [
      "npm's variables in the script",
      { "package.json": { ...vite, scripts: { dev: "vite --base $npm_package_name" } } },
    ],
    ["npm's variables in the config", { "package.json": vite, "vite.config.ts": "process.env.npm_config_user_agent" }],
    ["another shell", { "package.json": vite, ".npmrc": "script-shell=/bin/bash\n" }],
    ["options for Node", { "package.json": vite, ".npmrc": "node-options = --inspect\n" }],
  ])("is not run with %s", async (_, files) => {
    expect(await commandOf(files)).toMatch(/^npm run dev/);
  });

  it.each([
    ["pnpm-lock.yaml", "pnpm run dev "],
    ["yarn.lock", "yarn run dev "],
    ["bun.lock", "bun run dev "],
  ])("is not run for the package manager of %s, which does more than run it", async (lock, start) => {
    const command = await commandOf({ "package.json": vite, [lock]: "" });
    expect(command.startsWith(start)).toBe(true);
  });

  it("is not run for a command that the caller wrote", async () => {
    await using project = await tempProject({ "package.json": vite });
    expect((await project.resolve({ command: "npm run dev" })).render(4000).command).toMatch(/^npm run dev -- /);
  });
});
