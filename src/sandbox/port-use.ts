import { redact } from "../redact.ts";
import type { LaunchedProcess, PortUse, PortUser } from "./driver.ts";
import type { FamilyTracker } from "./family-tracker.ts";
import { plainLine } from "./plain-line.ts";
import type { ProcessEntry, ProcessView } from "./process-view.ts";

export interface PortUseContext {
  readonly view: ProcessView;
  readonly tracker: FamilyTracker;
}

const commandCharacters = 300;

/** See `Sandbox.portUse`. */
export async function readPortUse(
  context: PortUseContext,
  port: number,
  launches: readonly LaunchedProcess[],
): Promise<PortUse> {
  const sockets = await context.view.portSockets(port);
  const processes = await context.view.scan({ fresh: true });
  const pids = new Set(sockets.flatMap((socket) => socket.pids));
  const entries = Array.from(pids, (pid) => processes.get(pid)).filter((entry) => entry?.alive === true);
  const launched = entries.length === 0 ? noLaunches : await launchesByPid(context.tracker, launches);
  const described = await Promise.all(
    eldestFirst(entries, processes).map((entry) => describe(context.view, entry, { launched, processes })),
  );
  const holders = described.filter((holder) => holder !== undefined);
  // whoever ended since holds nothing any more: a child between fork and exec, say
  const seen = new Set(holders.map(({ process }) => process.pid));
  return {
    sockets: sockets.map(({ name }) => name),
    hidden: sockets.some((socket) => !socket.pids.some((pid) => seen.has(pid))),
    holders,
  };
}

const noLaunches: ReadonlyMap<number, string> = new Map();

/** Pid to the launch whose family it is in. */
async function launchesByPid(
  tracker: FamilyTracker,
  launches: readonly LaunchedProcess[],
): Promise<ReadonlyMap<number, string>> {
  const families = await Promise.all(
    launches.map(async ({ launchId, process }) => {
      const members = await tracker.members(launchId, process);
      return members.map(({ pid }) => [pid, launchId] as const);
    }),
  );
  return new Map(families.flat());
}

interface Known {
  readonly launched: ReadonlyMap<number, string>;
  readonly processes: ReadonlyMap<number, ProcessEntry>;
}

async function describe(
  view: ProcessView,
  entry: ProcessEntry,
  { launched, processes }: Known,
): Promise<PortUser | undefined> {
  const { pid, startTime, session } = entry;
  const { command, directory, user } = await view.whereabouts(pid);
  // what was just read is of this very process, or of nobody
  if ((await view.identify(pid))?.startTime !== startTime) return undefined;
  const parent = processes.get(entry.ppid);
  const launchId = launched.get(pid) ?? entry.launchId;
  return {
    process: { pid, startTime, session },
    command: redact(plainLine(command)).slice(0, commandCharacters),
    ...(parent === undefined ? {} : { parent: { pid: parent.pid, startTime: parent.startTime } }),
    ...(directory === undefined ? {} : { directory }),
    ...(user === undefined ? {} : { user }),
    ...(launchId === undefined ? {} : { launchId }),
  };
}

/** A server that forks shares its socket with its children: those come after it. */
function eldestFirst(
  entries: readonly (ProcessEntry | undefined)[],
  processes: ReadonlyMap<number, ProcessEntry>,
): ProcessEntry[] {
  const holders = entries.filter((entry) => entry !== undefined);
  const pids = new Set(holders.map(({ pid }) => pid));
  const depths = new Map(holders.map((entry) => [entry.pid, holdersAbove(entry, pids, processes)]));
  const depthOf = ({ pid }: ProcessEntry): number => depths.get(pid) ?? 0;
  return holders.toSorted((a, b) => depthOf(a) - depthOf(b) || byAge(a, b));
}

function holdersAbove(
  entry: ProcessEntry,
  holders: ReadonlySet<number>,
  processes: ReadonlyMap<number, ProcessEntry>,
): number {
  let above = 0;
  // a loop cannot be: but the table is not of one moment
  const seen = new Set([entry.pid]);
  for (let parent = processes.get(entry.ppid); parent && !seen.has(parent.pid); parent = processes.get(parent.ppid)) {
    seen.add(parent.pid);
    if (holders.has(parent.pid)) above += 1;
  }
  return above;
}

function byAge(a: ProcessEntry, b: ProcessEntry): number {
  return a.startTime.localeCompare(b.startTime, "en", { numeric: true });
}
