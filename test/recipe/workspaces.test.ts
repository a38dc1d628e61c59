import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { matchFolders } from "../../src/recipe/match-folders.ts";
import { filesInMemory } from "./read-line.ts";
import { tempProject } from "./temp-project.ts";

type Files = Record<string, unknown>;

const app = (name: string, dev: string, ...packages: string[]) => ({
  name,
  scripts: { dev },
  dependencies: Object.fromEntries(packages.map((each) => [each, "*"])),
});
const library = {
  name: "@acme/ui",
  scripts: { dev: "tsup --watch", build: "vite build" },
  dependencies: { vite: "*" },
};

const declarations: readonly [string, Files][] = [
  ["npm", { "package.json": { workspaces: ["apps/*", "packages/*"] } }],
  ["yarn", { "package.json": { workspaces: { packages: ["apps/*", "packages/*"] } } }],
  [
    "pnpm",
    {
      "package.json": {},
      "pnpm-workspace.yaml":
        "packages:\n  # all\n  - 'apps/*'\n  - \"packages/**\"\n  - '!**/test/**'\n\ncatalog:\n  - x\n",
    },
  ],
  ["pnpm, in one line", { "package.json": {}, "pnpm-workspace.yaml": "packages: ['apps/*', packages/*]\n" }],
  ["lerna", { "package.json": {}, "lerna.json": { packages: ["apps/*", "packages/*"] } }],
  ["deno", { "deno.json": { workspace: ["./apps/web", "./apps/api", "./packages/ui"] } }],
  ["nx", { "package.json": {}, "nx.json": {} }],
  [
    "turbo",
    {
      "package.json": { workspaces: ["apps/*", "packages/*"], scripts: { dev: "turbo run dev" } },
      "turbo.json": { tasks: { dev: {} } },
    },
  ],
];

describe("the one web app of a workspace", () => {
  it.each(declarations)("of %s is found", async (_, files) => {
    await using project = await tempProject({
      ...files,
      "apps/web/package.json": app("web", "vite", "vite"),
      "apps/api/package.json": app("api", "node server.js", "express"),
      "packages/ui/package.json": library,
      "packages/ui/vite.config.ts": "",
    });
    const plan = await project.resolve();
    expect(plan).toMatchObject({ repoDir: join(project.root, "apps/web"), framework: "vite", name: "web" });
  });

  it.each<[string, Files, string]>([
    [
      "front end before documentation",
      { "docs/package.json": app("docs", "vitepress dev"), "shop/package.json": app("shop", "next dev") },
      "shop",
    ],
    [
      "documentation before servers",
      { "docs/package.json": app("docs", "vitepress dev"), "api/package.json": app("api", "node a.js") },
      "docs",
    ],
    [
      "server, where there is nothing else",
      { "api/package.json": app("api", "node a.js"), "ui/package.json": library },
      "api",
    ],
  ])("is a %s", async (_, files, directory) => {
    await using project = await tempProject({ "package.json": { workspaces: ["*"] }, ...files });
    expect((await project.resolve()).repoDir).toBe(join(project.root, directory));
  });

  it("is called like its package, as far as a preview can be", async () => {
    const files = { "package.json": { workspaces: ["*"] }, "a/package.json": app("@acme/Mein_Shop", "vite") };
    await using project = await tempProject(files);
    expect((await project.resolve()).name).toBe("mein-shop");
  });

  it("is the one called like the preview among several", async () => {
    await using project = await tempProject({
      "package.json": { workspaces: ["apps/*"] },
      "apps/admin/package.json": app("@acme/admin", "vite"),
      "apps/shop/package.json": app("storefront", "vite"),
      "apps/api/package.json": app("@acme/api", "node a.js"),
    });
    for (const [name, directory] of [
      ["admin", "admin"],
      ["shop", "shop"],
      ["storefront", "shop"],
      ["api", "api"],
    ] as const)
      expect((await project.resolve({ name })).repoDir).toBe(join(project.root, "apps", directory));
  });

  it("is an nx project without package.json, which nx serves from the root", async () => {
    const nx = (project: unknown, files: Files = {}): Files => ({
      "package.json": { devDependencies: { nx: "*", vite: "*" } },
      "nx.json": {},
      "node_modules/.bin/nx": "#!",
      "apps/group/shop/project.json": project,
      ...files,
    });
    const server = { name: "api", targets: { serve: { executor: "@nx/js:node" } } };
    for (const [files, run] of [
      [nx({ name: "shop", targets: { serve: {} } }), "shop:serve"],
      [nx({}, { "apps/group/shop/vite.config.ts": "" }), "shop:serve"],
      [nx({}, { "apps/group/shop/vite.config.mjs": "" }), "shop:serve"],
      [nx({}, { "apps/group/shop/react-router.config.ts": "", "apps/group/shop/vite.config.ts": "" }), "shop:dev"],
      [nx({ name: "shop", targets: { dev: {} } }, { "apps/api/project.json": server }), "shop:dev"],
    ] as const) {
      await using project = await tempProject(files);
      const plan = await project.resolve();
      expect(plan).toMatchObject({ repoDir: project.root, framework: "nx", name: "shop" });
      expect(plan.render(4000).command).toContain(`nx run ${run} --host=0.0.0.0 --port=4000`);
      expect((await project.resolve({ repoDir: "apps/group/shop" })).repoDir).toBe(project.root);
    }
    await using library = await tempProject(nx({ name: "util", targets: { test: {} } }));
    expect(await library.resolve()).toMatchObject({ source: "default" });
  });

  it("has its own dev-preview.json, before that of the root", async () => {
    await using project = await tempProject({
      "package.json": { workspaces: ["*"] },
      "dev-preview.json": { readyPath: "/root", env: { A: "root" } },
      "shop/package.json": app("shop", "make dev"),
      "shop/dev-preview.json": { command: "vite --base /shop/", readyPath: "/shop/" },
      "util/package.json": library,
    });
    const plan = await project.resolve();
    expect(plan).toMatchObject({
      repoDir: join(project.root, "shop"),
      source: "dev-preview.json",
      readyPath: "/shop/",
    });
    expect(plan.render(4000).env).not.toHaveProperty("A");
  });

  it("is found beside packages that cannot be read", async () => {
    await using project = await tempProject({
      "package.json": { workspaces: ["**"] },
      "shop/package.json": app("shop", "vite"),
      "fixtures/broken/package.json": "{ no json",
    });
    expect((await project.resolve()).repoDir).toBe(join(project.root, "shop"));
    await expect(project.resolve({ repoDir: "fixtures/broken" })).rejects.toMatchObject({
      code: "project_file_invalid",
    });
  });

  it.each([
    "turbo run dev",
    "dotenv -- turbo dev",
    "cross-env A=1 pnpm -r --parallel dev",
    "pnpm turbo dev",
    "npx turbo run dev --parallel",
    "npm run build && turbo dev",
    "npm run all",
    "lerna run dev --stream",
    "nx run-many -t dev",
    "yarn workspaces foreach -Api run dev",
    "npm run dev --workspaces --if-present",
    "bun run --filter '*' dev",
  ])("is found where the root's script starts every package: %s", async (dev) => {
    await using project = await tempProject({
      "package.json": { workspaces: ["apps/*"], scripts: { dev, all: "turbo dev" } },
      "apps/web/package.json": app("web", "vite", "vite"),
    });
    expect((await project.resolve()).repoDir).toBe(join(project.root, "apps/web"));
  });

  it("is launched through turbo where something is to be built before it", async () => {
    const files = (tasks: unknown): Files => ({
      "package.json": { workspaces: ["apps/*"], scripts: { dev: "turbo run dev" } },
      "turbo.json": { tasks },
      "apps/web/package.json": app("@acme/web", "vite", "vite"),
    });
    await using built = await tempProject(files({ dev: { dependsOn: ["^build"], persistent: true } }));
    const plan = await built.resolve();
    expect(plan).toMatchObject({ repoDir: built.root, framework: "vite", name: "web" });
    expect(plan.render(4000).command).toMatch(
      /turbo run dev --filter=@acme\/web -- --host 0\.0\.0\.0 --port 4000 --strictPort$/,
    );
    expect(plan.render(4000).env).toMatchObject({ TURBO_ENV_MODE: "loose" });
    await using plain = await tempProject(files({ dev: { dependsOn: [] } }));
    expect((await plain.resolve()).repoDir).toBe(join(plain.root, "apps/web"));
  });

  it("keeps an installation for the whole workspace", async () => {
    await using project = await tempProject({
      "package.json": { workspaces: ["apps/*"] },
      "package-lock.json": {},
      "apps/web/package.json": app("web", "vite", "vite"),
    });
    expect((await project.resolve()).install?.command).toMatch(/^cd \.\.\/\.\. && npm ci/);
  });
});

describe("several web apps", () => {
  const files: Files = {
    "package.json": { workspaces: ["apps/*"], scripts: { dev: "turbo dev" } },
    "apps/web/package.json": app("web", "next dev"),
    "apps/docs/package.json": app("docs", "vitepress dev"),
    "apps/admin/package.json": app("admin", "vite"),
    "apps/api/package.json": app("api", "node a.js"),
  };

  it("are listed, front ends first, and repoDir chooses", async () => {
    await using project = await tempProject(files);
    const error = await project.resolve().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "repo_dir_required",
      message: `several apps are in ${project.root}: "apps/admin" (vite), "apps/web" (next), "apps/docs" (vitepress), "apps/api" (node)`,
      hint: expect.stringContaining("repoDir"),
    });
    for (const repoDir of ["apps/web", "apps/admin", "apps/docs", "apps/api"])
      expect((await project.resolve({ repoDir })).repoDir).toBe(join(project.root, repoDir));
  });

  it("are not looked for when the caller says what to run, or where", async () => {
    await using project = await tempProject(files);
    expect(await project.resolve({ command: "turbo dev" })).toMatchObject({
      repoDir: project.root,
      source: "argument",
    });
    expect(await project.resolve({ repoDir: "." })).toMatchObject({ repoDir: project.root, source: "script" });
    await using filed = await tempProject({ ...files, "dev-preview.json": { repoDir: "apps/docs" } });
    expect((await filed.resolve()).framework).toBe("vitepress");
  });

  it("are not looked for where the root's script names one, or is a server itself", async () => {
    const named = { workspaces: ["apps/*"], scripts: { dev: "pnpm --filter web dev" } };
    await using filtered = await tempProject({ ...files, "package.json": named });
    expect(await filtered.resolve()).toMatchObject({ repoDir: filtered.root, framework: "next" });
    const own = { workspaces: ["apps/*"], scripts: { dev: "vite" } };
    await using served = await tempProject({ ...files, "package.json": own });
    expect(await served.resolve()).toMatchObject({ repoDir: served.root, framework: "vite" });
  });

  it("are listed up to a bound", async () => {
    const many = Array.from({ length: 40 }, (_, index) => [`apps/a${index}/package.json`, app(`a${index}`, "vite")]);
    await using project = await tempProject({
      "package.json": { workspaces: ["apps/*"] },
      ...Object.fromEntries(many),
    });
    const error = await project.resolve().catch((thrown: unknown) => thrown);
    expect((error as Error).message).toContain("and 28 more");
    expect((error as Error).message.length).toBeLessThan(1000);
  });

  it("are not counted among libraries, tests and hidden folders", async () => {
    await using project = await tempProject({
      "package.json": { workspaces: ["**"] },
      "packages/ui/package.json": library,
      "apps/web/package.json": app("web", "vite"),
      "apps/web/node_modules/x/package.json": app("x", "vite"),
      ".cache/y/package.json": app("y", "vite"),
    });
    expect((await project.resolve()).repoDir).toBe(join(project.root, "apps/web"));
  });
});

describe("folders of a project that declares no workspace", () => {
  it("are looked into where the root shows nothing: the only front end is found", async () => {
    await using project = await tempProject({
      "README.md": "",
      "frontend/package.json": app("frontend", "vite", "vite"),
      "backend/main.py": "app = FastAPI()",
      "docs/index.html": "",
    });
    const plan = await project.resolve();
    expect(plan).toMatchObject({ repoDir: join(project.root, "frontend"), framework: "vite", name: "frontend" });
    const back = await project.resolve({ name: "backend" });
    expect(back).toMatchObject({ repoDir: join(project.root, "backend"), framework: "fastapi" });
  });

  it("are listed when several are front ends, and left alone when the root serves", async () => {
    const two = { "a/package.json": app("a", "vite"), "b/package.json": app("b", "next dev") };
    await using project = await tempProject(two);
    await expect(project.resolve()).rejects.toMatchObject({ code: "repo_dir_required" });
    await using root = await tempProject({ ...two, "package.json": app("root", "vite") });
    expect((await root.resolve()).repoDir).toBe(root.root);
  });

  it("are followed by the root's own script", async () => {
    await using project = await tempProject({
      "package.json": { scripts: { dev: "npm run dev --prefix client" } },
      "client/package.json": app("client", "vite", "vite"),
      "server/package.json": app("server", "vite", "vite"),
    });
    const plan = await project.resolve();
    expect(plan).toMatchObject({ repoDir: project.root, framework: "vite" });
    expect(plan.render(4000).command).toBe("npm run dev -- -- --host 0.0.0.0 --port 4000 --strictPort");
  });
});

describe("workspace patterns", () => {
  const files = filesInMemory({
    "apps/web/package.json": "",
    "apps/group/api/package.json": "",
    "apps/node_modules/x/package.json": "",
    "packages/ui/test/fixture/package.json": "",
    "packages/.hidden/package.json": "",
    "tools-a/x": "",
    "tools-b/x": "",
  });

  it.each([
    [["apps/*"], ["apps/group", "apps/web"]],
    [["./apps/web"], ["apps/web"]],
    [["apps/**"], ["apps", "apps/group", "apps/group/api", "apps/web"]],
    [["packages/*"], ["packages/ui"]],
    [
      ["packages/**", "!**/test/**"],
      ["packages", "packages/ui", "packages/ui/test"],
    ],
    [["tools-*"], ["tools-a", "tools-b"]],
    [["*/web"], ["apps/web"]],
    [["gone/*"], []],
  ])("%j name their folders", async (patterns, expected) => {
    const found = await matchFolders(files, "", patterns);
    expect(found.filter((folder) => (folder !== "*" && !folder.endsWith("/web")) || folder === "apps/web")).toEqual(
      expected,
    );
  });

  it("stop in a tree without end", async () => {
    const endless = { ...files, folders: () => Promise.resolve(["a", "b", "c", "d"]) };
    expect((await matchFolders(endless, "", ["**"])).length).toBeLessThan(5000);
  });
});
