import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { failing } from "./support/failures.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest({ install: "never" });
});
afterEach(() => plane.stop({ all: true }));
afterAll(() => plane.close());

const codes = (result: { problems: { code: string }[] }) => result.problems.map(({ code }) => code);
const node = `'${process.execPath}'`;
const serves = "require('http').createServer((_, r) => r.end('it works')).listen(process.env.PORT)";
const broken = "const x = ;";

/** Starts `node --watch` on a file of a directory of its own; returns how to change that file. */
async function startWatched(directory: string, source: string, input: object = {}) {
  const path = join(plane.workspace, directory, "server.js");
  await mkdir(join(plane.workspace, directory), { recursive: true });
  await writeFile(path, source);
  const command = `${node} --watch server.js`;
  const result = await plane.start({ repoDir: directory, command, waitSeconds: 20, ...input });
  return { result, write: (text: string) => writeFile(path, text) };
}

/** The answer of a call, and how long it took, ms. */
async function timed<T>(call: Promise<T>): Promise<{ result: T; tookMs: number }> {
  const begun = Date.now();
  return { result: await call, tookMs: Date.now() - begun };
}

describe("a start whose log shows why it does not serve", () => {
  it("ends its wait with the cause and what to do, while the command lives on", async () => {
    const { result } = await startWatched("lives-on", broken);
    expect(result).toMatchObject({ serving: false, status: "starting", problems: [{ code: "syntax_error" }] });
    expect(result.logTail.join("\n")).toContain("SyntaxError");
    expect(result.next).toContain("dev_preview_url with waitSeconds");
    expect(result.next).toContain('ifRunning "restart"');
    const { launchId, process } = (await plane.db.previews.byId(result.previewId))!;
    expect(await plane.sandbox.inspect(launchId, process!)).toMatchObject({ alive: true });
  });

  it("becomes ready when the file is corrected, and has no problem then", async () => {
    const { result, write } = await startWatched("is-corrected", broken);
    expect(result.status).toBe("starting");
    const waiting = plane.url({ waitSeconds: 20 });
    await write(serves);
    const ready = await waiting;
    expect(ready).toMatchObject({ status: "ready", problems: [] });
    expect((await plane.fetch(ready.previewUrl!)).body).toBe("it works");
  });

  it("tells the next cause when another one follows, and the same one when it comes again", async () => {
    const { write } = await startWatched("fails-again", broken);
    const next = plane.url({ waitSeconds: 20 });
    await write("require('no-such-package')");
    expect(codes(await next)).toEqual(["dependencies_missing"]);
    const again = plane.url({ waitSeconds: 20 });
    await write("require('no-such-package');");
    const { result, tookMs } = await timed(again);
    expect(codes(result)).toEqual(["dependencies_missing"]);
    expect(tookMs).toBeLessThan(15_000);
  });

  it("tells the same cause again of a server that fails as fast as it is started again", async () => {
    const first = await plane.start({ command: failing("fails-again"), waitSeconds: 20 });
    expect(codes(first)).toEqual(["dependencies_missing"]);
    const { result, tookMs } = await timed(plane.url({ waitSeconds: 20 }));
    expect(codes(result)).toEqual(["dependencies_missing"]);
    expect(tookMs).toBeLessThan(15_000);
  });

  it("is told at once to whoever starts it again, and waited for by whoever asks for its URL", async () => {
    await startWatched("is-joined", broken);
    const joined = await timed(plane.start({ waitSeconds: 20 }));
    expect(codes(joined.result)).toEqual(["syntax_error"]);
    expect(joined.tookMs).toBeLessThan(5000);
    const asked = await timed(plane.url({ waitSeconds: 1 }));
    expect(codes(asked.result)).toEqual(["syntax_error"]);
    expect(asked.tookMs).toBeGreaterThanOrEqual(1000);
  });

  it("of an open port on which nobody answers is told so as well", async () => {
    const result = await plane.start({ command: failing("listens-and-hangs"), waitSeconds: 20 });
    expect(result).toMatchObject({ status: "starting", problems: [{ code: "syntax_error" }] });
  });

  it("by a question is told to be restarted with a command that asks nothing", async () => {
    const result = await plane.start({ command: `tail -f /dev/null | ${failing("asks")}`, waitSeconds: 20 });
    expect(result.status).toBe("starting");
    expect(codes(result)).toEqual(["port_in_use", "waiting_for_input"]);
    expect(result.next).toContain('ifRunning "restart"');
    const restarted = await plane.start({ command: server("well"), ifRunning: "restart" });
    expect(restarted).toMatchObject({ status: "ready", problems: [] });
  });
});

describe("a plane that takes over a start which does not serve", () => {
  it("goes on telling why, and sees it become ready", async () => {
    const first = await openPlaneUnderTest();
    const path = join(first.workspace, "server.js");
    await writeFile(path, broken);
    const { previewId } = await first.start({ command: `${node} --watch server.js`, waitSeconds: 20 });
    await first.leave();
    const { db, keys, directory } = first;
    const next = await openPlaneUnderTest({}, { db, keys, directory });
    expect(codes(await next.url())).toEqual(["syntax_error"]);
    await writeFile(path, serves);
    expect(await next.url({ waitSeconds: 20 })).toMatchObject({ previewId, status: "ready", problems: [] });
    await next.close();
    await first.discard();
  });
});

describe("a start is not cut short", () => {
  it("by a warning of a server that boots on", async () => {
    const result = await plane.start({ command: failing("warns-and-boots", 2000), waitSeconds: 30 });
    expect(result).toMatchObject({ status: "ready", problems: [] });
  });

  it("by a question that has its answer", async () => {
    const result = await plane.start({ command: failing("asks-and-goes-on", 1500), waitSeconds: 30 });
    expect(result).toMatchObject({ status: "ready", problems: [] });
  });

  it("by silence", async () => {
    const result = await plane.start({ command: server("late", 2500), waitSeconds: 30 });
    expect(result).toMatchObject({ status: "ready", problems: [] });
  });
});

describe("what was foreseen", () => {
  const project = (serve: string) => ({
    "package.json": JSON.stringify({ scripts: { dev: "`cat program`" }, devDependencies: { vite: "8" } }),
    "index.html": "",
    program: "./serve.sh",
    "serve.sh": `#!/bin/sh\nexec ${serve}\n`,
  });

  async function startProject(directory: string, serve: string) {
    await mkdir(join(plane.workspace, directory), { recursive: true });
    for (const [name, text] of Object.entries(project(serve)))
      await writeFile(join(plane.workspace, directory, name), text, { mode: 0o755 });
    return await plane.start({ repoDir: directory, waitSeconds: 20 });
  }

  it("is not told of a server that came up in spite of it", async () => {
    expect(await startProject("harmless", server("well"))).toMatchObject({ status: "ready", problems: [] });
  });

  it("is told of a launch that failed", async () => {
    const result = await startProject("harmful", server("exits-at-once", 3));
    expect(codes(result)).toEqual(["port_not_passed", "dependencies_missing", "exited"]);
  });

  it("and came true is told of a server that serves", async () => {
    const result = await startProject("true", server("other-port", await freePort()));
    expect(result.status).toBe("ready");
    expect(codes(result)).toEqual(["bound_other_port", "port_not_passed"]);
  });
});

describe("a port that speaks TLS", () => {
  it.each(["speaks-tls", "speaks-tls-of-go"])("is told at once, and stays unhealthy (%s)", async (way) => {
    const { result, tookMs } = await timed(plane.start({ command: failing(way), waitSeconds: 20 }));
    expect(result).toMatchObject({ status: "unhealthy", problems: [{ code: "tls_on_port" }] });
    expect(tookMs).toBeLessThan(10_000);
    // the watcher has looked at it again by then
    const { launchId, process } = (await plane.db.previews.byId(result.previewId))!;
    const ticks = Date.now() + 2500;
    await until("the watcher looked", () => Date.now() > ticks);
    expect(await plane.sandbox.inspect(launchId, process!)).toMatchObject({ alive: true });
    expect(await plane.url()).toMatchObject({ status: "unhealthy", problems: [{ code: "tls_on_port" }] });
  });
});

describe("a server that has trouble later", () => {
  it("and answers 500 is told with what its log shows", async () => {
    const result = await plane.start({ command: failing("answers-500-without-database"), waitSeconds: 20 });
    expect(result).toMatchObject({ status: "unhealthy", httpStatus: 500 });
    expect(codes(result)).toEqual(["server_error", "database_refused"]);
  });

  it("of its own watcher is unhealthy with the cause, and ready without it when that is mended", async () => {
    const { result, write } = await startWatched("breaks-later", serves);
    expect(result.status).toBe("ready");
    await write(broken);
    const stateIs = (state: string) =>
      until(`it is ${state}`, async () => (await plane.db.previews.byId(result.previewId))?.state === state, 20_000);
    await stateIs("unhealthy");
    const causes = await until("the cause is told", async () => {
      const { problems } = await plane.url();
      return problems.length > 1 && problems;
    });
    expect(causes.map(({ code }) => code)).toEqual(["syntax_error", "no_http_answer"]);
    await write(serves);
    await stateIs("ready");
    expect(await plane.url()).toMatchObject({ status: "ready", problems: [] });
  });

  it("and ends is crashed with what its log shows", async () => {
    const source = `${serves}; process.on('SIGUSR2', () => setTimeout(() => { throw new SyntaxError('late') }))`;
    await mkdir(join(plane.workspace, "ends-later"));
    await writeFile(join(plane.workspace, "ends-later", "server.js"), source);
    const { previewId } = await plane.start({ repoDir: "ends-later", command: `${node} server.js` });
    process.kill((await plane.db.previews.byId(previewId))!.listener!.pid, "SIGUSR2");
    await until("it is crashed", async () => (await plane.db.previews.byId(previewId))?.state === "crashed");
    expect(codes(await plane.url())).toEqual(["syntax_error", "exited"]);
  });

  it("keeps what is true of its port", async () => {
    const result = await plane.start({ command: server("recovers-from-500-on-loopback"), waitSeconds: 20 });
    expect(codes(result)).toEqual(["bound_loopback_only", "server_error"]);
    await until("it is ready", async () => (await plane.url()).status === "ready");
    expect(codes(await plane.url())).toEqual(["bound_loopback_only"]);
  });
});

describe("a launch with several ports", () => {
  it("is not misled by an API that opens first, while its page is still being built", async () => {
    const result = await plane.start({ command: server("api-then-page", await freePort()), waitSeconds: 20 });
    expect(result).toMatchObject({ status: "ready", problems: [] });
    expect((await plane.fetch(result.previewUrl!)).body).toContain("api-then-page");
  });

  it("that chose its ports itself is shown by the one with a page", async () => {
    const [api, page] = [await freePort(), await freePort()];
    const result = await plane.start({ command: server("elsewhere", `${api},${page}`), waitSeconds: 20 });
    expect(result).toMatchObject({ status: "ready", port: page, otherPorts: [api] });
  });
});
