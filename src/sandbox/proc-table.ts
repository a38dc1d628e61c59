import { readdirSync } from "node:fs";
import { launchMarker } from "./process-view.ts";
import type { ProcessEntry } from "./process-view.ts";
import { readProc, readStat } from "./proc-stat.ts";
import type { ProcStat } from "./proc-stat.ts";
import { userOf } from "./proc-whereabouts.ts";

/** Every process of this host, by pid. */
export interface ProcTable {
  scan(options: { fresh: boolean }): ReadonlyMap<number, ProcessEntry>;
  identify(pid: number): ProcessEntry | undefined;
}

interface Row {
  readonly entry: ProcessEntry;
  readonly startTicks: string;
  readonly seenAt: number;
  /** The environment may still change: the process was read between fork and exec. */
  readonly markerFinal: boolean;
}

/** A scan this young, or younger than twice the time that it took, serves every launch that is polled meanwhile. */
const sharedMs = 4;
/** How long a process that belongs to no launch is believed to be still the one we saw. */
const verifyMs = 2_000;
/** The environment is read once more after this time: by then the process has run exec. */
const execMs = 250;

/**
 * Reads /proc incrementally: each scan lists the pids, reads what is new and what carries a
 * marker, and only every two seconds the rest; a pid is not recycled in less. The environment of
 * a process is read twice in its life.
 */
export function createProcTable(bootId: string): ProcTable {
  let rows = new Map<number, Row>();
  let entries: ReadonlyMap<number, ProcessEntry> = new Map();
  let scannedAt = Number.NEGATIVE_INFINITY;
  let scanMs = 0;
  let verifiedAt = Number.NEGATIVE_INFINITY;

  function scan({ fresh }: { fresh: boolean }): ReadonlyMap<number, ProcessEntry> {
    const now = performance.now();
    if (!fresh && now - scannedAt < Math.max(sharedMs, 2 * scanMs)) return entries;
    const verify = now - verifiedAt > verifyMs;
    const next = new Map<number, Row>();
    for (const name of readdirSync("/proc")) {
      const pid = Number(name);
      if (!Number.isInteger(pid)) continue;
      const row = refresh(pid, { now, verify });
      if (row) next.set(pid, row);
    }
    rows = next;
    entries = new Map(Array.from(next, ([pid, row]) => [pid, row.entry]));
    scannedAt = performance.now();
    scanMs = scannedAt - now;
    if (verify) verifiedAt = now;
    return entries;
  }

  function refresh(pid: number, { now, verify }: { now: number; verify: boolean }): Row | undefined {
    const known = rows.get(pid);
    if (known && !verify && known.markerFinal && known.entry.launchId === undefined) return known;
    const stat = readStat(pid);
    if (!stat) return undefined;
    const row = known?.startTicks === stat.startTicks ? known : undefined;
    const askMarker = !row || (!row.markerFinal && now - row.seenAt > execMs);
    const launchId = (askMarker && !stat.kernelThread ? readMarker(pid) : undefined) ?? row?.entry.launchId;
    return {
      entry: describe(pid, stat, { bootId, launchId }),
      startTicks: stat.startTicks,
      seenAt: row?.seenAt ?? now,
      markerFinal: stat.kernelThread || (row !== undefined && (row.markerFinal || askMarker)),
    };
  }

  return {
    scan,
    identify(pid) {
      const stat = readStat(pid);
      return stat && describe(pid, stat, { bootId, launchId: readMarker(pid) });
    },
  };
}

function describe(
  pid: number,
  stat: ProcStat,
  { bootId, launchId }: { bootId: string; launchId: string | undefined },
): ProcessEntry {
  return {
    pid,
    ppid: stat.ppid,
    group: stat.group,
    session: stat.session,
    startTime: `${bootId}:${stat.startTicks}`,
    alive: stat.alive,
    ...(launchId === undefined ? {} : { launchId }),
  };
}

const markerPrefix = `${launchMarker}=`;

/**
 * A marker counts only in a process of our own user: the launch id shows in `ps`, and a plane that
 * runs as root can read the environment of everybody, who could otherwise join a launch by naming it.
 */
function readMarker(pid: number): string | undefined {
  const environment = readProc(`/proc/${pid}/environ`);
  if (!environment) return undefined;
  const start = environment.startsWith(markerPrefix) ? 0 : environment.indexOf(`\0${markerPrefix}`) + 1;
  if (start === 0 && !environment.startsWith(markerPrefix)) return undefined;
  if (!isOurs(pid)) return undefined;
  const end = environment.indexOf("\0", start);
  return environment.slice(start + markerPrefix.length, end === -1 ? undefined : end);
}

function isOurs(pid: number): boolean {
  return userOf(pid) === process.geteuid?.();
}
