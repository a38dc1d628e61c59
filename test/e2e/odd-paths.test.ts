import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endHome } from "./support/end-home.ts";
import { copyExample } from "./support/example-copy.ts";
import { outputOf, stdioClients } from "./support/mcp-clients.ts";
import { startPreview } from "./support/main-job.ts";
import { isPortFree } from "./support/port-free.ts";
import { openProjectPlane } from "./support/project-plane.ts";
import type { ProjectPlane, StartedProject } from "./support/project-plane.ts";
import { stdioFront } from "./support/stdio-front.ts";

let plane: ProjectPlane;
beforeAll(async () => {
  plane = await openProjectPlane();
});
afterAll(() => endHome(plane.home));

const noPython = spawnSync("python3", ["--version"]).status === 0 ? undefined : "skipped: no python3 here";

const folders = [
  "mein prøject 日本",
  `it's "quoted" & (more)`,
  "$HOME `id` $(id) {port}",
  "-leading --help",
  "new\nline",
];

/** Starts it, sees the page, and nothing of it is left when it is stopped. */
async function expectServes(project: StartedProject, text: string, args: object = {}): Promise<void> {
  const preview = await project.start({ ...args });
  expect(preview, preview.logTail.join("\n")).toMatchObject({ serving: true, status: "ready", problems: [] });
  expect(preview.repoDir.startsWith(project.root)).toBe(true);
  expect(await plane.get(preview.previewUrl!)).toMatchObject({ status: 200, body: expect.stringContaining(text) });
  const before = plane.home.processes().length;
  outputOf(await project.client.call("dev_preview_stop", { all: true }));
  expect(plane.home.processes().length).toBeLessThan(before);
  expect(await isPortFree(preview.port!)).toBe(true);
}

describe.each(folders)("in a folder called %j", (folder) => {
  it("vite-react is served, sources and all", async () => {
    await using copy = await copyExample("vite-react", { folder });
    await using project = await plane.adopt(copy.root);
    const preview = await project.start();
    expect(preview, preview.logTail.join("\n")).toMatchObject({ serving: true, problems: [], repoDir: copy.root });
    const source = await plane.get(new URL("/src/main.jsx", preview.previewUrl).href);
    expect(source).toMatchObject({ status: 200, body: expect.stringContaining("createRoot") });
  });

  it("a folder of files is served", async () => {
    await using project = await plane.project({ "index.html": "<h1>a folder</h1>" }, { folder });
    await expectServes(project, "a folder");
  });

  it.skipIf(noPython !== undefined)(`a server of Python is started ${noPython ?? ""}`, async () => {
    const files = { "dev-preview.json": { command: "python3 -m http.server" }, "index.html": "<h1>by Python</h1>" };
    await using project = await plane.project(files, { folder });
    await expectServes(project, "by Python");
  });

  it("a package of that name is started from the root, and by repoDir", async () => {
    const server = `import { createServer } from "node:http";
createServer((_, response) => response.end("in " + process.cwd())).listen(Number(process.env.PORT));
`;
    const files = {
      "package.json": { name: "root", private: true, workspaces: ["*"] },
      [`${folder}/package.json`]: { name: "inner", type: "module", scripts: { dev: "PORT=3000 node server.mjs" } },
      [`${folder}/server.mjs`]: server,
    };
    await using project = await plane.project(files, { folder });
    await expectServes(project, `in ${project.root}/${folder}`);
    await expectServes(project, `in ${project.root}/${folder}`, { repoDir: folder });
  });
});

describe("a client that works in such a folder", () => {
  it.each([folders[0]!, folders[4]!])("has its own project there: %j", async (folder) => {
    await using project = await plane.project({ "index.html": "<h1>a folder</h1>" }, { folder });
    const client = await stdioClients[0]!.connect(stdioFront(plane.home, project.root));
    const preview = await startPreview(client);
    expect(preview).toMatchObject({ repoDir: project.root, project: expect.stringMatching(/^[a-z0-9-]+$/) });
    expect((await plane.get(preview.previewUrl)).body).toContain("a folder");
    outputOf(await client.call("dev_preview_stop", { all: true }));
    await client.close();
  });
});
