import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseCgroupMounts } from "./cgroup-mounts.ts";
import type { CgroupMount, CgroupTables } from "./cgroup-mounts.ts";
import { isWritable, readOrEmpty } from "./kernel-files.ts";
import { controllers } from "./limits.ts";
import type { Controller } from "./limits.ts";

/** A group in which groups of launches may be made. */
export interface Place {
  readonly version: 1 | 2;
  readonly directory: string;
  readonly controllers: readonly Controller[];
  /** It is the plane's own group, which has to be emptied into a group below: only leaves hold processes. */
  readonly holdsPlane: boolean;
}

/** Where launches can be bounded on this host; nothing is changed by looking. */
export interface Places {
  readonly places: readonly Place[];
  /** Why some controller has none, in a sentence without a full stop. */
  readonly reason?: string;
}

/** What the kernel says of a process, by default this one. */
export function readTables(pid: number | "self" = "self"): CgroupTables {
  return { mountinfo: readOrEmpty(`/proc/${pid}/mountinfo`), membership: readOrEmpty(`/proc/${pid}/cgroup`) };
}

/**
 * A place for each controller, version 2 before 1. In version 2 that is the nearest group above the plane's
 * own that this user may write (a slice of root's, or of a user's systemd). Where there is none but the own
 * one, that was delegated to the plane: a service with `Delegate=yes`, or a container. Version 1 is root's alone.
 */
export function findPlaces(tables: CgroupTables): Places {
  const mounts = parseCgroupMounts(tables);
  if (mounts.length === 0) return { places: [], reason: "no control groups are mounted" };
  const open = new Set<Controller>(controllers);
  const places = mounts.flatMap((mount) => {
    const place = mount.version === 2 ? placeInUnified(mount) : placeInLegacy(mount, open);
    for (const controller of place?.controllers ?? []) open.delete(controller);
    return place === undefined ? [] : [place];
  });
  if (open.size === 0) return { places };
  const missing = [...open].join(", ");
  return {
    places,
    reason:
      places.length === 0
        ? "this user may not make control groups where the plane runs"
        : `the host gives no control group for ${missing} to the plane`,
  };
}

function placeInUnified(mount: CgroupMount): Place | undefined {
  const directory = [...groupsAbove(mount), mount.own].find(isWritableGroup);
  if (directory === undefined) return undefined;
  const offered = readOrEmpty(join(directory, "cgroup.controllers")).split(/\s+/);
  return {
    version: 2,
    directory,
    controllers: controllers.filter((controller) => offered.includes(controller)),
    holdsPlane: directory === mount.own && !isRootGroup(directory),
  };
}

function placeInLegacy({ mountPoint, controllers: held }: CgroupMount, open: ReadonlySet<Controller>) {
  const useful = controllers.filter((controller) => held.includes(controller) && open.has(controller));
  if (useful.length === 0 || !isWritable(mountPoint)) return undefined;
  return { version: 1, directory: mountPoint, controllers: useful, holdsPlane: false } as const;
}

/** From the nearest to the one that is mounted. */
function groupsAbove({ own, mountPoint }: CgroupMount): string[] {
  if (own === mountPoint || dirname(own) === own) return [];
  const parent = dirname(own);
  return [parent, ...groupsAbove({ version: 2, controllers: [], mountPoint, own: parent })];
}

/** To move a process, the group that holds both its old and its new one must be writable. */
function isWritableGroup(directory: string): boolean {
  return ["", "cgroup.procs", "cgroup.subtree_control"].every((name) => isWritable(join(directory, name)));
}

/** The root of a whole hierarchy may hold processes beside groups; it alone has no type. */
function isRootGroup(directory: string): boolean {
  return !existsSync(join(directory, "cgroup.type"));
}
