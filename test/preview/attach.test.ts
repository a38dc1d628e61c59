import { chown, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { asNobody, endHandServers, startByHand } from "./support/hand-server.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
afterEach(async () => {
  await plane.stop({ all: true });
  await endHandServers();
});
afterAll(() => plane.close());

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.warn("skipped: servers of another user, for only root can start one");

describe("a server that somebody started in the workspace", () => {
  it("is served like any other preview", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    const preview = await plane.url({ port });
    expect(preview).toMatchObject({
      serving: true,
      status: "ready",
      attached: true,
      name: `port-${port}`,
      port,
      repoDir: plane.workspace,
      httpStatus: 200,
      signed: true,
      logTail: [],
    });
    expect(preview.command).toContain("server.mjs well");
    expect(preview.next).toContain("output is where you started it");
    const page = await plane.fetch(preview.previewUrl!);
    expect(page).toMatchObject({ status: 200, body: expect.stringContaining(String(child.pid)) });
    expect((await plane.useCases.list(plane.context, { includeStopped: false })).previews).toMatchObject([
      { name: `port-${port}`, attached: true, previewUrl: preview.previewUrl },
    ]);
    expect(await plane.useCases.getProject(plane.context, "app")).toMatchObject({ active: { port } });
  });

  it("shows an edit at once, for its answers are its own", async () => {
    const file = join(plane.workspace, "page.html");
    await writeFile(file, "before");
    const { port } = await startByHand({ cwd: plane.workspace, habit: "serves-file", value: file });
    const { previewUrl } = await plane.url({ port });
    expect((await plane.fetch(previewUrl!)).body).toBe("before");
    await writeFile(file, "after");
    expect((await plane.fetch(previewUrl!)).body).toBe("after");
    expect(await readFile(file, "utf8")).toBe("after");
  });

  it.each([
    ["a subdirectory", "apps/web"],
    ["a directory with spaces and unicode", "mein Projekt – 日本語 (neu)"],
    ["a directory with what a shell would read", `$HOME 'a' "b" \\n; & *`],
  ])("in %s is served", async (_what, name) => {
    const cwd = join(plane.workspace, name);
    await mkdir(cwd, { recursive: true });
    const { port, child } = await startByHand({ cwd });
    const preview = await plane.url({ port });
    expect(preview).toMatchObject({ status: "ready", repoDir: cwd });
    expect((await plane.fetch(preview.previewUrl!)).body).toContain(String(child.pid));
  });

  it("through a symlink from elsewhere is served: the real directory counts", async () => {
    const link = join(plane.directory, "into-the-workspace");
    await symlink(plane.workspace, link);
    const { port } = await startByHand({ cwd: link });
    expect(await plane.url({ port })).toMatchObject({ status: "ready", repoDir: plane.workspace });
  });

  it.each(["0.0.0.0", "127.0.0.1", "::", "::1"])("on %s is served", async (host) => {
    const { port, child } = await startByHand({ cwd: plane.workspace, env: { HOST: host } });
    const { previewUrl } = await plane.url({ port });
    expect((await plane.fetch(previewUrl!)).body).toContain(String(child.pid));
  });

  it("with a socket that several processes share is served", async () => {
    const { port } = await startByHand({ cwd: plane.workspace, habit: "shares-socket" });
    const preview = await plane.url({ port });
    expect(preview).toMatchObject({ status: "ready" });
    for (let request = 0; request < 5; request += 1)
      expect((await plane.fetch(preview.previewUrl!)).body).toContain("shares-socket");
  });

  it("gets the name that was asked for, and is the same preview by name and by port", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const first = await plane.url({ port, name: "api" });
    expect(first).toMatchObject({ name: "api", status: "ready" });
    const same = { previewId: first.previewId, previewUrl: first.previewUrl };
    expect(await plane.url({ port })).toMatchObject(same);
    expect(await plane.url({ name: "api" })).toMatchObject(same);
    expect(await plane.url({ port, name: "api" })).toMatchObject(same);
    await expect(plane.url({ port, name: "other" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("asked for by twenty callers at once is one preview with one link", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const all = await Promise.all(Array.from({ length: 20 }, () => plane.url({ port })));
    expect(new Set(all.map(({ previewUrl }) => previewUrl)).size).toBe(1);
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set(["ready"]));
    expect(await plane.db.previews.listLive(plane.sandbox.id)).toHaveLength(1);
  });

  it("gets the path and the life of the link that were asked for", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const { previewUrl, expiresAt } = await plane.url({ port, path: "/a?b=c", ttlSeconds: 90 });
    expect(previewUrl).toMatch(/\/a\?b=c$/);
    expect(Date.parse(expiresAt!) - Date.now()).toBeLessThanOrEqual(90_000);
  });

  it("that answers 500 is unhealthy, with a link to look at it", async () => {
    const { port } = await startByHand({ cwd: plane.workspace, habit: "answers-500" });
    expect(await plane.url({ port })).toMatchObject({
      serving: true,
      status: "unhealthy",
      problems: [{ code: "server_error" }, { code: "bound_loopback_only" }].toReversed(),
    });
  });

  it("on the port of a preview that has ended is served, and that preview keeps its name", async () => {
    const ended = await plane.start({ command: server("well") });
    await plane.stop();
    const { port, child } = await startByHand({ cwd: plane.workspace, port: ended.port! });
    const preview = await plane.url({ port });
    expect(preview).toMatchObject({ name: `port-${port}`, status: "ready" });
    expect((await plane.fetch(preview.previewUrl!)).body).toContain(String(child.pid));
    expect(preview.previewUrl).not.toBe(ended.previewUrl);
    expect((await plane.fetch(ended.previewUrl!)).status).toBe(410);
  });

  it.skipIf(!isRoot)("by the owner of the workspace, whom a plane of root can see, is served", async () => {
    await chown(plane.workspace, 65_534, 65_534);
    const { port } = await startByHand({ cwd: plane.workspace, through: asNobody });
    expect(await plane.url({ port })).toMatchObject({ status: "ready" });
    await chown(plane.workspace, 0, 0);
  });

  it.skipIf(!isRoot)("by a launch of ours for another user is a further port of that launch", async () => {
    const api = await freePort();
    const { port } = await plane.start({ command: `${asNobody.join(" ")} ${server("page-and-api", api)}` });
    expect(await plane.url({ port: api })).toMatchObject({ status: "ready", otherPorts: [port] });
  });

  it("under a name that is live on another port is refused, and under another name is not", async () => {
    await plane.start({ command: server("well") });
    const { port } = await startByHand({ cwd: plane.workspace });
    await expect(plane.url({ port, name: "web" })).rejects.toMatchObject({ code: "already_running" });
    expect(await plane.url({ port })).toMatchObject({ status: "ready", name: `port-${port}` });
  });
});

describe("a port on which nobody listens", () => {
  it("is refused, and says so", async () => {
    const port = await freePort();
    await expect(plane.url({ port })).rejects.toMatchObject({
      code: "preview_not_found",
      message: expect.stringMatching(`port ${port}.*nobody listens`),
    });
  });

  it("and that a preview had tells how that ended", async () => {
    const { port } = await plane.start({ command: server("well") });
    await plane.stop();
    expect(await plane.url({ port })).toMatchObject({ name: "web", status: "stopped" });
  });
});
