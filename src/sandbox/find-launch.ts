import type { ProcessIdentity } from "./driver.ts";
import { readRecordedProcess } from "./launch-files.ts";
import type { LaunchFiles } from "./launch-files.ts";
import type { ProcessEntry, ProcessView } from "./process-view.ts";
import type { FamilyTracker } from "./family-tracker.ts";

/**
 * The process of a launch, from its pid file when that still holds true, else by looking for the
 * marker in every environment: the eldest process of what is left. `undefined` when nothing of
 * the launch is alive.
 */
export async function findLaunch(
  { view, tracker }: { readonly view: ProcessView; readonly tracker: FamilyTracker },
  launchId: string,
  files: LaunchFiles,
): Promise<ProcessIdentity | undefined> {
  const recorded = await readRecordedProcess(files);
  if (recorded && (await isLaunch(view, recorded, launchId))) return recorded;
  const members = await tracker.members(launchId, recorded, { fresh: true });
  return identityOf(eldest(members));
}

async function isLaunch(view: ProcessView, recorded: ProcessIdentity, launchId: string): Promise<boolean> {
  const entry = await view.identify(recorded.pid);
  if (!entry?.alive) return false;
  // a process that wrote over its environment keeps its start time
  return entry.startTime === recorded.startTime && (entry.launchId ?? launchId) === launchId;
}

/** The command's own process where it can be told from its supervisor, which is nobody's child in the launch. */
function eldest(members: readonly ProcessEntry[]): ProcessEntry | undefined {
  const pids = new Set(members.map((entry) => entry.pid));
  const byAge = members.toSorted((a, b) => a.startTime.localeCompare(b.startTime, "en", { numeric: true }));
  return byAge.find((entry) => pids.has(entry.ppid)) ?? byAge[0];
}

function identityOf(entry: ProcessEntry | undefined): ProcessIdentity | undefined {
  return entry && { pid: entry.pid, startTime: entry.startTime, session: entry.session };
}
