import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** The fields of /proc/<pid>/stat that identify a process and its relations; see proc_pid_stat(5). */
export interface ProcStat {
  readonly ppid: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot, field 22. */
  readonly startTicks: string;
  /** Clock ticks of processor time, of itself and of children that it waited for: fields 14 to 17. */
  readonly cpuTicks: number;
  readonly alive: boolean;
  readonly kernelThread: boolean;
}

const kernelThreadFlag = 0x00200000;
/** Scratch space of one synchronous read; holds nothing between two. */
const buffer = Buffer.allocUnsafe(64 * 1024);

/**
 * A file under /proc, or `undefined` when the process is gone or not ours to read. Synchronous on purpose: procfs never waits for a device, and a trip through the thread pool
 * costs ten times the read.
 */
export function readProc(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    // the process ended, or belongs to someone else
    return undefined;
  }
  try {
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    return length < buffer.length ? buffer.toString("latin1", 0, length) : readFileSync(path, "latin1");
  } catch {
    // ESRCH: the process ended between open and read
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** `undefined` for text that is not a stat line. */
export function parseStat(text: string): ProcStat | undefined {
  // the command name is in parentheses and may itself hold parentheses and spaces
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const [state, ppid, group, session] = fields;
  const startTicks = fields[19];
  if (!state || !startTicks) return undefined;
  // a main thread that ended while other threads run is shown as a zombie, and is not one
  const ended = state === "X" || state === "x" || (state === "Z" && Number(fields[17]) <= 1);
  return {
    ppid: Number(ppid),
    group: Number(group),
    session: Number(session),
    startTicks,
    cpuTicks: fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0),
    alive: !ended,
    kernelThread: (Number(fields[6]) & kernelThreadFlag) !== 0,
  };
}

export function readStat(pid: number): ProcStat | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  return text === undefined ? undefined : parseStat(text);
}

/** Changes with every boot of the host; start ticks count from it. */
export function readBootId(): string {
  const id = readProc("/proc/sys/kernel/random/boot_id")?.trim();
  if (id) return id;
  const bootTime = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "latin1"));
  return `btime-${bootTime?.[1] ?? "unknown"}`;
}
