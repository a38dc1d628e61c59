import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { endHandServers, startByHand } from "./support/hand-server.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";
import { registerProject } from "./support/two-projects.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
afterEach(async () => {
  await plane.stop({ all: true });
  await endHandServers();
});
afterAll(() => plane.close());

/** A page named web, and the port of the API beside it. */
async function startPageAndApi(input: object = {}) {
  const api = await freePort();
  return { api, page: await plane.start({ command: server("page-and-api", api), ...input }) };
}

const bodyOf = async (url: string) => (await plane.fetch(url)).body;

describe("a dev server that listens on a further port", () => {
  it("is said to, by start, url and get", async () => {
    const { api, page } = await startPageAndApi();
    expect(page).toMatchObject({ status: "ready", otherPorts: [api] });
    expect(await plane.url()).toMatchObject({ otherPorts: [api] });
    expect(await plane.useCases.get(plane.context, "web")).toMatchObject({ otherPorts: [api] });
  });

  it("and one that does not, is not", async () => {
    expect(await plane.start({ command: server("well") })).not.toHaveProperty("otherPorts");
  });

  it("gives that port a link of its own, beside the page's", async () => {
    const { api, page } = await startPageAndApi();
    const further = await plane.url({ port: api });
    expect(further).toMatchObject({
      status: "ready",
      attached: true,
      name: `port-${api}`,
      port: api,
      otherPorts: [page.port],
      command: page.command,
      repoDir: page.repoDir,
    });
    expect(await bodyOf(further.previewUrl!)).toMatch(/^api \d+$/);
    expect(await bodyOf(page.previewUrl!)).toContain("page-and-api");
  });

  it("that opens it late is reported and reachable from then on", async () => {
    const api = await freePort();
    await plane.start({ command: server("api-later", api) });
    await until("it is reported", async () => (await plane.url()).otherPorts?.includes(api));
    expect(await bodyOf((await plane.url({ port: api })).previewUrl!)).toMatch(/^api \d+$/);
  });

  it("keeps one log for both, without the secrets that the caller put into its environment", async () => {
    const { api } = await startPageAndApi({ env: { SECRET_OF_MINE: "correct-horse-battery" } });
    const { logTail, logCursor } = await plane.url({ port: api });
    expect(logTail.join("\n")).toContain("listens on");
    expect(logTail.join("\n")).not.toContain("correct-horse-battery");
    expect((await plane.logs({ name: `port-${api}`, limit: 5 })).lines).toEqual((await plane.logs({ limit: 5 })).lines);
    expect((await plane.logs({ cursor: logCursor })).lines).toEqual([]);
  });

  it("has that port from its own project alone", async () => {
    const other = await registerProject(plane, "other");
    const { api } = await startPageAndApi();
    await expect(other.url({ port: api })).rejects.toMatchObject({ code: "port_not_ours" });
    await other.remove();
  });

  it("while it starts is waited for by the port that it is about to find out", async () => {
    const port = await freePort();
    const starting = plane.start({ command: server("other-port", port), waitSeconds: 20 });
    await until("it listens", () => plane.sandbox.portHolder(port));
    const asked = await plane.url({ port, waitSeconds: 20 });
    expect(asked).toMatchObject({ name: "web", status: "ready", previewUrl: (await starting).previewUrl });
    expect(await plane.db.previews.listLive(plane.sandbox.id)).toHaveLength(1);
  });
});

/** Vite's middleware in a server of the project's own: its hot reload has a port, and here also a page. */
const socketPort = 24_678;
const viteMiddleware = `
// middlewareMode
const { createServer } = require("http");
const page = (text) => (_, response) => response.writeHead(200, { "content-type": "text/html" }).end(text);
createServer(page("the socket server")).listen(${socketPort});
setTimeout(() => createServer(page("the page")).listen(process.env.PORT), 1500);
`;

describe("a framework that is known to open a second port", () => {
  it("is waited for while only that is open; it is told as hot reload, and has a link on demand", async ({ skip }) => {
    const holder = await plane.sandbox.portHolder(socketPort);
    skip(holder !== undefined, `port ${socketPort}, which Vite insists on, is taken on this host`);
    await writeFile(join(plane.workspace, "server.js"), viteMiddleware);
    const result = await plane.start({ command: `'${process.execPath}' server.js`, waitSeconds: 20 });
    expect(result).toMatchObject({
      framework: "vite-middleware",
      status: "ready",
      problems: [],
      otherPorts: [socketPort],
      hotReloadPorts: [socketPort],
    });
    expect(await bodyOf(result.previewUrl!)).toContain("the page");
    expect(await bodyOf((await plane.url({ port: socketPort })).previewUrl!)).toBe("the socket server");
    await rm(join(plane.workspace, "server.js"));
  });
});

/** Stands for Vite: is busy for longer than any server on another port is waited for. */
const slowVite = `#!/usr/bin/env node
const { createServer } = require("http");
for (const end = Date.now() + 4000; Date.now() < end;);
createServer((_, response) => response.end("the page")).listen(Number(process.argv[process.argv.indexOf("--port") + 1]));
`;

describe("a command that starts an API beside its front end", () => {
  it("is the front end, however long that takes to listen", async () => {
    const api = await freePort();
    await mkdir(join(plane.workspace, "node_modules/.bin"), { recursive: true });
    await writeFile(join(plane.workspace, "node_modules/.bin/vite"), slowVite, { mode: 0o755 });
    await writeFile(
      join(plane.workspace, "package.json"),
      JSON.stringify({ scripts: { dev: `${server("hard-coded-port", api)} & vite` } }),
    );
    const started = await plane.start({ waitSeconds: 30 });
    expect(started).toMatchObject({ framework: "vite", status: "ready", otherPorts: [api] });
    expect(started.problems).not.toContainEqual(expect.objectContaining({ code: "bound_other_port" }));
    expect(await bodyOf(started.previewUrl!)).toBe("the page");
    for (const path of ["node_modules", "package.json"]) await rm(join(plane.workspace, path), { recursive: true });
  });
});

describe("several previews of one project", () => {
  it("have names: without one it is web, whatever it serves; of another directory a fitting one is proposed", async () => {
    for (const [directory, dependency] of [
      ["site", "vite"],
      ["api", "express"],
    ] as const) {
      await mkdir(join(plane.workspace, directory));
      const manifest = {
        name: `@acme/${directory}`,
        devDependencies: { [dependency]: "1" },
        scripts: { dev: "node ." },
      };
      await writeFile(join(plane.workspace, directory, "package.json"), JSON.stringify(manifest));
    }
    expect(await plane.start({ command: server("json"), repoDir: "site" })).toMatchObject({ name: "web" });
    const refused = plane.start({ command: "node .", repoDir: "api" });
    await expect(refused).rejects.toMatchObject({
      code: "already_running",
      hint: expect.stringContaining('name "api"'),
    });
    const api = await plane.start({ command: server("json"), repoDir: "api", name: "api" });
    expect(api).toMatchObject({ name: "api", status: "ready" });
  });
});

describe("the further port's preview", () => {
  it("is stopped without the server, whether that is to be killed or not", async () => {
    const { api, page } = await startPageAndApi();
    for (const kill of [false, true]) {
      const { previewUrl } = await plane.url({ port: api });
      const { stopped, next } = await plane.stop({ port: api, kill });
      expect(stopped).toMatchObject([{ status: "stopped", leftRunning: true }]);
      expect(next).toContain("ends with that preview");
      expect((await plane.fetch(previewUrl!)).status).toBe(410);
      expect(await bodyOf(page.previewUrl!)).toContain("page-and-api");
    }
  });

  it("is stopped with the server, at once", async () => {
    const { api } = await startPageAndApi();
    const { previewUrl, previewId } = await plane.url({ port: api });
    await plane.stop({ name: "web" });
    expect((await plane.fetch(previewUrl!)).status).toBe(410);
    expect((await plane.db.previews.byId(previewId))?.state).toBe("stopped");
    expect(await plane.sandbox.portHolder(api)).toBeUndefined();
  });

  it("crashes with the server", async () => {
    const { api, page } = await startPageAndApi();
    const { previewId } = await plane.url({ port: api });
    process.kill((await plane.db.previews.byId(page.previewId))!.listener!.pid, "SIGKILL");
    await until("it is crashed", async () => (await plane.db.previews.byId(previewId))?.state === "crashed");
  });

  it("cannot restart it; after a restart of the server its link comes back with the port", async () => {
    const { api, page } = await startPageAndApi();
    const name = `port-${api}`;
    const { previewUrl } = await plane.url({ port: api });
    await expect(plane.start({ name, command: server("well"), ifRunning: "restart" })).rejects.toMatchObject({
      code: "already_running",
      hint: expect.stringContaining("further port"),
    });
    expect(await bodyOf(page.previewUrl!)).toContain("page-and-api");
    await plane.start({ command: server("page-and-api", api), ifRunning: "restart" });
    expect(await plane.url({ port: api })).toMatchObject({ name, status: "ready", previewUrl });
    expect(await bodyOf(previewUrl!)).toMatch(/^api \d+$/);
  });

  it("is not the server's: a stranger on that port is not reached", async () => {
    const { api } = await startPageAndApi();
    const { previewUrl } = await plane.url({ port: api });
    process.kill(Number((await bodyOf(previewUrl!)).slice("api ".length)), "SIGUSR2");
    const stranger = await startByHand({ cwd: plane.directory, port: api, habit: "tells-requests" });
    let asked = false;
    stranger.child.stdout!.on("data", () => (asked = true));
    expect((await plane.fetch(previewUrl!)).status).toBe(502);
    expect(asked).toBe(false);
  });
});

describe("an attached server that listens on a further port", () => {
  it("is said to, and has a link for each", async () => {
    const api = await freePort();
    const { port } = await startByHand({ cwd: plane.workspace, habit: "page-and-api", value: api });
    expect(await plane.url({ port })).toMatchObject({ otherPorts: [api] });
    expect(await bodyOf((await plane.url({ port: api })).previewUrl!)).toMatch(/^api \d+$/);
  });
});

describe("a list", () => {
  it("shows front ends first: web, then pages, then the rest, then what has ended", async () => {
    await plane.start({ name: "old-page", command: server("well") });
    await plane.start({ name: "docs", command: server("well") });
    await plane.start({ name: "web", command: server("json") });
    await plane.start({ name: "api", command: server("json") });
    await plane.start({ name: "late-api", command: server("json") });
    await plane.stop({ name: "old-page" });
    const names = async (includeStopped: boolean) =>
      (await plane.useCases.list(plane.context, { includeStopped })).previews.map(({ name }) => name);
    expect(await names(false)).toEqual(["web", "docs", "late-api", "api"]);
    expect((await names(true)).slice(0, 4)).toEqual(["web", "docs", "late-api", "api"]);
    expect(await names(true)).toContain("old-page");
  });
});
