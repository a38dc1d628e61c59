import { mkdirSync, readdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./find-places.ts";
import { isWritten, processesOf, readOrEmpty, succeeds } from "./kernel-files.ts";
import type { Controller } from "./limits.ts";

/** One for all planes of the host: launch ids are unique. */
const groupOfLaunches = "dev-preview";
const groupOfPlane = "plane";
const movingRounds = 10;
/** A group this old that holds nobody was left by a plane that crashed; a younger one may be about to be entered. */
const leftAfterMs = 60_000;

/** Makes the group below which launches get theirs, with the controllers that it really hands on; nothing where it cannot. */
export function preparePlace(place: Place): Place | undefined {
  const { directory, version, holdsPlane } = place;
  if (holdsPlane && !emptyInto(directory, join(directory, groupOfPlane))) return undefined;
  const group = join(directory, groupOfLaunches);
  if (version === 2) handDown(directory, place.controllers);
  succeeds(() => mkdirSync(group, { recursive: true }));
  if (statSync(group, { throwIfNoEntry: false }) === undefined) return undefined;
  removeLeft(group);
  const controllers = version === 1 ? place.controllers : handDown(group, place.controllers);
  return { ...place, directory: group, controllers };
}

/** Only groups without processes hand controllers down. */
function emptyInto(directory: string, leaf: string): boolean {
  succeeds(() => mkdirSync(leaf, { recursive: true }));
  // what is forked meanwhile is met by the next round
  for (let round = 0; round < movingRounds && processesOf(directory).length > 0; round++) {
    for (const pid of processesOf(directory)) isWritten(join(leaf, "cgroup.procs"), String(pid));
  }
  return processesOf(directory).length === 0;
}

/** Returns the controllers that groups below have from now on. */
function handDown(directory: string, wanted: readonly Controller[]): Controller[] {
  const file = join(directory, "cgroup.subtree_control");
  const given = () => readOrEmpty(file).split(/\s+/);
  for (const controller of wanted) if (!given().includes(controller)) isWritten(file, `+${controller}`);
  return wanted.filter((controller) => given().includes(controller));
}

function removeLeft(group: string): void {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    const directory = join(group, entry.name);
    const stat = entry.isDirectory() ? statSync(directory, { throwIfNoEntry: false }) : undefined;
    // a group that holds processes is not removed
    if (stat !== undefined && Date.now() - stat.mtimeMs > leftAfterMs) succeeds(() => rmdirSync(directory));
  }
}
