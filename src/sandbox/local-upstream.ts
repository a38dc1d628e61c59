import type { FamilyTracker } from "./family-tracker.ts";
import type { ProcessView } from "./process-view.ts";
import type { UpstreamContext } from "./upstream.ts";

/** What a connection is proven with on this host. */
export function createUpstreamContext(view: ProcessView, tracker: FamilyTracker): UpstreamContext {
  return {
    async listenersOf({ launchId, process }) {
      const members = await tracker.members(launchId, process, { fresh: true });
      const pids = members.map((entry) => entry.pid);
      return view.listeners(launchId, pids, { fresh: true });
    },
    isHeld: (listener) => view.isHeld(listener),
    isShared: (listener, own) => view.isShared(listener, own),
    isTaken: async (port) => (await view.portListeners(port)).length > 0,
  };
}
