import type { ProcessIdentity } from "./driver.ts";
import { descendantsOf, familyOf } from "./family.ts";
import type { ProcessEntry, ProcessView } from "./process-view.ts";

/** Remembers who belonged to a launch, so that a member is still known after it left in every visible way. */
export interface FamilyTracker {
  /** Members that are alive now. `fresh` asks for a scan made after this call. */
  members(launchId: string, root: ProcessIdentity | undefined, options?: { fresh?: boolean }): Promise<ProcessEntry[]>;
  forget(launchId: string): void;
}

/** `planePid`: what the plane started, and the plane itself, belong to no launch; default: this process is the plane. */
export function createFamilyTracker(view: ProcessView, planePid = process.pid): FamilyTracker {
  const known = new Map<string, ReadonlyMap<number, string>>();

  async function look(familyId: string, root: ProcessIdentity | undefined, fresh: boolean): Promise<ProcessEntry[]> {
    const processes = await view.scan({ fresh });
    const earlier = known.get(familyId);
    const query = { planePid, ...(earlier ? { earlier } : {}) };
    const family =
      root?.family?.of === "process"
        ? descendantsOf(processes, { ...query, root })
        : familyOf(processes, { ...query, launchId: familyId, root });
    return family.filter((entry) => entry.alive && entry.pid !== planePid);
  }

  return {
    async members(launchId, root, { fresh = false } = {}) {
      const familyId = familyIdOf(launchId, root);
      let living = await look(familyId, root, fresh);
      // a scan that another launch asked for may be older than this one's process
      if (living.length === 0 && !fresh) living = await look(familyId, root, true);
      if (living.length === 0) known.delete(familyId);
      else known.set(familyId, new Map(living.map((entry) => [entry.pid, entry.startTime])));
      return living;
    },
    forget: (launchId) => void known.delete(launchId),
  };
}

/** The launch whose family it is: another one's for a process that serves a further port of it. */
export function familyIdOf(launchId: string, root: ProcessIdentity | undefined): string {
  return root?.family?.of === "launch" ? root.family.launchId : launchId;
}
