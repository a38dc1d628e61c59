import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, renameSync, statSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { PreviewError } from "../errors.ts";
import { redact } from "../redact.ts";
import { ensureStateDir } from "../state-dir.ts";
import type { StateDir } from "../state-dir.ts";
import { findPlane } from "./find-plane.ts";
import type { PlaneRecord } from "./plane-file.ts";

/** Exit code of `serve` when another plane already runs on its state directory. */
export const planeAlreadyRunningExit = 3;

export interface EnsurePlaneOptions {
  readonly stateDir: StateDir;
  /** How a plane is started: arguments of this Node, and the whole environment. */
  readonly serve: {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, string | undefined>>;
  };
  /** Ends the wait; a plane that was started goes on starting. */
  readonly signal?: AbortSignal;
  /** Called once when a plane has to start. */
  readonly onWait?: (message: string) => void;
  /** Bound of the start; default 15 s. */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 15_000;
const pollMs = 50;
const maxLogBytes = 5 * 1024 * 1024;

/**
 * The running plane of a state directory, started in the background when there is none. Of two
 * callers that start one at once the later plane ends by itself, and both find the earlier.
 * Throws `PlaneStartError` (`plane_unreachable`) when it ends while starting or does not answer in time.
 */
export async function ensurePlane(options: EnsurePlaneOptions): Promise<PlaneRecord> {
  const { stateDir, signal } = options;
  const running = await findPlane(stateDir.planeFile, signal);
  if (running !== undefined) return running;
  stopWhenAborted(signal);
  options.onWait?.("starting the plane");
  const child = startDetached(options);
  const deadline = performance.now() + (options.timeoutMs ?? defaultTimeoutMs);
  while (performance.now() < deadline) {
    const ended = child.ended();
    const plane = await findPlane(stateDir.planeFile, signal);
    if (plane !== undefined) return plane;
    stopWhenAborted(signal);
    // The other plane may still be starting: go on looking for it.
    if (ended !== undefined && ended.code !== planeAlreadyRunningExit) throw endedEarly(stateDir, ended);
    await delay(pollMs);
  }
  throw tooSlow(stateDir);
}

/** A plane that did not come up. The end of its log is kept apart: the message holds no output of a process. */
export class PlaneStartError extends PreviewError {
  readonly logTail: string;

  constructor(message: string, options: { hint: string; logTail: string; cause?: unknown }) {
    super("plane_unreachable", message, options);
    this.logTail = options.logTail;
  }
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly error?: Error;
}

/** In a session of its own, so that it outlives the caller and its terminal. */
function startDetached({ stateDir, serve }: EnsurePlaneOptions): { ended(): Ended | undefined } {
  ensureStateDir(stateDir.root);
  rotate(stateDir.planeLog);
  const log = openSync(stateDir.planeLog, "a", 0o600);
  let ended: Ended | undefined;
  try {
    const child = spawn(process.execPath, serve.args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: stateDir.root,
      env: { ...serve.env },
    });
    child.once("exit", (code, signal) => (ended = { code, signal }));
    child.once("error", (error) => (ended = { code: null, signal: null, error }));
    child.unref();
  } finally {
    closeSync(log);
  }
  return { ended: () => ended };
}

/** One older log is kept, so that a plane which is started again and again does not fill the disk. */
function rotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxLogBytes) renameSync(path, `${path}.1`);
}

function stopWhenAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new PreviewError("cancelled", "the call was cancelled while the plane was starting", {
    hint: "Call again.",
    cause: signal.reason,
  });
}

function endedEarly({ planeLog }: StateDir, { code, signal, error }: Ended): PreviewError {
  const how = signal === null ? `with exit code ${code ?? "unknown"}` : `by ${signal}`;
  return new PlaneStartError(`the plane ended ${how} while it was starting`, {
    hint: `Read the end of ${planeLog}, or run \`dev-preview serve\` to see why.`,
    logTail: tailOf(planeLog),
    cause: error,
  });
}

function tooSlow({ planeLog }: StateDir): PreviewError {
  return new PlaneStartError("the plane was started but does not answer yet", {
    hint: `Try again; if it stays so, read the end of ${planeLog}.`,
    logTail: tailOf(planeLog),
  });
}

function tailOf(path: string): string {
  return redact(readFileSync(path, "utf8").trimEnd().split("\n").slice(-10).join("\n"));
}
