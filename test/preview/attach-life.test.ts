import { once } from "node:events";
import { readdirSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { readStat } from "../../src/sandbox/proc-stat.ts";
import type { PreviewState } from "../../src/preview/record.ts";
import { until } from "../support/until.ts";
import { endHandServers, startByHand, startInShell } from "./support/hand-server.ts";
import { openPlaneUnderTest, server } from "./support/plane-under-test.ts";
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

const stateIs = (previewId: string, state: PreviewState) =>
  until(`the preview is ${state}`, async () => (await plane.db.previews.byId(previewId))?.state === state);

async function answerOf(url: string): Promise<readonly [number, unknown]> {
  const { status, headers } = await plane.fetch(url);
  return [status, headers["x-preview-status"]];
}

const isAlive = (pid: number) => readStat(pid)?.alive === true;

/** The pid that a page of server.mjs tells. */
async function pidBehind(url: string): Promise<number> {
  return Number(/(\d+)$/.exec((await plane.fetch(url)).body)![1]);
}

describe("a stop of an attached server", () => {
  it("cuts its link and leaves it running", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    const { previewUrl, name } = await plane.url({ port });
    const { stopped, next } = await plane.stop({ name });
    expect(stopped).toMatchObject([{ name, port, status: "stopped", leftRunning: true }]);
    expect(next).toContain("kill: true");
    expect(await answerOf(previewUrl!)).toEqual([410, "gone"]);
    expect(isAlive(child.pid!)).toBe(true);
    expect((await (await fetch(`http://127.0.0.1:${port}`)).text()).endsWith(String(child.pid))).toBe(true);
  });

  it("may be followed by a new link to the same server", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const first = await plane.url({ port });
    await plane.stop({ port });
    const second = await plane.url({ port });
    expect(second).toMatchObject({ status: "ready", previewId: first.previewId, name: first.name });
    expect(second.previewUrl).not.toBe(first.previewUrl);
    expect((await answerOf(second.previewUrl!))[0]).toBe(200);
  });

  it("with all leaves it running, and ends what the plane started", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    await plane.url({ port });
    const started = await plane.start({ command: server("well") });
    const { stopped } = await plane.stop({ all: true });
    expect(new Map(stopped.map(({ name, leftRunning }) => [name, leftRunning]))).toEqual(
      new Map([
        [`port-${port}`, true],
        ["web", undefined],
      ]),
    );
    expect(isAlive(child.pid!)).toBe(true);
    expect(await plane.sandbox.portHolder(started.port!)).toBeUndefined();
  });

  it.each([
    ["a server", "with-child"],
    ["one that ignores TERM", "ignores-term"],
  ])("with kill ends %s and its children, and not the shell that started it", async (_what, habit) => {
    const { port, child: shell } = await startInShell({ cwd: plane.workspace, habit });
    const { previewUrl, previewId } = await plane.url({ port });
    const pid = await pidBehind(previewUrl!);
    const children = childrenOf(pid);
    const { stopped } = await plane.stop({ port, kill: true });
    expect(stopped).toMatchObject([{ status: "stopped" }]);
    expect(stopped[0]).not.toHaveProperty("leftRunning");
    expect([pid, ...children].filter(isAlive)).toEqual([]);
    expect(await plane.sandbox.portHolder(port)).toBeUndefined();
    expect(shell.exitCode).toBeNull();
    expect(isAlive(shell.pid!)).toBe(true);
    expect(await answerOf(previewUrl!)).toEqual([410, "gone"]);
    expect((await plane.db.previews.byId(previewId))?.state).toBe("stopped");
  });

  it("with kill may come after one without", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    await plane.url({ port });
    await plane.stop({ port });
    const exited = once(child, "exit");
    expect((await plane.stop({ port, kill: true })).stopped[0]).not.toHaveProperty("leftRunning");
    await exited;
    expect(await plane.sandbox.portHolder(port)).toBeUndefined();
  });

  it("with kill does not reach a later process with its pid", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    const { previewId } = await plane.url({ port });
    const { launchId, process: attached } = (await plane.db.previews.byId(previewId))!;
    await plane.stop({ port });
    await plane.sandbox.stop(launchId, { ...attached!, startTime: `${attached!.startTime}0` }, { graceMs: 100 });
    expect(isAlive(child.pid!)).toBe(true);
  });
});

describe("a start under the name of an attached server", () => {
  it("reuses it", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const { previewUrl } = await plane.url({ port, name: "web" });
    expect(await plane.start({ command: server("well") })).toMatchObject({ reused: true, attached: true, previewUrl });
  });

  it("does not restart it: that is refused, and it goes on", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace });
    const { previewUrl } = await plane.url({ port, name: "web" });
    await expect(plane.start({ command: server("well"), ifRunning: "restart" })).rejects.toMatchObject({
      code: "already_running",
      message: expect.stringContaining(String(port)),
      hint: expect.stringContaining("kill: true"),
    });
    expect(isAlive(child.pid!)).toBe(true);
    expect((await answerOf(previewUrl!))[0]).toBe(200);
  });

  it("starts the project's own once it has ended", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    await plane.url({ port: attached.port, name: "web" });
    await attached.end();
    const started = await plane.start({ command: server("well") });
    expect(started).toMatchObject({ status: "ready", reused: false });
    expect(started).not.toHaveProperty("attached");
  });
});

describe("an attached server that ends", () => {
  it("is crashed within seconds, and its link says so", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    const { previewUrl, previewId } = await plane.url({ port: attached.port });
    await attached.end();
    await stateIs(previewId, "crashed");
    await until("the link says so", async () => (await answerOf(previewUrl!))[1] === "crashed", 1000);
    const ended = await plane.url({ port: attached.port });
    expect(ended).toMatchObject({ serving: false, status: "crashed", problems: [{ code: "exited" }] });
    expect(ended.next).toContain(`dev_preview_url with port ${attached.port}`);
  });

  it("is not believed to run when it is asked for before that was noticed", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    await plane.url({ port: attached.port });
    await attached.end();
    expect(await plane.url({ port: attached.port })).toMatchObject({ serving: false, status: "crashed" });
  });

  it("has its link back when it was started again on its port, under the name that it had", async () => {
    const first = await startByHand({ cwd: plane.workspace });
    const before = await plane.url({ port: first.port, name: "api" });
    await first.end();
    const second = await startByHand({ cwd: plane.workspace, port: first.port });
    const after = await plane.url({ port: first.port });
    expect(after).toMatchObject({ name: "api", status: "ready", previewUrl: before.previewUrl });
    expect(await pidBehind(before.previewUrl!)).toBe(second.child.pid);
  });

  it("leaves its link to nobody: a stranger on its port is not reached, and is refused", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    const { previewUrl, previewId } = await plane.url({ port: attached.port });
    await attached.end();
    const stranger = await startByHand({ cwd: plane.directory, port: attached.port, habit: "tells-requests" });
    let asked = false;
    stranger.child.stdout!.on("data", () => (asked = true));
    expect((await answerOf(previewUrl!))[0]).toBe(502);
    await expect(plane.url({ port: attached.port })).rejects.toMatchObject({ code: "port_not_ours" });
    await stateIs(previewId, "crashed");
    expect((await answerOf(previewUrl!))[0]).toBe(502);
    expect(asked).toBe(false);
  });

  it("leaves its link to nobody of the project either, until that is asked for", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    const { previewUrl } = await plane.url({ port: attached.port });
    await attached.end();
    const next = await startByHand({ cwd: plane.workspace, port: attached.port, habit: "answers-500" });
    expect((await answerOf(previewUrl!))[0]).toBe(502);
    expect(await plane.url({ port: next.port })).toMatchObject({ previewUrl, status: "unhealthy" });
    expect((await answerOf(previewUrl!))[0]).toBe(500);
  });
});

describe("an attached server", () => {
  it("that closes its port is unhealthy while it lives, and ready when it opened it again", async () => {
    const { port, child } = await startByHand({ cwd: plane.workspace, habit: "reopens" });
    const { previewId, previewUrl } = await plane.url({ port });
    child.kill("SIGUSR2");
    await stateIs(previewId, "unhealthy");
    expect((await answerOf(previewUrl!))[0]).toBe(502);
    child.kill("SIGHUP");
    await stateIs(previewId, "ready");
    expect((await answerOf(previewUrl!))[0]).toBe(200);
  });

  it("has no log here: lines are empty at once, and it is said where they are", async () => {
    const { port } = await startByHand({ cwd: plane.workspace, habit: "chatty" });
    const { name } = await plane.url({ port });
    const startedAt = Date.now();
    const logs = await plane.logs({ name, waitSeconds: 20 });
    expect(logs).toMatchObject({ lines: [], more: false, dropped: false, status: "ready" });
    expect(logs.next).toContain("where it was started");
    expect(Date.now() - startedAt).toBeLessThan(5000);
    expect((await plane.logs({ name, cursor: logs.cursor })).lines).toEqual([]);
  });
});

describe("a plane that takes over", () => {
  it("serves an attached server under the same link, and sees its end", async () => {
    const attached = await startByHand({ cwd: plane.workspace });
    const { previewUrl, previewId } = await plane.url({ port: attached.port });
    const { db, keys, directory } = plane;
    const next = await openPlaneUnderTest({}, { db, keys, directory });
    // only a plane that is gone is followed
    await db.planes.remove(plane.deps.planeId);
    await until(
      "the next plane has it",
      async () => (await db.previews.byId(previewId))?.planeId === next.deps.planeId,
    );
    expect(await next.url({ port: attached.port })).toMatchObject({ previewId, status: "ready" });
    expect((await next.fetch(previewUrl!.replace(String(plane.gatewayPort), String(next.gatewayPort)))).status).toBe(
      200,
    );
    await next.stop({ port: attached.port });
    expect(isAlive(attached.child.pid!)).toBe(true);
    await next.leave();
  });
});

function childrenOf(pid: number): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((other) => Number.isInteger(other) && readStat(other)?.ppid === pid);
}
