import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { previewOutput } from "../../../src/preview/contract.ts";
import type { PreviewOutput } from "../../../src/preview/contract.ts";
import { httpClients, outputOf } from "./mcp-clients.ts";
import type { McpClient } from "./mcp-clients.ts";
import { installOnce, linkInstalled } from "./npm-install.ts";
import { makePlaneHome, startPlaneProcess } from "./plane-process.ts";
import type { Answer } from "./plane-process.ts";

const fixtures = fileURLToPath(new URL("../../fixtures/projects/", import.meta.url));

/** Path in the project -> text; an object is written as JSON, a text that begins with `#!` is executable. */
export type ProjectFiles = Readonly<Record<string, unknown>>;

/** Sets of npm packages that projects are given: a folder of test/fixtures/projects. */
export type Dependencies = "tools" | "nx";

export interface StartedProject extends AsyncDisposable {
  /** Absolute real path of its workspace. */
  readonly root: string;
  readonly client: McpClient;
  /** `dev_preview_start`, waited for until it is no longer starting. */
  start(args?: Readonly<Record<string, unknown>>): Promise<PreviewOutput>;
}

export interface ProjectOptions {
  /** Linked into the project as its node_modules. */
  readonly dependencies?: Dependencies;
  /** Name of its folder. */
  readonly folder?: string;
}

export type ProjectPlane = Awaited<ReturnType<typeof openProjectPlane>>;

/** A plane that is served; every package manager is on its PATH, and each of its projects is a workspace of its own. */
export async function openProjectPlane(env: NodeJS.ProcessEnv = {}) {
  const home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn", ...env });
  const programs = await managerPrograms(join(dirname(home.state), "programs"));
  // what the tests themselves are run with is no program of a project's
  const own = (home.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.endsWith("node_modules/.bin"));
  const path = [programs, ...own].join(delimiter);
  const plane = await startPlaneProcess({ ...home, env: { ...home.env, PATH: path } });
  const url = new URL("/mcp", plane.controlUrl);
  let projects = 0;

  async function adopt(root: string): Promise<StartedProject> {
    projects += 1;
    const slug = `project-${projects}`;
    await plane.client.projects.put(slug, { workspaceRoot: root });
    const client = await httpClients[1]!.connect({ url, token: plane.token, projectSlug: slug });
    return {
      root,
      client,
      start: (args = {}) => startSettled(client, args),
      async [Symbol.asyncDispose]() {
        outputOf(await client.call("dev_preview_stop", { all: true }));
        await client.close();
      },
    };
  }

  return {
    home,
    get: (address: string): Promise<Answer> => plane.get(address),
    /** A project in a folder that is there. */
    adopt,
    /** A project in a folder of its own, which goes with it. */
    async project(files: ProjectFiles, options: ProjectOptions = {}): Promise<StartedProject> {
      const folder = await mkdtemp(join(home.workspace, "project-"));
      const root = join(folder, options.folder ?? "app");
      await writeProject(root, files);
      if (options.dependencies !== undefined) await linkDependencies(options.dependencies, root);
      const project = await adopt(root);
      return {
        ...project,
        async [Symbol.asyncDispose]() {
          await project[Symbol.asyncDispose]();
          await rm(folder, { recursive: true, force: true, maxRetries: 5 });
        },
      };
    },
  };
}

export async function writeProject(root: string, files: ProjectFiles): Promise<void> {
  await mkdir(root, { recursive: true });
  for (const [path, content] of Object.entries(files)) {
    const text = typeof content === "string" ? content : JSON.stringify(content, undefined, 2);
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode: text.startsWith("#!") ? 0o755 : 0o644 });
  }
}

/** The manifest and the lock file of a set of packages. */
export async function dependencyFiles(name: Dependencies | "managers"): Promise<Readonly<Record<string, string>>> {
  const read = (file: string): Promise<string> => readFile(join(fixtures, name, file), "utf8");
  return { "package.json": await read("package.json"), "package-lock.json": await read("package-lock.json") };
}

/** A folder that is made with pnpm, yarn 1 and bun in it; npm is the machine's own. */
async function managerPrograms(folder: string): Promise<string> {
  const installed = join(await install("managers"), "node_modules");
  await mkdir(folder);
  for (const name of ["pnpm", "pnpx", "bun", "bunx"]) await symlink(join(installed, ".bin", name), join(folder, name));
  await symlink(join(installed, "yarn/bin/yarn.js"), join(folder, "yarn"));
  return folder;
}

/** The program of yarn 4, which a project has beside its sources. */
export async function yarnBerry(): Promise<string> {
  return await readFile(join(await install("managers"), "node_modules/@yarnpkg/cli-dist/bin/yarn.js"), "utf8");
}

async function install(name: Dependencies | "managers"): Promise<string> {
  return await installOnce({ name: `projects-${name}`, manifests: await dependencyFiles(name), command: "ci" });
}

async function linkDependencies(name: Dependencies, root: string): Promise<void> {
  await linkInstalled(await install(name), root, ["package.json"]);
}

async function startSettled(client: McpClient, args: Readonly<Record<string, unknown>>): Promise<PreviewOutput> {
  let preview = previewOutput.parse(outputOf(await client.call("dev_preview_start", { waitSeconds: 45, ...args })));
  const { name } = preview;
  while (preview.status === "starting")
    preview = previewOutput.parse(outputOf(await client.call("dev_preview_url", { name, waitSeconds: 45 })));
  return preview;
}
