import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tempProject } from "./temp-project.ts";

const app = { scripts: { dev: "vite" }, devDependencies: { vite: "^8" } };

describe("the package manager", () => {
  it.each([
    ["package-lock.json", "npm", "npm ci --include=dev --no-audit --no-fund"],
    ["npm-shrinkwrap.json", "npm", "npm ci --include=dev --no-audit --no-fund"],
    ["pnpm-lock.yaml", "pnpm", "pnpm install --frozen-lockfile --prod=false"],
    ["yarn.lock", "yarn", "yarn install --frozen-lockfile --production=false --non-interactive"],
    ["bun.lock", "bun", "bun install --frozen-lockfile"],
    ["bun.lockb", "bun", "bun install --frozen-lockfile"],
  ])("of %s is %s, which installs what the lock file says", async (lock, packageManager, command) => {
    await using project = await tempProject({ "package.json": app, [lock]: "" });
    expect(await project.resolve()).toMatchObject({ install: { packageManager, command }, problems: [] });
  });

  it.each<[string, Record<string, unknown>]>([
    [".yarnrc.yml", { "package.json": app, ".yarnrc.yml": "" }],
    ["packageManager", { "package.json": { ...app, packageManager: "yarn@4.18.1" } }],
  ])("is a later yarn where %s says so", async (_, files) => {
    await using project = await tempProject({ ...files, "yarn.lock": "" });
    expect((await project.resolve()).install?.command).toBe("yarn install --immutable");
  });

  it("is the one that packageManager names among several lock files", async () => {
    const locks = { "pnpm-lock.yaml": "", "package-lock.json": "" };
    await using project = await tempProject({ "package.json": { ...app, packageManager: "npm@11.0.0" }, ...locks });
    expect((await project.resolve()).install?.packageManager).toBe("npm");
  });

  it("is the one that packageManager names without a lock file, else npm", async () => {
    await using named = await tempProject({ "package.json": { ...app, packageManager: "pnpm@10.1.0" } });
    expect((await named.resolve()).render(4000).command).toMatch(/^pnpm run dev /);
    await using unnamed = await tempProject({ "package.json": { ...app, scripts: { dev: "node server.js" } } });
    expect((await unnamed.resolve()).render(4000).command).toBe("npm run dev");
  });

  it("is that of a lock file above, up to the workspace root", async () => {
    await using project = await tempProject({
      "pnpm-lock.yaml": "",
      "pnpm-workspace.yaml": "",
      "package.json": {},
      "apps/web/package.json": app,
    });
    expect(await project.resolve({ repoDir: "apps/web" })).toMatchObject({
      install: {
        command: "cd ../.. && pnpm install --frozen-lockfile --prod=false",
        packageManager: "pnpm",
      },
    });
  });

  it("of the nearest lock file counts", async () => {
    const web = { "apps/web/package.json": app, "apps/web/package-lock.json": "" };
    await using project = await tempProject({ "yarn.lock": "", "package.json": {}, ...web });
    const plan = await project.resolve({ repoDir: "apps/web" });
    expect(plan.install).toMatchObject({ packageManager: "npm", command: expect.stringMatching(/^npm ci /) });
  });
});

describe("dependencies", () => {
  it.each<[string, Record<string, unknown>]>([
    ["are there", { "package.json": app, "node_modules/.bin/vite": "#!" }],
    ["are none", { "package.json": { scripts: { dev: "node server.js" } } }],
    ["are without package.json", {}],
  ])("that %s are not installed again", async (_, files) => {
    await using project = await tempProject({ ...files, "package-lock.json": {} });
    const plan = await project.resolve();
    expect(plan.install).toBeUndefined();
    expect(plan.problems.filter(({ code }) => code === "dependencies_missing")).toEqual([]);
  });

  it("of a package that shares a folder, but no workspace, with a lock file are its own affair", async () => {
    const root = { "package.json": { dependencies: { left: "1" } }, "package-lock.json": {} };
    await using project = await tempProject({
      ...root,
      "examples/bare/package.json": { scripts: { dev: "node server.js" } },
      "examples/web/package.json": app,
    });
    const bare = await project.resolve({ repoDir: "examples/bare" });
    expect([bare.install, bare.problems]).toEqual([undefined, []]);
    const web = await project.resolve({ repoDir: "examples/web" });
    expect(web.install).toBeUndefined();
    expect(web.problems[0]!.message).toContain("run `npm install` in");
  });

  it("of the folder around it are installed for a directory without package.json", async () => {
    const root = { "package.json": { dependencies: { left: "1" } }, "package-lock.json": {} };
    await using project = await tempProject({ ...root, "server/index.js": "" });
    const plan = await project.resolve({ repoDir: "server", command: "node index.js" });
    expect(plan.install?.command).toMatch(/^cd \.\. && npm ci/);
  });

  it("that yarn keeps without node_modules are there", async () => {
    await using project = await tempProject({ "package.json": app, "yarn.lock": "", ".pnp.cjs": "" });
    expect(await project.resolve()).toMatchObject({ problems: [] });
    expect((await project.resolve()).install).toBeUndefined();
  });

  it("that a workspace hoists are there, and pnpm's are not until the package has its own", async () => {
    const files = { "package.json": { workspaces: ["web"] }, "node_modules/.bin/vite": "#!", "web/package.json": app };
    await using npm = await tempProject({ ...files, "package-lock.json": {} });
    expect((await npm.resolve({ repoDir: "web" })).install).toBeUndefined();
    await using pnpm = await tempProject({ ...files, "pnpm-lock.yaml": "", "pnpm-workspace.yaml": "" });
    expect((await pnpm.resolve({ repoDir: "web" })).install?.command).toMatch(/^cd \.\. && pnpm install/);
  });

  it("that pnpm hoists are there as well: all that a package names, else it is not hoisted", async () => {
    const files = {
      "package.json": {},
      "pnpm-lock.yaml": "",
      "pnpm-workspace.yaml": "packages: [web]",
      "web/package.json": { ...app, dependencies: { "@acme/ui": "1" } },
      "node_modules/vite/package.json": "{}",
      "node_modules/.bin/vite": "#!",
    };
    await using apart = await tempProject(files);
    expect((await apart.resolve({ repoDir: "web" })).install?.packageManager).toBe("pnpm");
    await using hoisted = await tempProject({ ...files, "node_modules/@acme/ui/package.json": "{}" });
    const plan = await hoisted.resolve({ repoDir: "web" });
    expect([plan.install, plan.problems]).toEqual([undefined, []]);
  });

  it("that a worktree shares by a symlink are there", async () => {
    await using other = await tempProject({ "node_modules/.bin/vite": "#!" });
    await using project = await tempProject({ "package.json": app, "package-lock.json": {} });
    await symlink(join(other.root, "node_modules"), join(project.root, "node_modules"));
    const plan = await project.resolve();
    expect(plan.install).toBeUndefined();
  });

  it("without a lock file are a problem that names the command", async () => {
    await using project = await tempProject({ "package.json": app });
    const plan = await project.resolve();
    expect(plan.install).toBeUndefined();
    expect(plan.problems).toEqual([
      {
        code: "dependencies_missing",
        message: `node_modules is not installed: run \`npm install\` in ${project.root}`,
      },
    ]);
  });

  it("that lack the dev server itself are a problem, and node_modules is not touched", async () => {
    await using project = await tempProject({
      "package.json": app,
      "package-lock.json": {},
      "node_modules/left/index.js": "",
    });
    const plan = await project.resolve();
    expect(plan.install).toBeUndefined();
    expect(plan.problems[0]!.message).toContain(
      "vite is not installed: run `npm ci --include=dev --no-audit --no-fund` in",
    );
  });
});
