import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PreviewOutput } from "../../src/preview/contract.ts";
import { copyExample } from "./support/example-copy.ts";
import { endHome } from "./support/end-home.ts";
import { outputOf } from "./support/mcp-clients.ts";
import { isPortFree } from "./support/port-free.ts";
import { dependencyFiles, openProjectPlane } from "./support/project-plane.ts";
import type { Dependencies, ProjectFiles, ProjectPlane } from "./support/project-plane.ts";
import { apiText, page, pageText, webProject } from "./support/web-project.ts";
import type { WebProject } from "./support/web-project.ts";

/** Ports that nobody's script names. */
const ports = { from: 23_000, to: 23_999 };
let plane: ProjectPlane;
beforeAll(async () => {
  plane = await openProjectPlane({ DEV_PREVIEW_PORT_RANGE: `${ports.from}-${ports.to}` });
});
afterAll(() => endHome(plane.home));

interface Form extends Omit<WebProject, "scripts"> {
  readonly dev: string;
  readonly title?: string;
  /** Further scripts. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** What the form of the script does not show: why it is not run here. */
  readonly skip?: string;
}

const typescript: ProjectFiles = {
  "tsconfig.json": { compilerOptions: { noEmit: true, skipLibCheck: true, types: [] }, files: ["a.ts"] },
  "a.ts": "export const a = 1;\n",
};
const env: ProjectFiles = { ".env": "X=1\n" };
const web = { web: "vite" };
const both = { ...web, api: "node api.mjs" };
const turbo = { "turbo.json": { tasks: { dev: { cache: false, persistent: true }, web: { cache: false } } } };
const turboManifest = { packageManager: "npm@11.0.0" };
const inWeb = Object.fromEntries(Object.entries(page).map(([path, text]) => [`apps/web/${path}`, text]));
const turboWorkspace: Omit<Form, "dev"> = {
  files: { ...turbo, ...inWeb, "apps/web/package.json": { name: "web", scripts: { dev: "vite" } } },
  manifest: { ...turboManifest, workspaces: ["apps/*"] },
};
const oldNode = Number(process.versions.node.split(".")[0]) < 22 ? "needs Node 22" : undefined;

/** Each ends on exactly the port that was leased. */
const forms: readonly Form[] = [
  { dev: "tsc -b && vite", files: typescript },
  { dev: "vite --port 3000" },
  { dev: "vite", title: "vite, whose configuration fixes a port", files: { "vite.config.js": strictConfig() } },
  { dev: "cross-env X=1 vite" },
  { dev: "dotenv -e .env -- vite", files: env },
  { dev: "dotenv -e .env vite", files: env },
  { dev: "env-cmd -f .env vite", files: env },
  { dev: "dotenvx run -- vite", files: env },
  { dev: 'concurrently "npm:api" "npm:web"', scripts: both },
  { dev: 'concurrently -n api,web "node api.mjs" "vite"' },
  { dev: "npm-run-all --parallel api web", scripts: both },
  { dev: "run-p dev:*", scripts: { "dev:api": "node api.mjs", "dev:web": "vite" } },
  { dev: "node api.mjs & vite" },
  { dev: "(node api.mjs) & (cd . && vite)" },
  { dev: "turbo run dev", ...turboWorkspace },
  { dev: "turbo run dev --filter=web", ...turboWorkspace },
  { dev: "turbo run web", scripts: web, files: turbo, manifest: turboManifest },
  { dev: "npm run web", scripts: web },
  { dev: "vite", title: "vite, behind a predev script", scripts: { predev: "node --version" } },
  { dev: "wireit", manifest: { wireit: { dev: { command: "vite", service: true } } } },
  { dev: "nodemon --exec vite" },
  { dev: 'nodemon --exec "node server.mjs"' },
  { dev: "npx vite" },
  { dev: "npm exec vite" },
  { dev: "sh -c 'vite'" },
  { dev: "./dev.sh", files: { "dev.sh": '#!/bin/sh\nset -e\n# the page\nexec vite "$@"\n' } },
  { dev: "sh dev.sh", title: "sh dev.sh, with a server that reads PORT", files: { "dev.sh": "node server.mjs\n" } },
  { dev: "PORT=3000 node server.mjs" },
  { dev: "node --run web", scripts: web, ...(oldNode === undefined ? {} : { skip: oldNode }) },
  { dev: "pnpm exec vite", manager: "pnpm" },
  { dev: "pnpm dlx vite@8.3.8", manager: "pnpm" },
  { dev: "tsc -b && vite", manager: "pnpm", files: typescript },
  { dev: 'concurrently "pnpm:api" "pnpm:web"', manager: "pnpm", scripts: both },
  { dev: 'pnpm run "/^(api|web)$/"', manager: "pnpm", scripts: both },
  { dev: "yarn vite", manager: "yarn" },
  { dev: "tsc -b && vite --port 3000", manager: "yarn", files: typescript },
  { dev: "yarn run web", manager: "yarn", scripts: web },
  { dev: "bunx vite", manager: "bun" },
  { dev: "tsc -b && vite", manager: "bun", files: typescript },
];

function strictConfig(): string {
  return 'export default { server: { host: "127.0.0.1", port: 3000, strictPort: true } };\n';
}

function titleOf({ dev, title = dev, manager = "npm", skip }: Form): string {
  return `${manager}: ${title}${skip === undefined ? "" : ` (skipped: ${skip})`}`;
}

describe("a dev script is started without arguments, on the port that was leased, and serves through the gateway:", () => {
  for (const form of forms) {
    const { dev, scripts = {}, ...rest } = form;
    it.skipIf(form.skip !== undefined)(titleOf(form), async () => {
      const files = webProject({ scripts: { dev, ...scripts }, ...rest });
      await expectServed(files, "tools");
    });
  }

  const nxProject = { "apps/app/project.json": nxTargets(), "nx.json": {} };
  it.each(["nx serve app", "nx run app:serve"])("npm: %s", async (dev) => {
    const { "package.json": manifest, ...lock } = await dependencyFiles("nx");
    const inApp = Object.fromEntries(Object.entries(page).map(([path, text]) => [`apps/app/${path}`, text]));
    const named = { ...JSON.parse(manifest!), scripts: { dev } };
    await expectServed({ ...lock, ...inApp, ...nxProject, "package.json": named }, "nx");
  });

  it.each(["PORT=3000 next dev", "next dev -p 3000"])("npm: %s", async (dev) => {
    await using copy = await copyExample("next-app");
    await copy.edit("package.json", '"dev": "next dev"', `"dev": "${dev}"`);
    await using project = await plane.adopt(copy.root);
    const preview = await project.start();
    expectOurPort(preview);
    expect((await plane.get(preview.previewUrl!)).status).toBe(200);
  });
});

function nxTargets() {
  return { name: "app", targets: { serve: { executor: "nx:run-commands", options: { command: "vite apps/app" } } } };
}

async function expectServed(files: ProjectFiles, dependencies: Dependencies): Promise<void> {
  await using project = await plane.project(files, { dependencies });
  const preview = await project.start();
  expectOurPort(preview);
  expect((await plane.get(preview.previewUrl!)).body).toContain(pageText);
  for (const port of preview.otherPorts ?? []) {
    const api = outputOf(await project.client.call("dev_preview_url", { port, waitSeconds: 20 }));
    expect((await plane.get(String(api["previewUrl"]))).body).toContain(apiText);
  }
  outputOf(await project.client.call("dev_preview_stop", { all: true }));
  expect(plane.home.processes().filter(({ command }) => command.includes(project.root))).toEqual([]);
  expect(await isPortFree(preview.port!)).toBe(true);
}

function expectOurPort(preview: PreviewOutput): void {
  expect(preview, preview.logTail.join("\n")).toMatchObject({ serving: true, status: "ready", problems: [] });
  expect(preview.port).toBeGreaterThanOrEqual(ports.from);
  expect(preview.port).toBeLessThanOrEqual(ports.to);
}

describe("a dev script that lets no arguments through", () => {
  it.each<Form>([
    { dev: "sh dev.sh", files: { "dev.sh": "vite\n" } },
    { dev: "make dev", files: { Makefile: "dev:\n\tnpx vite\n" } },
    { dev: "wireit", scripts: { web: "wireit" }, manifest: { wireit: wiredTo("web", "vite") } },
  ])("is followed to the port that it takes, and said to: $dev", async ({ dev, scripts, ...rest }) => {
    await using project = await plane.project(webProject({ scripts: { dev, ...scripts }, ...rest }), {
      dependencies: "tools",
    });
    const preview = await project.start();
    expect(preview).toMatchObject({ serving: true, status: "ready" });
    expect(preview.problems.map(({ code }) => code)).toEqual(
      expect.arrayContaining(["bound_other_port", "port_not_passed"]),
    );
    expect((await plane.get(preview.previewUrl!)).body).toContain(pageText);
  });
});

function wiredTo(name: string, command: string) {
  return { dev: { dependencies: [name] }, [name]: { command, service: true } };
}
