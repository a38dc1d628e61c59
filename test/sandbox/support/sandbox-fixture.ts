import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { readFileSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createLogger } from "../../../src/logger.ts";
import type { Inspection, LaunchSpec, ProcessIdentity, Sandbox } from "../../../src/sandbox/driver.ts";
import { createLocalSandbox } from "../../../src/sandbox/local-sandbox.ts";
import type { LocalSandboxOptions } from "../../../src/sandbox/local-context.ts";

const servers = fileURLToPath(new URL("../../fixtures/servers/", import.meta.url));

/** Path of a file of test/fixtures/servers. */
export function fixtureServer(name: string): string {
  return join(servers, name);
}

/** The command line that runs a program of test/fixtures/servers. */
export function program(name: string, ...args: readonly string[]): string {
  return [process.execPath, fixtureServer(name), ...args].join(" ");
}

export interface Launched {
  readonly launchId: string;
  readonly port: number;
  readonly process: ProcessIdentity;
  readonly inspect: () => Promise<Inspection>;
  /** Waits until the launch listens, and returns what was seen then. */
  listening(): Promise<Inspection>;
  /** Waits until nothing of the launch is alive. */
  ended(): Promise<Inspection>;
  stop(graceMs?: number): Promise<void>;
}

export interface SandboxFixture {
  readonly sandbox: Sandbox;
  /** Where the sandbox keeps the files of its launches. */
  readonly directory: string;
  launch(command: string, options?: Partial<LaunchSpec>): Promise<Launched>;
  /** Stops what still runs, and fails when a process with a marker of ours remains. */
  dispose(): Promise<void>;
}

export async function createSandboxFixture(options: Partial<LocalSandboxOptions> = {}): Promise<SandboxFixture> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), "dpp-sandbox-")));
  // test files run at the same time: each searches a range of its own
  const from = 20_000 + (process.pid % 100) * 100;
  const sandbox = await createLocalSandbox({
    portRange: { from, to: from + 99 },
    logMaxBytes: 1024 * 1024,
    logger: createLogger("silent"),
    hostEnv: process.env,
    ...options,
    directory,
  });
  const launched: Launched[] = [];
  return {
    sandbox,
    directory,
    async launch(command, spec = {}) {
      const launchId = spec.launchId ?? randomUUID();
      const port = spec.port ?? (await sandbox.freePort({ exclude: new Set() }))!;
      const identity = await sandbox.launch({ launchId, command, cwd: directory, port, env: {}, ...spec });
      launched.push(createLaunched(sandbox, { launchId, port, process: identity }));
      return launched.at(-1)!;
    },
    async dispose() {
      for (const { launchId } of launched) await sandbox.stop(launchId, undefined, { graceMs: 0 });
      const left = launched.flatMap(({ launchId }) => markedProcesses(launchId));
      await sandbox.close();
      await rm(directory, { recursive: true, force: true });
      if (left.length > 0) throw new Error(`processes ${left.join(", ")} were left running`);
    },
  };
}

function createLaunched(sandbox: Sandbox, launch: Pick<Launched, "launchId" | "port" | "process">): Launched {
  const { launchId, process } = launch;
  const inspect = () => sandbox.inspect(launchId, process);
  return {
    ...launch,
    inspect,
    listening: () => until(inspect, ({ listeners }) => listeners.length > 0),
    ended: () => until(inspect, ({ alive }) => !alive),
    stop: (graceMs = 5_000) => sandbox.stop(launchId, process, { graceMs }),
  };
}

/** Asks again until the answer is right; fails after ten seconds with the last one. */
export async function until<T>(ask: () => T | Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const deadline = performance.now() + 10_000;
  for (;;) {
    const answer = await ask();
    if (isRight(answer)) return answer;
    if (performance.now() > deadline) throw new Error(`waited in vain, last seen: ${JSON.stringify(answer)}`);
    await delay(10);
  }
}

/** Pids that carry the marker, found without the code under test. Zombies have no environment any more. */
export function markedProcesses(launchId: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => readQuietly(`/proc/${pid}/environ`).split("\0").includes(`DEV_PREVIEW_LAUNCH_ID=${launchId}`))
    .map(Number);
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    // ended, or not ours to read
    return "";
  }
}
