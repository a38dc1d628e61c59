import { createView } from "./create-view.ts";
import type { Sandbox } from "./driver.ts";
import { createFamilyTracker } from "./family-tracker.ts";
import { createUpstreamContext } from "./local-upstream.ts";
import { createUpstreams } from "./upstream.ts";

/** Connects to launches of this host from a process beside the plane, by the same proof as the plane's sandbox. */
export interface LocalDialer extends Pick<Sandbox, "upstream"> {
  /** What was learned of a launch is of no use any more. */
  forget(launchId: string): void;
}

export function createLocalDialer(planePid: number): LocalDialer {
  const view = createView(process.platform);
  const tracker = createFamilyTracker(view, planePid);
  const upstreams = createUpstreams(createUpstreamContext(view, tracker));
  return {
    upstream: (target) => upstreams.of(target),
    forget(launchId) {
      for (const memory of [tracker, view, upstreams]) memory.forget(launchId);
    },
  };
}
