import { readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketDirectory: string;
  readonly ready: boolean;
}

/** The server that the data directory's lock file names, whether it lives or not. */
export async function readPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => {
    // no lock file: no server (an unreadable one shows when the server is started)
    return "";
  });
  const lines = text.split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return {
    pid,
    port: Number(lines[3] ?? ""),
    socketDirectory: lines[4] ?? "",
    ready: lines[7]?.trim() === "ready",
  };
}

/**
 * True when the process is this data directory's server. A pid alone proves nothing: it may be a
 * zombie, or belong to a stranger since a reboot. On Linux the server's working directory tells.
 */
export async function isServing(pid: number, dataDirectory: string): Promise<boolean> {
  if (!exists(pid)) return false;
  if (process.platform !== "linux") return true;
  const [cwd, wanted] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => {
      // a zombie has none, and that of another user's process is not ours to read
      return undefined;
    }),
    realpath(dataDirectory),
  ]);
  return cwd === wanted;
}

/** True for a zombie too. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

const fastLimitMs = 10_000;
const immediateLimitMs = 5_000;

/** Fast shutdown, then an immediate one; returns when the server is gone. */
export async function stopPostmaster(pid: number, dataDirectory: string): Promise<void> {
  if (await signalAndWait(pid, dataDirectory, { signal: "SIGINT", limitMs: fastLimitMs })) return;
  await signalAndWait(pid, dataDirectory, { signal: "SIGQUIT", limitMs: immediateLimitMs });
}

async function signalAndWait(
  pid: number,
  dataDirectory: string,
  how: { readonly signal: NodeJS.Signals; readonly limitMs: number },
): Promise<boolean> {
  const deadline = performance.now() + how.limitMs;
  if (!(await isServing(pid, dataDirectory))) return true;
  process.kill(pid, how.signal);
  while (performance.now() < deadline) {
    if (!(await isServing(pid, dataDirectory))) return true;
    await pause(10);
  }
  return false;
}
