import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endHome } from "./support/end-home.ts";
import { fakeViteFiles, pnpmWorkspaceLock } from "./support/locked-project.ts";
import { failureOf, outputOf } from "./support/mcp-clients.ts";
import { isPortFree } from "./support/port-free.ts";
import { dependencyFiles, openProjectPlane } from "./support/project-plane.ts";
import type { Dependencies, ProjectFiles, ProjectPlane, StartedProject } from "./support/project-plane.ts";
import { page } from "./support/web-project.ts";

let plane: ProjectPlane;
beforeAll(async () => {
  plane = await openProjectPlane();
});
afterAll(() => endHome(plane.home));

const apps = ["web", "docs", "api"] as const;
type App = (typeof apps)[number];

/** A front end and a documentation by Vite, and an API of the project's own. */
function threeApps(dependencies: Readonly<Record<string, string>> = { vite: "*" }): ProjectFiles {
  const site = (name: App): ProjectFiles => ({
    [`apps/${name}/package.json`]: { name: `@acme/${name}`, private: true, scripts: { dev: "vite" }, dependencies },
    [`apps/${name}/index.html`]: `<!doctype html><title>${name}</title><h1>the page of ${name}</h1>`,
  });
  return {
    ...site("web"),
    ...site("docs"),
    "apps/api/package.json": { name: "@acme/api", private: true, type: "module", scripts: { dev: "node main.js" } },
    "apps/api/main.js": `import { createServer } from "node:http";
createServer((_, response) => response.end("the page of api")).listen(Number(process.env.PORT));
`,
  };
}

const npmLock = { "package-lock.json": { name: "root", lockfileVersion: 3, packages: {} } };
const root = { name: "root", private: true, workspaces: ["apps/*"] };

interface Layout {
  readonly title: string;
  readonly files: ProjectFiles;
  /** Hoisted to the root; without them the first start installs. */
  readonly dependencies?: Dependencies;
  /** How a page is known; that of the stand-in for Vite is always the same. */
  readonly page?: string;
}

const layouts: readonly Layout[] = [
  {
    title: "npm workspaces",
    files: { ...threeApps(), ...npmLock, "package.json": root },
    dependencies: "tools",
  },
  {
    title: "a pnpm workspace, whose packages have their own node_modules",
    files: {
      ...threeApps({ tiny: "file:../../vendor/tiny" }),
      ...fakeViteFiles,
      "package.json": { name: "root", private: true },
      "pnpm-workspace.yaml": "packages:\n  - apps/*\n",
      "pnpm-lock.yaml": pnpmWorkspaceLock({ with: ["apps/docs", "apps/web"], without: [".", "apps/api"] }),
    },
    page: "from a dependency",
  },
  {
    title: "a pnpm workspace that is hoisted",
    files: {
      ...threeApps(),
      "package.json": { name: "root", private: true },
      "pnpm-workspace.yaml": "packages: ['apps/*']\nnodeLinker: hoisted\n",
      "pnpm-lock.yaml": "lockfileVersion: '9.0'\n",
    },
    dependencies: "tools",
  },
  {
    title: "turbo",
    files: {
      ...threeApps(),
      ...npmLock,
      "turbo.json": { tasks: { dev: { cache: false, persistent: true } } },
      "package.json": { ...root, packageManager: "npm@11.0.0", scripts: { dev: "turbo run dev" } },
    },
    dependencies: "tools",
  },
];

describe("a workspace of three apps:", () => {
  it.each(layouts)("$title lists them, repoDir chooses, all run at once, front ends first", async (layout) => {
    await using project = await plane.project(layout.files, layout);
    const refusal = await project.client.call("dev_preview_start");
    expect(refusal.isError).toBe(true);
    expect(failureOf(refusal)).toContain('"apps/docs" (vite), "apps/web" (vite), "apps/api" (node)');
    expect(failureOf(refusal)).toContain("repoDir");
    const ports = [];
    for (const name of ["api", "docs", "web"] as const) ports.push(await expectServes(project, layout, name));
    const { previews } = outputOf(await project.client.call("dev_preview_list")) as { previews: { name: string }[] };
    expect(previews.map(({ name }) => name)).toEqual(apps);
    outputOf(await project.client.call("dev_preview_stop", { all: true }));
    for (const port of ports) expect(await isPortFree(port)).toBe(true);
  });

  async function expectServes(project: StartedProject, layout: Layout, name: App): Promise<number> {
    const preview = await project.start({ repoDir: `apps/${name}`, name });
    expect(preview, preview.logTail.join("\n")).toMatchObject({
      serving: true,
      status: "ready",
      name,
      problems: [],
      repoDir: `${project.root}/apps/${name}`,
    });
    const text = (name === "api" ? undefined : layout.page) ?? `the page of ${name}`;
    expect((await plane.get(preview.previewUrl!)).body).toContain(text);
    return preview.port!;
  }
});

describe("a workspace with one web app", () => {
  it("is that app, without arguments", async () => {
    const { "apps/docs/package.json": _, "apps/docs/index.html": __, ...files } = threeApps();
    await using project = await plane.project(
      { ...files, ...npmLock, "package.json": root },
      { dependencies: "tools" },
    );
    const preview = await project.start();
    expect(preview).toMatchObject({ serving: true, problems: [], repoDir: `${project.root}/apps/web` });
    expect((await plane.get(preview.previewUrl!)).body).toContain("the page of web");
  });

  it("is that app, however many others the name of the preview leaves out", async () => {
    await using project = await plane.project(
      { ...threeApps(), ...npmLock, "package.json": root },
      { dependencies: "tools" },
    );
    const preview = await project.start({ name: "docs" });
    expect(preview).toMatchObject({ serving: true, name: "docs", repoDir: `${project.root}/apps/docs` });
  });
});

describe("a workspace of nx", () => {
  const served = (name: string): ProjectFiles => ({
    [`apps/${name}/project.json`]: {
      name,
      targets: { serve: { executor: "nx:run-commands", options: { command: `vite apps/${name}` } } },
    },
    ...Object.fromEntries(Object.entries(page).map(([path, text]) => [`apps/${name}/${path}`, text])),
  });
  const library = { "libs/ui/project.json": { name: "ui", targets: { build: { executor: "nx:noop" } } } };

  it("with one web app is that app, and with two lists them", async () => {
    const files = { ...(await dependencyFiles("nx")), "nx.json": {}, ...served("shop"), ...library };
    await using one = await plane.project(files, { dependencies: "nx" });
    const preview = await one.start();
    expect(preview, preview.logTail.join("\n")).toMatchObject({ serving: true, framework: "nx", problems: [] });
    await using two = await plane.project({ ...files, ...served("admin") }, { dependencies: "nx" });
    const refusal = failureOf(await two.client.call("dev_preview_start"));
    expect(refusal).toContain('"apps/admin" (nx), "apps/shop" (nx)');
    const chosen = await two.start({ repoDir: "apps/admin", name: "admin" });
    expect(chosen, chosen.logTail.join("\n")).toMatchObject({ serving: true, name: "admin", problems: [] });
  });
});
