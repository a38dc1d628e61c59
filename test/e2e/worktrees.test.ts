import { execFile } from "node:child_process";
import { cp, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { PreviewOutput } from "../../src/preview/contract.ts";
import { endHome } from "./support/end-home.ts";
import { callOncePlaneRuns, failureOf, outputOf, stdioClients } from "./support/mcp-clients.ts";
import type { McpClient } from "./support/mcp-clients.ts";
import { gatewayPortOf, startPreview } from "./support/main-job.ts";
import { get, makePlaneHome } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { writeProject } from "./support/project-plane.ts";
import { stdioFront } from "./support/stdio-front.ts";

const run = promisify(execFile);

let home: PlaneHome;
let clients: McpClient[];
beforeEach(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await endHome(home);
});

/** `dev-preview mcp` in a directory, as the agent that works there starts it. */
async function clientIn(directory: string): Promise<McpClient> {
  const client = await stdioClients[clients.length % stdioClients.length]!.connect(stdioFront(home, directory));
  clients.push(client);
  return client;
}

async function git(directory: string, ...args: string[]): Promise<void> {
  const settings = ["user.name=test", "user.email=test@example.com", "protocol.file.allow=always"];
  await run("git", [...settings.flatMap((each) => ["-c", each]), "-C", directory, ...args]);
}

/** A repository with a server that shows its own `page.txt`. */
async function repository(path: string, page: string): Promise<string> {
  const root = join(home.workspace, path);
  await writeProject(root, {
    "package.json": { name: "shop", type: "module", scripts: { dev: "node server.mjs" } },
    "server.mjs": `import { readFileSync } from "node:fs";
import { createServer } from "node:http";
createServer((_, response) => response.end(readFileSync("page.txt"))).listen(Number(process.env.PORT));
`,
    "page.txt": page,
  });
  await git(root, "init", "-q");
  await git(root, "add", ".");
  await git(root, "commit", "-qm", "first");
  return root;
}

/** Another worktree of the same repository, whose page says so. */
async function worktree(root: string, path: string, page: string): Promise<string> {
  const tree = join(root, path);
  await git(root, "worktree", "add", "-q", "-b", page, tree);
  await writeFile(join(tree, "page.txt"), page);
  return tree;
}

const bodyOf = async ({ previewUrl }: Pick<PreviewOutput, "previewUrl">): Promise<string> =>
  (await get(previewUrl!, gatewayPortOf(previewUrl!))).body;

async function listed(client: McpClient): Promise<string[]> {
  const { previews } = outputOf(await client.call("dev_preview_list")) as { previews: PreviewOutput[] };
  return previews.map(({ previewId }) => previewId);
}

describe("two worktrees of one repository, one inside of the other,", () => {
  it("have their own project, previews, links and stop, by clients in each at once", async () => {
    const root = await repository("shop", "main");
    const beside = await worktree(root, "../shop-feature", "feature");
    const inside = await worktree(root, ".worktrees/fix", "fix");
    const trees = [root, beside, inside];
    const agents = await Promise.all(trees.map(clientIn));
    const started = await Promise.all(agents.map((agent) => startPreview(agent)));
    expect(started.map(({ repoDir, name, status }) => ({ repoDir, name, status }))).toEqual(
      trees.map((repoDir) => ({ repoDir, name: "web", status: "ready" })),
    );
    for (const field of ["project", "previewId", "port", "token"] as const)
      expect(new Set(started.map((preview) => preview[field])).size, field).toBe(3);
    expect(await Promise.all(started.map(bodyOf))).toEqual(["main", "feature", "fix"]);
    expect(await Promise.all(agents.map(listed))).toEqual(started.map(({ previewId }) => [previewId]));
    await expectApart(agents, started);
  });

  async function expectApart(agents: readonly McpClient[], started: readonly PreviewOutput[]): Promise<void> {
    // the inner worktree lies in the directory of the outer one, and is not its
    for (const other of started.slice(1)) {
      const refusal = await agents[0]!.call("dev_preview_url", { port: other.port! });
      expect(failureOf(refusal)).toContain("port_not_ours");
    }
    outputOf(await agents[0]!.call("dev_preview_stop", { all: true }));
    expect((await get(started[0]!.previewUrl!, gatewayPortOf(started[0]!.previewUrl!))).status).toBe(410);
    expect(await Promise.all(started.slice(1).map(bodyOf))).toEqual(["feature", "fix"]);
    expect(await Promise.all(agents.map(listed))).toEqual([
      [],
      ...started.slice(1).map(({ previewId }) => [previewId]),
    ]);
  }
});

describe("a git submodule", () => {
  it("is a project of its own: it is developed as one", async () => {
    const library = await repository("library", "library");
    const root = await repository("shop", "main");
    await git(root, "submodule", "add", "-q", library, "vendor/library");
    const [outer, inner] = await Promise.all([clientIn(root), clientIn(join(root, "vendor/library"))]);
    const [shop, submodule] = await Promise.all([startPreview(outer), startPreview(inner)]);
    expect(submodule).toMatchObject({ repoDir: join(root, "vendor/library"), name: "web" });
    expect(submodule.project).not.toBe(shop.project);
    expect(await Promise.all([shop, submodule].map(bodyOf))).toEqual(["main", "library"]);
  });
});

describe("a copy of a project inside of it, without a repository,", () => {
  it("is a directory of that project: who works there starts that one, under a name of its own", async () => {
    const root = await repository("shop", "main");
    const copy = join(root, "copies/shop");
    await mkdir(copy, { recursive: true });
    for (const file of ["package.json", "server.mjs"]) await cp(join(root, file), join(copy, file));
    await writeFile(join(copy, "page.txt"), "copy");
    const [outer, inner] = [await clientIn(root), await clientIn(copy)];
    const shop = await startPreview(outer);
    const refusal = await callOncePlaneRuns(inner, "dev_preview_start");
    expect(failureOf(refusal)).toContain(`preview "web" runs in ${root}, not in ${copy}`);
    const second = await startPreview(inner, { name: "copy" });
    expect(second).toMatchObject({ project: shop.project, repoDir: copy, name: "copy" });
    expect(await Promise.all([shop, second].map(bodyOf))).toEqual(["main", "copy"]);
    expect(await listed(inner)).toEqual([shop.previewId, second.previewId]);
  });
});
