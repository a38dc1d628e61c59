import type { ProcessIdentity } from "./driver.ts";
import { familyOf } from "./family.ts";
import type { ProcessEntry, ProcessView } from "./process-view.ts";

/** Remembers who belonged to a launch, so that a member is still known after it left in every visible way. */
export interface FamilyTracker {
  /** Members that are alive now. `fresh` asks for a scan made after this call. */
  members(launchId: string, root: ProcessIdentity | undefined, options?: { fresh?: boolean }): Promise<ProcessEntry[]>;
  forget(launchId: string): void;
}

export function createFamilyTracker(view: ProcessView): FamilyTracker {
  const known = new Map<string, ReadonlyMap<number, string>>();

  async function look(launchId: string, root: ProcessIdentity | undefined, fresh: boolean): Promise<ProcessEntry[]> {
    const processes = await view.scan({ fresh });
    const earlier = known.get(launchId);
    const family = familyOf(processes, { launchId, root, ...(earlier ? { earlier } : {}) });
    return family.filter((entry) => entry.alive && entry.pid !== process.pid);
  }

  return {
    async members(launchId, root, { fresh = false } = {}) {
      let living = await look(launchId, root, fresh);
      // a scan that another launch asked for may be older than this one's process
      if (living.length === 0 && !fresh) living = await look(launchId, root, true);
      if (living.length === 0) known.delete(launchId);
      else known.set(launchId, new Map(living.map((entry) => [entry.pid, entry.startTime])));
      return living;
    },
    forget: (launchId) => void known.delete(launchId),
  };
}
