import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensurePlane } from "../../src/client/ensure-plane.ts";
import type { EnsurePlaneOptions, PlaneStartError } from "../../src/client/ensure-plane.ts";
import { readPlaneFile } from "../../src/client/plane-file.ts";
import { isProcessAlive } from "../../src/client/process-start.ts";
import { stateDir } from "../../src/state-dir.ts";
import type { StateDir } from "../../src/state-dir.ts";

const program = fileURLToPath(new URL("support/fake-serve.mjs", import.meta.url));
let parent: string;
let state: StateDir;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "dpp-ensure-"));
  state = stateDir(join(parent, "state"));
});
afterEach(async () => {
  const pids = [readPlaneFile(state.planeFile)?.pid, hung].filter((pid) => pid !== undefined);
  for (const pid of pids) if (isProcessAlive(pid, undefined)) process.kill(pid, "SIGKILL");
  hung = undefined;
  rmSync(parent, { recursive: true, force: true });
});
let hung: number | undefined;

const options = (behaviour = "serve", more: Partial<EnsurePlaneOptions> = {}): EnsurePlaneOptions => ({
  stateDir: state,
  serve: { args: [program, state.root, behaviour], env: { PATH: process.env["PATH"], MARK: "1" } },
  ...more,
});

describe("ensurePlane", () => {
  it("starts a detached plane in the state directory, with the given environment alone, and finds it again", async () => {
    const waits: string[] = [];
    const plane = await ensurePlane(options("serve", { onWait: (message) => waits.push(message) }));
    expect(waits).toEqual(["starting the plane"]);
    expect(statSync(state.root).mode & 0o777).toBe(0o700);
    expect(statSync(state.planeLog).mode & 0o777).toBe(0o600);
    const seen = (await (await fetch(`${plane.controlUrl}/env`)).json()) as {
      env: Record<string, string>;
      cwd: string;
    };
    expect(seen.cwd).toBe(state.root);
    expect(seen.env["MARK"]).toBe("1");
    expect(seen.env["VITEST"]).toBeUndefined();
    if (existsSync("/proc/self/stat")) expect(sessionOf(plane.pid)).toBe(plane.pid);
    expect(await ensurePlane(options("crash", { onWait: (message) => waits.push(message) }))).toEqual(plane);
    expect(waits).toHaveLength(1);
  });

  it("ends with one plane when many start at once", async () => {
    const planes = await Promise.all(Array.from({ length: 4 }, () => ensurePlane(options())));
    expect(new Set(planes.map(({ pid }) => pid)).size).toBe(1);
  });

  it("does not take a record that was left behind for a plane", async () => {
    const first = await ensurePlane(options());
    process.kill(first.pid, "SIGKILL");
    rmSync(join(state.root, "lock"));
    await until(() => !isProcessAlive(first.pid, undefined));
    expect(readPlaneFile(state.planeFile)?.pid).toBe(first.pid);
    const second = await ensurePlane(options());
    expect(second.pid).not.toBe(first.pid);
  });

  it("ignores a record whose pid belongs to another process by now", async () => {
    const first = await ensurePlane(options());
    writeFileSync(state.planeFile, JSON.stringify({ ...first, pid: process.pid, startTime: "1" }));
    process.kill(first.pid, "SIGTERM");
    await until(() => !isProcessAlive(first.pid, undefined));
    expect((await ensurePlane(options())).pid).not.toBe(process.pid);
  });

  it("names the log of a plane that ends while it starts; its end is kept, without secrets", async () => {
    const failure = await ensurePlane(options("crash")).catch((error: unknown) => error as Error);
    expect(failure).toMatchObject({
      code: "plane_unreachable",
      message: "the plane ended with exit code 1 while it was starting",
      hint: expect.stringContaining(state.planeLog),
    });
    const { logTail } = failure as PlaneStartError;
    expect(logTail).toContain("configuration refused");
    expect(logTail).not.toContain("abcdef0123456789");
    expect(readFileSync(state.planeLog, "utf8")).toContain("configuration refused");
  });

  it("gives up on a plane that does not answer in time", async () => {
    const startedAt = performance.now();
    const starting = ensurePlane(options("hang", { timeoutMs: 600 }));
    await expect(starting).rejects.toThrow(expect.objectContaining({ code: "plane_unreachable", retryable: true }));
    expect(performance.now() - startedAt).toBeLessThan(5000);
    hung = await hungPlane();
  });

  it("stops waiting when its signal fires", async () => {
    const caller = new AbortController();
    const starting = ensurePlane(
      options("hang", { signal: caller.signal, onWait: () => setImmediate(() => caller.abort()) }),
    );
    await expect(starting).rejects.toThrow(expect.objectContaining({ code: "cancelled" }));
    hung = await hungPlane();
  });

  it("does nothing at all with a signal that has fired", async () => {
    const starting = ensurePlane(options("serve", { signal: AbortSignal.abort() }));
    await expect(starting).rejects.toThrow(expect.objectContaining({ code: "cancelled" }));
    expect(existsSync(state.root)).toBe(false);
  });

  it("puts a log that outgrew its bound aside", async () => {
    await ensurePlane(options("crash")).catch(() => undefined);
    writeFileSync(state.planeLog, "x".repeat(6 * 1024 * 1024));
    await ensurePlane(options());
    expect(statSync(`${state.planeLog}.1`).size).toBe(6 * 1024 * 1024);
    expect(statSync(state.planeLog).size).toBeLessThan(1024);
  });
});

function sessionOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return Number(text.slice(text.lastIndexOf(")") + 2).split(" ")[3]);
}

/** The hanging plane writes its pid once it runs. */
async function hungPlane(): Promise<number> {
  const path = join(state.root, "pid");
  await until(() => existsSync(path));
  return Number(readFileSync(path, "utf8"));
}

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error("not in time");
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}
