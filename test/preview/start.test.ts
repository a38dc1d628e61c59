import { mkdir } from "node:fs/promises";
import { createServer } from "node:http";
import type { Server } from "node:http";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { LaunchSpec } from "../../src/sandbox/driver.ts";
import { until } from "../support/until.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest({ startTimeoutMs: 6000 });
});
afterEach(async () => {
  await plane.stop({ all: true });
});
afterAll(() => plane.close());

const codes = (result: { problems: { code: string }[] }) => result.problems.map(({ code }) => code);

async function nothingIsLeft(): Promise<void> {
  const previews = await plane.db.previews.listLive(plane.sandbox.id);
  expect(previews).toEqual([]);
}

describe("a start", () => {
  it("serves the app through the gateway under its own host name", async () => {
    const result = await plane.start({ command: server("well") });
    expect(result).toMatchObject({
      serving: true,
      status: "ready",
      httpStatus: 200,
      signed: true,
      reused: false,
      project: "app",
      name: "web",
      problems: [],
    });
    expect(result.previewUrl).toBe(`http://${result.port}-${result.token}.localhost:${plane.gatewayPort}/`);
    const page = await plane.fetch(result.previewUrl!);
    expect(page.status).toBe(200);
    expect(page.body).toContain(`localhost:${result.port}`);
    expect(Date.parse(result.expiresAt!)).toBeGreaterThan(Date.now());
  });

  it("records the active preview of the project, and a stop clears it", async () => {
    const { port } = await plane.start({ command: server("well") });
    expect(await plane.useCases.getProject(plane.context, "app")).toMatchObject({
      active: { port, sandboxId: plane.sandbox.id, signed: true },
    });
    await plane.stop();
    expect(await plane.useCases.getProject(plane.context, "app")).not.toHaveProperty("active");
  });

  it("of a command that exits at once is crashed, with its exit code and the end of its log", async () => {
    const result = await plane.start({ command: server("exits-at-once", 7) });
    expect(result).toMatchObject({ serving: false, status: "crashed", exitCode: 7 });
    expect(codes(result)).toContain("exited");
    expect(result.logTail.join("\n")).toContain("boom");
    expect(result).not.toHaveProperty("previewUrl");
    await nothingIsLeft();
  });

  it("of a command that never listens is crashed after the timeout, and its process is gone", async () => {
    const brief = await openPlaneUnderTest({ startTimeoutMs: 1000 });
    const result = await brief.start({ command: server("never-listens") });
    expect(result.status).toBe("crashed");
    expect(codes(result)).toContain("never_listened");
    await brief.close();
  });

  it("follows a server to the port really bound, and says so", async () => {
    const other = await freePort();
    const result = await plane.start({ command: server("other-port", other) });
    expect(result).toMatchObject({ serving: true, status: "ready", port: other });
    expect(codes(result)).toEqual(["bound_other_port"]);
    expect((await plane.fetch(result.previewUrl!)).status).toBe(200);
  });

  it("is not misled by a second port that opens first and answers 426", async () => {
    const result = await plane.start({ command: server("two-ports", await freePort()) });
    expect(result).toMatchObject({ serving: true, status: "ready", problems: [] });
    expect((await plane.fetch(result.previewUrl!)).body).toContain("two-ports");
  });

  it.each(["loopback", "loopback6"])(
    "of a server on %s only is ready, and says that other hosts cannot reach it",
    async (habit) => {
      const result = await plane.start({ command: server(habit) });
      expect(result).toMatchObject({ serving: true, status: "ready" });
      expect(codes(result)).toEqual(["bound_loopback_only"]);
      expect((await plane.fetch(result.previewUrl!)).status).toBe(200);
    },
  );

  it("of a server that answers 500 is unhealthy, with a link to look at it", async () => {
    const result = await plane.start({ command: server("answers-500") });
    expect(result).toMatchObject({ serving: true, status: "unhealthy", httpStatus: 500 });
    expect(codes(result)).toEqual(["server_error"]);
    expect((await plane.fetch(result.previewUrl!)).body).toContain("exploded");
  });

  it("of a server that recovers from 500 becomes ready by itself", async () => {
    const { previewId, status } = await plane.start({ command: server("recovers-from-500") });
    expect(status).toBe("unhealthy");
    await until(
      "the preview is ready",
      async () => (await plane.db.previews.byId(previewId))?.state === "ready" || undefined,
    );
  });

  it("of a server that answers 503 until it can render waits, and is ready at once", async () => {
    const result = await plane.start({ command: server("recovers-from-503") });
    expect(result).toMatchObject({ status: "ready", httpStatus: 200, problems: [] });
  });

  it("of a server that answers nothing but 503 is unhealthy after the timeout", async () => {
    const brief = await openPlaneUnderTest({ startTimeoutMs: 1500 });
    const result = await brief.start({ command: server("answers-503") });
    expect(result).toMatchObject({ status: "unhealthy", httpStatus: 503 });
    expect(codes(result)).toEqual(["server_error"]);
    await brief.close();
  });

  it("of a server that refuses our host is unhealthy, and names the setting", async () => {
    const result = await plane.start({ command: server("blocks-host") });
    expect(result).toMatchObject({ status: "unhealthy" });
    expect(result.problems[0]).toMatchObject({ code: "host_blocked" });
    expect(result.problems[0]?.message).toContain("allowedHosts");
  });

  it("of a port that speaks no HTTP is unhealthy after the timeout", async () => {
    const brief = await openPlaneUnderTest({ startTimeoutMs: 1500 });
    const result = await brief.start({ command: server("no-http") });
    expect(result.status).toBe("unhealthy");
    expect(codes(result)).toEqual(["no_http_answer"]);
    await brief.close();
  });

  it("returns `starting` when the wait ends first, and url goes on waiting", async () => {
    const first = await plane.start({ command: server("late", 1500), waitSeconds: 0.2 });
    expect(first).toMatchObject({ serving: false, status: "starting" });
    expect(first.next).toContain("dev_preview_url");
    const second = await plane.url({ waitSeconds: 20 });
    expect(second).toMatchObject({ serving: true, status: "ready", previewId: first.previewId });
  });

  it("tells its phases in order", async () => {
    const phases: string[] = [];
    const input = { name: "web", command: server("well"), signed: true, ifRunning: "reuse" as const, waitSeconds: 20 };
    await plane.useCases.start(plane.context, input, { onPhase: ({ name }) => phases.push(name) });
    expect(phases).toEqual(["resolve", "launch", "listen", "answer", "gateway"]);
  });

  it("tells them in one line each, without the values of the environment", async () => {
    const messages: string[] = [];
    const command = `: correct-horse-battery;\n${server("well")}`;
    const input = { name: "web", command, signed: true, ifRunning: "reuse" as const, waitSeconds: 20 };
    const env = { MY_VALUE: "correct-horse-battery" };
    await plane.useCases.start(plane.context, { ...input, env }, { onPhase: ({ message }) => messages.push(message) });
    expect(messages.join("")).toContain("starting: : [redacted]; ");
    expect(messages.join("")).not.toMatch(/\n|correct-horse/);
  });

  it("whose wait is cancelled leaves the preview starting, and it becomes ready", async () => {
    const cancel = new AbortController();
    const input = {
      name: "web",
      command: server("late", 800),
      signed: true,
      ifRunning: "reuse" as const,
      waitSeconds: 20,
    };
    const waiting = plane.useCases.start(plane.context, input, { signal: cancel.signal });
    cancel.abort();
    expect((await waiting).status).toBe("starting");
    expect((await plane.url({ waitSeconds: 20 })).status).toBe("ready");
  });
});

describe("a port that was asked for", () => {
  let stranger: Server;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    stranger = createServer((_, response) => response.end("stranger")).listen(port, "127.0.0.1");
  });
  afterAll(() => stranger.close());

  it("is refused with its holder when a stranger has it, and nothing is launched", async () => {
    const result = await plane.start({ command: server("well"), port });
    expect(result).toMatchObject({ serving: false, status: "crashed" });
    expect(codes(result)).toEqual(["port_in_use"]);
    expect(result.problems[0]?.message).toContain(String(process.pid));
    await nothingIsLeft();
  });

  it("is used when it is free", async () => {
    const free = await freePort();
    expect(await plane.start({ command: server("well"), port: free })).toMatchObject({ status: "ready", port: free });
  });

  it("that the server hard-codes and a stranger holds is named with its holder", async () => {
    const result = await plane.start({ command: server("hard-coded-port", port) });
    expect(result.status).toBe("crashed");
    expect(codes(result)).toEqual(["port_in_use", "exited"]);
    expect(result.problems[0]?.message).toContain(String(process.pid));
  });
});

describe("a stop", () => {
  it("ends a server that ignores TERM, frees the port, and the link is gone", async () => {
    const { port, previewUrl } = await plane.start({ command: server("ignores-term") });
    expect((await plane.stop()).stopped).toMatchObject([{ name: "web", port, status: "stopped" }]);
    expect((await plane.fetch(previewUrl!)).status).toBe(410);
    expect(await plane.sandbox.portHolder(port!)).toBeUndefined();
  });

  it("ends children that left the session", async () => {
    const { previewId } = await plane.start({ command: server("escaping-children") });
    const { launchId } = (await plane.db.previews.byId(previewId))!;
    await plane.stop();
    expect(await plane.sandbox.find(launchId)).toBeUndefined();
  });

  it("while the server is still starting ends in stopped, not in crashed", async () => {
    const { previewId } = await plane.start({ command: server("late", 5000), waitSeconds: 0.1 });
    await plane.stop();
    expect((await plane.db.previews.byId(previewId))?.state).toBe("stopped");
    await nothingIsLeft();
  });

  it("may be repeated, and of nothing is no error", async () => {
    await plane.start({ command: server("well") });
    expect((await plane.stop()).stopped).toMatchObject([{ status: "stopped" }]);
    expect((await plane.stop()).stopped).toMatchObject([{ status: "stopped" }]);
    expect((await plane.stop({ name: "never-started" })).stopped).toEqual([]);
  });
});

describe("a second start", () => {
  it("reuses the running preview and gives the same link", async () => {
    const first = await plane.start({ command: server("well") });
    const second = await plane.start({ command: server("well") });
    expect(second).toMatchObject({ reused: true, previewId: first.previewId, previewUrl: first.previewUrl });
  });

  it("with ifRunning fail is refused", async () => {
    await plane.start({ command: server("well") });
    await expect(plane.start({ command: server("well"), ifRunning: "fail" })).rejects.toMatchObject({
      code: "already_running",
    });
  });

  it("with ifRunning restart is a new process on the same port", async () => {
    const first = await plane.start({ command: server("well") });
    const before = (await plane.fetch(first.previewUrl!)).body;
    const second = await plane.start({ command: server("well"), ifRunning: "restart" });
    expect(second).toMatchObject({ reused: false, status: "ready", port: first.port });
    expect((await plane.fetch(second.previewUrl!)).body).not.toBe(before);
  });

  it("after the process died a moment ago is a new launch", async () => {
    const first = await plane.start({ command: server("well") });
    const record = (await plane.db.previews.byId(first.previewId))!;
    await plane.sandbox.stop(record.launchId, record.process, { graceMs: 500 });
    expect(await plane.start({ command: server("well") })).toMatchObject({ reused: false, status: "ready" });
  });
});

describe("at the same time", () => {
  it("twenty starts of one preview are one launch and twenty equal answers", async () => {
    const results = await Promise.all(Array.from({ length: 20 }, () => plane.start({ command: server("late", 300) })));
    for (const result of results)
      expect(result).toMatchObject({
        status: "ready",
        previewUrl: results[0]!.previewUrl,
        port: results[0]!.port,
        previewId: results[0]!.previewId,
      });
    expect(new Set(results.map(({ reused }) => reused))).toEqual(new Set([false]));
    expect(await plane.db.previews.listLive(plane.sandbox.id)).toHaveLength(1);
  });

  it("ten names of one project are ten servers", async () => {
    const results = await Promise.all(
      Array.from({ length: 10 }, (_, index) =>
        plane.start({ name: `n${index}`, command: server("well"), waitSeconds: 40 }),
      ),
    );
    expect(new Set(results.map(({ port }) => port)).size).toBe(10);
    for (const { previewUrl } of results) expect((await plane.fetch(previewUrl!)).status).toBe(200);
  });

  it("one that is stopped between its claim and its launch is never launched", async () => {
    await plane.start({ command: server("well") });
    await plane.stop();
    const sandbox = { ...plane.sandbox };
    let clear = () => {};
    const cleared = new Promise<void>((resolve) => (clear = resolve));
    let launched = 0;
    Object.assign(plane.sandbox, {
      forget: async (launchId: string) => {
        await cleared;
        await sandbox.forget(launchId);
      },
      launch: (spec: LaunchSpec) => {
        launched += 1;
        return sandbox.launch(spec);
      },
    });
    try {
      const starting = plane.start({ command: server("well"), waitSeconds: 20 });
      await until("it is claimed", async () => (await plane.db.previews.listLive(plane.sandbox.id)).length === 1);
      expect(await plane.stop()).toMatchObject({ stopped: [{ status: "stopped" }] });
      clear();
      expect(await starting).toMatchObject({ status: "stopped" });
      // waits for what is under way
      await plane.stop();
      expect(launched).toBe(0);
    } finally {
      clear();
      Object.assign(plane.sandbox, sandbox);
    }
  });

  it("a storm of starts and stops leaves no process, lease or live row", async () => {
    const storm = Array.from({ length: 30 }, (_, index) =>
      index % 3 === 2
        ? plane.stop({ name: `s${index % 4}` })
        : plane.start({
            name: `s${index % 4}`,
            command: server("well"),
            ifRunning: index % 2 === 0 ? "reuse" : "restart",
            waitSeconds: 5,
          }),
    );
    await Promise.allSettled(storm);
    await plane.stop({ all: true });
    await nothingIsLeft();
    const records = await plane.db.previews.list((await plane.db.projects.bySlug("local", "app"))!.id, {
      includeStopped: true,
    });
    for (const { launchId } of records) expect(await plane.sandbox.find(launchId)).toBeUndefined();
  });
});

describe("a start in another directory than the running preview's", () => {
  it("is refused and told what to do, instead of giving the wrong app", async () => {
    await mkdir(join(plane.workspace, "apps/one"), { recursive: true });
    await mkdir(join(plane.workspace, "apps/two"), { recursive: true });
    await plane.start({ command: server("well"), repoDir: "apps/one" });
    await expect(plane.start({ command: server("well"), repoDir: "apps/two" })).rejects.toMatchObject({
      code: "already_running",
      message: expect.stringContaining("apps/one"),
    });
    expect(await plane.start({ command: server("well"), repoDir: "apps/one" })).toMatchObject({ reused: true });
    expect(await plane.start({ command: server("well"), repoDir: "apps/two", name: "two" })).toMatchObject({
      status: "ready",
      repoDir: join(plane.workspace, "apps/two"),
    });
  });
});
