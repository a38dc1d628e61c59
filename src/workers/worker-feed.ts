import type { RouteFeed, RouteListener } from "../preview/route.ts";
import type { FeedEvent } from "./messages.ts";

/** The feed of a worker: what the plane tells it. */
export interface WorkerFeed extends RouteFeed {
  /** Takes up what came, at once or as soon as the feed is started; then `done` is called. */
  take(event: FeedEvent, done: () => void): void;
}

interface Waiting {
  readonly event: FeedEvent;
  readonly done: () => void;
}

/** `awaited`: the feed counts as started with its first event, and not before. */
export function createWorkerFeed({ awaited }: { readonly awaited: boolean }): WorkerFeed {
  let listener: RouteListener | undefined;
  let waiting: Waiting[] = [];
  let onFirst: (() => void) | undefined;

  function hand({ event, done }: Waiting, to: RouteListener): void {
    if (event.kind === "snapshot") {
      to.onSessions?.(event.sessions);
      void to.onSnapshot(event.routes);
    } else if (event.kind === "routes") void to.onChange(event.change);
    else to.onSessionChange?.(event.change);
    done();
    onFirst?.();
  }

  return {
    async start(given) {
      listener = given;
      const came = waiting;
      waiting = [];
      for (const item of came) hand(item, given);
      if (!awaited || came.length > 0) return;
      await new Promise<void>((resolve) => {
        onFirst = resolve;
      });
    },
    take(event, done) {
      if (listener === undefined) waiting.push({ event, done });
      else hand({ event, done }, listener);
    },
    healthy: () => true,
    close: async () => {},
  };
}
