import type { ProcessIdentity } from "./driver.ts";
import type { ProcessEntry } from "./process-view.ts";

export interface FamilyQuery {
  readonly launchId: string;
  /** The launch's own process, when it is known; it may have ended. */
  readonly root?: ProcessIdentity | undefined;
  /** Members that an earlier look established (pid to start time): a child that left keeps belonging. */
  readonly earlier?: ReadonlyMap<number, string>;
}

/**
 * The processes of a launch: its own process, what carries its marker, what belonged before, and
 * all that shares a session or group led by one of these or descends from one, zombies included.
 *
 * A session or group number says nothing by itself, for its leader's pid may have been recycled:
 * it counts when its leader is a member, or when it is the launch's own and holds a member.
 */
export function familyOf(processes: ReadonlyMap<number, ProcessEntry>, query: FamilyQuery): ProcessEntry[] {
  const { launchId, root, earlier } = query;
  const members = new Map<number, ProcessEntry>();
  for (const entry of processes.values()) if (isSeed(entry, { launchId, root, earlier })) members.set(entry.pid, entry);
  for (let size = -1; size !== members.size;) {
    size = members.size;
    const sessions = ledBy(members, { of: (entry) => entry.session, own: root?.session });
    const groups = ledBy(members, { of: (entry) => entry.group, own: root?.pid });
    for (const entry of processes.values()) {
      if (members.has(entry.pid) || entry.pid <= 1) continue;
      const joins = members.has(entry.ppid) || sessions.has(entry.session) || groups.has(entry.group);
      if (joins) members.set(entry.pid, entry);
    }
  }
  return [...members.values()];
}

export interface DescendantsQuery {
  readonly root: ProcessIdentity;
  /** Members that an earlier look established (pid to start time): a child whose parent ended keeps belonging. */
  readonly earlier?: ReadonlyMap<number, string>;
  /** Ourselves: what the plane started belongs to nobody else, even when the root started the plane. */
  readonly planePid: number;
}

/**
 * A process that somebody else started, and its descendants: never its session or group, which may be a
 * person's terminal. Launches among the descendants belong to themselves.
 */
export function descendantsOf(processes: ReadonlyMap<number, ProcessEntry>, query: DescendantsQuery): ProcessEntry[] {
  const { root, earlier, planePid } = query;
  const members = new Map<number, ProcessEntry>();
  for (const entry of processes.values()) if (isSeed(entry, { root, earlier })) members.set(entry.pid, entry);
  for (let size = -1; size !== members.size;) {
    size = members.size;
    for (const entry of processes.values()) {
      const foreign = entry.pid <= 1 || entry.pid === planePid || entry.launchId !== undefined;
      if (!foreign && members.has(entry.ppid)) members.set(entry.pid, entry);
    }
  }
  return [...members.values()];
}

interface Seeds {
  readonly launchId?: string;
  readonly root: ProcessIdentity | undefined;
  readonly earlier: ReadonlyMap<number, string> | undefined;
}

function isSeed(entry: ProcessEntry, { launchId, root, earlier }: Seeds): boolean {
  if (entry.pid <= 1) return false;
  if (launchId !== undefined && entry.launchId === launchId) return true;
  if (entry.pid === root?.pid && entry.startTime === root.startTime) return true;
  return earlier?.get(entry.pid) === entry.startTime;
}

function ledBy(
  members: ReadonlyMap<number, ProcessEntry>,
  { of, own }: { of: (entry: ProcessEntry) => number; own: number | undefined },
): Set<number> {
  const led = new Set<number>();
  for (const entry of members.values()) {
    const leader = of(entry);
    if (leader > 1 && (leader === own || members.has(leader))) led.add(leader);
  }
  return led;
}
