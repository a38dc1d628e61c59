import { StringDecoder } from "node:string_decoder";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { execa } from "execa";
import { PreviewError } from "../errors.ts";
import type { ExecResult } from "./driver.ts";
import { plainLine } from "./plain-line.ts";

export interface ExecContext {
  readonly script: string;
  readonly cwd?: string | undefined;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onLine?: ((line: string) => void) | undefined;
  /** Ends the process that was started, and everything that it started. */
  readonly endTree: (pid: number) => Promise<void>;
}

const capBytes = 1024 * 1024;
/** What a script left running in the background may hold the pipes open; its output is not waited for. */
const drainMs = 250;
/** As timeout(1) reports it. */
const timedOut = 124;
const pieceCharacters = 16_000;

/** Runs `/bin/sh -c script` in a session of its own; see `Sandbox.exec`. */
export async function runScript(context: ExecContext): Promise<ExecResult> {
  const { signal, onLine } = context;
  if (signal?.aborted) throw cancelled(signal);
  const child = spawnScript(context);
  const stdout = collect(child.stdout, onLine);
  const stderr = collect(child.stderr, onLine);
  const limit = limits(context);
  try {
    const outcome = await Promise.race([exitOf(child), limit.reached]);
    if (typeof outcome === "number") await Promise.race([Promise.all([stdout.closed, stderr.closed]), delay(drainMs)]);
    else if (child.pid !== undefined) await context.endTree(child.pid);
    if (outcome === "aborted") throw cancelled(signal);
    return { exitCode: outcome === "timeout" ? timedOut : outcome, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    limit.clear();
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

function spawnScript({ script, cwd, env }: ExecContext) {
  return execa("/bin/sh", ["-c", script], {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    extendEnv: false,
    stdin: "ignore",
    detached: true,
    buffer: false,
    reject: false,
  });
}

/** 128 + signal for a script that a signal ended, as sh reports it. */
function exitOf(child: ReturnType<typeof spawnScript>): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("exit", (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
    child.once("error", (cause) => {
      reject(
        new PreviewError("launch_failed", "the shell of a script could not be started", {
          hint: "Check that /bin/sh exists and that the host is not out of processes or memory.",
          cause,
        }),
      );
    });
  });
}

/** Resolves when the script has to be ended; never after `clear`. */
function limits({ timeoutMs, signal }: ExecContext): { reached: Promise<"timeout" | "aborted">; clear: () => void } {
  let clear = () => {};
  const reached = new Promise<"timeout" | "aborted">((resolve) => {
    const timer = setTimeout(() => resolve("timeout"), timeoutMs);
    const onAbort = () => resolve("aborted");
    signal?.addEventListener("abort", onAbort, { once: true });
    clear = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
  });
  return { reached, clear };
}

function cancelled(signal: AbortSignal | undefined): PreviewError {
  return new PreviewError("cancelled", "the script was cancelled and everything that it started was ended", {
    hint: "Call again when the result is wanted.",
    cause: signal?.reason,
  });
}

interface Collected {
  readonly closed: Promise<void>;
  text(): string;
}

/** Keeps the first MiB and drains the rest, so that a chatty script is not blocked. */
function collect(stream: Readable, onLine: ((line: string) => void) | undefined): Collected {
  const chunks: Buffer[] = [];
  const lines = onLine && createLineSplitter(onLine);
  let room = capBytes;
  stream.on("data", (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
    lines?.write(chunk);
  });
  // a pipe that breaks has ended; how the script ended is told by its exit
  stream.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  return {
    closed: closed.then(() => lines?.end()),
    text: () => Buffer.concat(chunks).toString("utf8"),
  };
}

/** Whole lines as they come; a line without end is passed on in pieces of 16,000 characters. */
function createLineSplitter(onLine: (line: string) => void): { write(chunk: Buffer): void; end(): void } {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const flush = () => {
    if (rest !== "") onLine(plainLine(rest));
    rest = "";
  };
  return {
    write(chunk) {
      const parts = (rest + decoder.write(chunk)).split("\n");
      rest = parts.pop() ?? "";
      for (const line of parts) onLine(plainLine(line));
      if (rest.length > pieceCharacters) flush();
    },
    end: flush,
  };
}
