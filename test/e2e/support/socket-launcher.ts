import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { until } from "../../support/until.ts";
import { bin } from "./plane-process.ts";
import type { PlaneHome } from "./plane-process.ts";

const program = fileURLToPath(new URL("socket-launcher.py", import.meta.url));

export const hasPython = spawnSync("python3", ["-c", ""]).status === 0;

/** Holds the sockets of planes, which come and go. */
export interface SocketLauncher {
  /** Starts a plane on them; resolves to its pid. */
  start(): Promise<number>;
  /** Resolves when it has ended. */
  ended(pid: number): Promise<unknown>;
  /** What planes wrote to stderr. */
  log(): string;
  close(): Promise<void>;
}

/** `sockets` are `name=address:port`. */
export function launchSockets(home: PlaneHome, sockets: readonly string[]): SocketLauncher {
  const args = [program, ...sockets, "--", process.execPath, bin, "serve"];
  const child = spawn("python3", args, { env: home.env, stdio: ["pipe", "pipe", "pipe"] });
  let [said, log] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const pids = () => [...said.matchAll(/^pid (\d+)$/gm)].map((match) => Number(match[1]));
  return {
    async start() {
      const before = pids().length;
      child.stdin.write("start\n");
      return await until("a plane was started", () => pids()[before]);
    },
    ended: (pid) => until(`plane ${pid} ended`, () => said.includes(`exit ${pid}\n`), 30_000),
    log: () => log,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
}
