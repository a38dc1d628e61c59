import { spawn } from "node:child_process";
import type { ChildProcess, SpawnOptions } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { freePort } from "./plane-under-test.ts";

const serverProgram = fileURLToPath(new URL("server.mjs", import.meta.url));

/** A server that no plane started, as an agent or a person starts one in a terminal. */
export interface HandServer {
  readonly port: number;
  /** What was spawned: the server, or the shell in which it runs. */
  readonly child: ChildProcess;
  /** SIGKILL to what was spawned, and waits for its end. */
  end(): Promise<void>;
}

export interface HandServerOptions {
  readonly cwd: string;
  readonly port?: number;
  readonly habit?: string;
  readonly value?: string | number;
  readonly env?: NodeJS.ProcessEnv;
  /** Words in front of the command line, e.g. `["setpriv", …]`. */
  readonly through?: readonly string[];
}

/** For `through`, as root: the server is another user's. */
export const asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"] as const;

const started: HandServer[] = [];

/** Starts a program of server.mjs and resolves once it says that it listens. */
export async function startByHand(options: HandServerOptions): Promise<HandServer> {
  const port = options.port ?? (await freePort());
  const [file = "", ...args] = [...(options.through ?? []), ...commandOf(options)];
  return await listening(port, spawn(file, args, spawnOptions(options, port)));
}

/** The same in a shell that goes on when the server ends. */
export async function startInShell(options: HandServerOptions): Promise<HandServer> {
  const port = options.port ?? (await freePort());
  const line = `${commandOf(options)
    .map((word) => `'${word}'`)
    .join(" ")} & wait; sleep 600`;
  return await listening(port, spawn("/bin/sh", ["-c", line], { ...spawnOptions(options, port), detached: true }));
}

/** Ends every server of this file's tests. */
export async function endHandServers(): Promise<void> {
  await Promise.all(started.splice(0).map((server) => server.end()));
}

export function commandOf({ habit = "well", value }: HandServerOptions): string[] {
  return [process.execPath, serverProgram, habit, ...(value === undefined ? [] : [String(value)])];
}

function spawnOptions({ cwd, env }: HandServerOptions, port: number): SpawnOptions {
  return {
    cwd,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), ...env },
  };
}

async function listening(port: number, child: ChildProcess): Promise<HandServer> {
  const server: HandServer = { port, child, end: () => endOf(child) };
  started.push(server);
  for await (const line of createInterface({ input: child.stdout as Readable })) {
    if (line.includes("listens on")) return server;
  }
  throw new Error(`the server ended before it listened on ${port}`);
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  // a shell leads a group of its own, with its server in it
  if (child.spawnfile === "/bin/sh") process.kill(-child.pid!, "SIGKILL");
  child.kill("SIGKILL");
  await exited;
}
