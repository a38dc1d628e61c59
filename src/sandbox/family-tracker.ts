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
  return {
    async members(launchId, root, { fresh = false } = {}) {
      const processes = await view.scan({ fresh });
      const earlier = known.get(launchId);
      const family = familyOf(processes, { launchId, root, ...(earlier ? { earlier } : {}) });
      const living = family.filter((entry) => entry.alive && entry.pid !== process.pid);
      if (living.length === 0) known.delete(launchId);
      else known.set(launchId, new Map(living.map((entry) => [entry.pid, entry.startTime])));
      return living;
    },
    forget: (launchId) => void known.delete(launchId),
  };
}
