import { spawn } from "node:child_process";
import { once } from "node:events";
import { until } from "../../support/until.ts";
import { bin } from "./plane-process.ts";
import type { PlaneHome } from "./plane-process.ts";

export interface CliRun {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCli {
  /** What it has printed to stdout so far. */
  stdout(): string;
  /** Resolves once stdout holds the text. */
  prints(text: string): Promise<unknown>;
  /** As Ctrl-C does. */
  interrupt(): void;
  /** Resolves when it has ended by itself; it is killed after a minute. */
  readonly ended: Promise<CliRun>;
}

/** The shipped command in the workspace of a home, to its end. */
export function runCli(home: PlaneHome, ...args: string[]): Promise<CliRun> {
  return startCli(home, ...args).ended;
}

export function startCli(home: PlaneHome, ...args: string[]): RunningCli {
  const child = spawn(process.execPath, [bin, ...args], {
    cwd: home.workspace,
    env: home.env,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
    killSignal: "SIGKILL",
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  return {
    stdout: () => stdout,
    prints: (text) => until(`${args.join(" ")} prints ${text}`, () => stdout.includes(text)),
    interrupt: () => void child.kill("SIGINT"),
    ended: once(child, "close").then(([exitCode]: (number | null)[]) => ({
      exitCode: exitCode ?? null,
      stdout,
      stderr,
    })),
  };
}
