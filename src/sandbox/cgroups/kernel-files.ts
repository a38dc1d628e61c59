import { accessSync, closeSync, constants, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Empty for a file that is gone, or that this kernel has not. */
export function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // what it would tell is not so
    return "";
  }
}

/** Whether the kernel took it. It refuses by errors that differ with its version; a file that it lacks is not made. */
export function isWritten(path: string, value: string): boolean {
  return succeeds(() => {
    // some may be written and not read: cgroup.kill
    const file = openSync(path, constants.O_WRONLY);
    try {
      writeSync(file, value);
    } finally {
      closeSync(file);
    }
  });
}

/** Whether this user may write it: there, its own, and not mounted read-only. */
export function isWritable(path: string): boolean {
  return succeeds(() => accessSync(path, constants.W_OK));
}

export function processesOf(group: string): number[] {
  const lines = readOrEmpty(join(group, "cgroup.procs")).split("\n");
  return lines.filter(Boolean).map(Number);
}

/** For changes whose refusal is an answer. */
export function succeeds(change: () => void): boolean {
  try {
    change();
    return true;
  } catch {
    // refused: the caller goes on without it
    return false;
  }
}
