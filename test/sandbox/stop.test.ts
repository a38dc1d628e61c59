import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ProcessIdentity } from "../../src/sandbox/driver.ts";
import { readStat } from "../../src/sandbox/proc-stat.ts";
import { createSandboxFixture, markedProcesses, program, until } from "./support/sandbox-fixture.ts";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;
let strangers: ChildProcess[];

beforeEach(async () => {
  fixture = await createSandboxFixture();
  strangers = [];
});

afterEach(async () => {
  for (const stranger of strangers) stranger.kill("SIGKILL");
  await fixture.dispose();
});

/** A process that no launch owns. */
function startStranger(env: Record<string, string> = {}): ChildProcess {
  const stranger = spawn("sleep", ["600"], { detached: true, stdio: "ignore", env: { ...process.env, ...env } });
  strangers.push(stranger);
  return stranger;
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}

async function expectFree(port: number): Promise<void> {
  const server = createServer().listen(port, "0.0.0.0");
  await once(server, "listening");
  server.close();
  await once(server, "close");
}

test.each([
  ["a plain server", program("http.mjs")],
  ["a server behind a shell", `true && ${program("http.mjs")}`],
  ["a server that ignores TERM", program("ignores-term.mjs")],
  ["a server that left the session twice", program("leaves-session.mjs")],
  ["a daemon", program("daemon.mjs")],
  ["a cluster", program("cluster.mjs")],
  ["a cluster whose workers share the socket", program("cluster.mjs", "shared")],
  ["a pipeline", `${program("http.mjs")} | cat`],
  ["a server with job control", `exec bash -c 'set -m; ${program("http.mjs")} & wait'`],
  ["a server without the marker", program("scrubs-environment.mjs")],
])("%s is gone and its port is free when stop returns", async (_what, command) => {
  const launched = await fixture.launch(command);
  await launched.listening();
  await launched.stop(300);
  expect(markedProcesses(launched.launchId)).toEqual([]);
  expect(await launched.inspect()).toMatchObject({ alive: false, listeners: [] });
  await expectFree(launched.port);
});

test("a server that ends on TERM is not waited for, and its own exit code is known", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  const begun = performance.now();
  await launched.stop(60_000);
  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(await launched.inspect()).toEqual({ alive: false, listeners: [], exitCode: 0 });
});

test("a server that ignores TERM has the whole grace, then is killed", async () => {
  const launched = await fixture.launch(program("ignores-term.mjs"));
  await launched.listening();
  const begun = performance.now();
  await launched.stop(400);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(400);
  expect(await launched.inspect()).toMatchObject({ alive: false, exitCode: 137 });
});

test("TERM reaches a process once", async () => {
  const launched = await fixture.launch(program("ignores-term.mjs"));
  await launched.listening();
  await launched.stop(400);
  const { lines } = await fixture.sandbox.readLog(launched.launchId, { limit: 10 });
  expect(lines).toEqual(["ignoring SIGTERM"]);
});

test("a stopped process is killed as well", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  process.kill(launched.process.pid, "SIGSTOP");
  await launched.stop(100);
  await expect.poll(() => launched.inspect()).toMatchObject({ alive: false, exitCode: 137 });
});

test("stop without a process identity finds the launch by its files or marker", async () => {
  const launched = await fixture.launch(program("leaves-session.mjs"));
  await launched.listening();
  await fixture.sandbox.stop(launched.launchId, undefined, { graceMs: 1_000 });
  expect(markedProcesses(launched.launchId)).toEqual([]);
});

test("another plane stops a launch that it did not start", async () => {
  const launched = await fixture.launch(program("daemon.mjs"));
  await until(launched.inspect, ({ listeners, exitCode }) => listeners.length > 0 && exitCode === 0);
  const other = await createSandboxFixture({ directory: fixture.directory });
  await other.sandbox.stop(launched.launchId, launched.process, { graceMs: 1_000 });
  expect(markedProcesses(launched.launchId)).toEqual([]);
  await other.sandbox.close();
});

test("stopping twice, at once or later, is stopping once", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  await Promise.all([launched.stop(), launched.stop()]);
  await launched.stop();
  expect(await launched.inspect()).toMatchObject({ alive: false });
});

test("a launch that is stopped while it starts leaves nothing", async () => {
  const launched = await fixture.launch(program("cluster.mjs"));
  await launched.stop(0);
  expect(markedProcesses(launched.launchId)).toEqual([]);
});

test("children born during the grace are ended too", async () => {
  const bornOnTerm = `trap 'setsid sleep 601 & setsid sleep 602 &' TERM; echo ready; while :; do sleep 0.02; done`;
  const launched = await fixture.launch(bornOnTerm);
  await until(
    () => fixture.sandbox.readLog(launched.launchId, { limit: 1 }),
    ({ lines }) => lines.length > 0,
  );
  await launched.stop(200);
  expect(markedProcesses(launched.launchId)).toEqual([]);
});

/** A server in a shell, both of nobody's launch; the shell goes on when the server ends. */
async function startInShell(...args: readonly string[]): Promise<{ shell: ChildProcess; root: ProcessIdentity }> {
  const port = (await fixture.sandbox.freePort({ exclude: new Set() }))!;
  const shell = spawn("/bin/sh", ["-c", `${program("with-child.mjs", ...args)} & sleep 600 & wait`], {
    detached: true,
    stdio: "ignore",
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port) },
  });
  strangers.push(shell);
  const { holders } = await until(
    () => fixture.sandbox.portUse(port, []),
    (use) => use.holders.length > 0,
  );
  return { shell, root: { ...holders[0]!.process, family: { of: "process" } } };
}

/** A zombie that nobody has reaped yet is not. */
function isAlive(pid: number): boolean {
  return readStat(pid)?.alive === true;
}

function childrenOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean);
}

test.each([["a server that somebody else started"], ["one that ignores TERM, as its child does", "ignore"]])(
  "%s ends with its children, and neither its shell nor what else that runs",
  async (_what, ...args) => {
    const { shell, root } = await startInShell(...args);
    const children = await until(
      () => childrenOf(root.pid),
      (pids) => pids.length === 1,
    );
    await fixture.sandbox.stop("attached", root, { graceMs: 300 });
    expect(isRunning(shell)).toBe(true);
    expect(childrenOf(shell.pid!)).toHaveLength(1);
    expect([root.pid, ...children].filter((pid) => isAlive(Number(pid)))).toEqual([]);
    process.kill(-shell.pid!, "SIGKILL");
  },
);

test("a further port of a launch does not end the launch", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  const family = { of: "launch", launchId: launched.launchId } as const;
  await fixture.sandbox.stop("further-port", { ...launched.process, family }, { graceMs: 0 });
  expect(await launched.inspect()).toMatchObject({ alive: true });
});

test("a recycled pid is not signalled: the start time decides", async () => {
  const launched = await fixture.launch("true");
  await launched.ended();
  // the kernel counts start times in ticks of 10 ms: two processes of one tick cannot be told apart
  const endedAt = performance.now();
  await until(
    () => performance.now() - endedAt,
    (sinceMs) => sinceMs > 30,
  );
  const stranger = startStranger();
  const recycled = { ...launched.process, pid: stranger.pid!, session: stranger.pid! };
  await fixture.sandbox.stop(launched.launchId, recycled, { graceMs: 50 });
  expect(isRunning(stranger)).toBe(true);
});

test("another launch is not touched", async () => {
  const stranger = startStranger({ DEV_PREVIEW_LAUNCH_ID: "somebody-elses" });
  const [stopped, kept] = [await fixture.launch(program("idle.mjs")), await fixture.launch(program("idle.mjs"))];
  await stopped.stop();
  expect(isRunning(stranger)).toBe(true);
  expect(await kept.inspect()).toMatchObject({ alive: true });
});

test("a process in the group of a stranger is ended alone", async () => {
  const launched = await fixture.launch(program("idle.mjs"));
  const group = spawn("sh", ["-c", `sleep 603 & DEV_PREVIEW_LAUNCH_ID=${launched.launchId} sleep 604 & wait`], {
    detached: true,
    stdio: "ignore",
  });
  strangers.push(group);
  const inGroup = await until(
    () => markedProcesses(launched.launchId),
    (pids) => pids.some((pid) => commandOf(pid).includes("604")),
  );
  expect(inGroup).not.toContain(group.pid);
  await launched.stop();
  expect(markedProcesses(launched.launchId)).toEqual([]);
  process.kill(-group.pid!, 0);
  expect(isRunning(group)).toBe(true);
  process.kill(-group.pid!, "SIGKILL");
});

/** Empty for a process that just ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

test("processes that cannot be ended are named", async () => {
  const launched = await fixture.launch(program("idle.mjs"));
  const kill = process.kill.bind(process);
  process.kill = () => true;
  try {
    const refusal = fixture.sandbox.stop(launched.launchId, launched.process, { graceMs: -4_900 });
    await expect(refusal).rejects.toMatchObject({
      code: "stop_failed",
      message: expect.stringContaining(String(launched.process.pid)),
    });
  } finally {
    process.kill = kill;
  }
});
