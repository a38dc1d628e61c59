import { readFileSync } from "node:fs";

/**
 * When a process was started, opaque: with the pid it names one process, which a pid alone does not.
 * Undefined where the system does not tell (no /proc), and for a process that is gone.
 */
export function processStart(pid: number): string | undefined {
  return procStat(pid)?.start;
}

/** True while the process of `pid` lives and, where both times are known, is the one that was started then. */
export function isProcessAlive(pid: number, start: string | undefined): boolean {
  const stat = procStat(pid);
  // A zombie still has its pid: signals reach it, nothing else does.
  if (stat !== undefined)
    return stat.state !== "Z" && stat.state !== "X" && (start === undefined || stat.start === start);
  return start === undefined && acceptsSignals(pid);
}

function procStat(pid: number): { state: string; start: string } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The command name stands in parentheses and may hold anything: count behind the last one.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const [state, start] = [fields[0], fields[19]];
    return state === undefined || start === undefined ? undefined : { state, start };
  } catch {
    // No such process, or no /proc: both are answered by undefined.
    return undefined;
  }
}

function acceptsSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
