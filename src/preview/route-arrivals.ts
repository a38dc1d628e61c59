import { giveUpAfter } from "../in-time.ts";
import type { Route, RouteChange, RouteFeed } from "./route.ts";

/** Tells when a link that was just minted has reached the gateway of this plane, and when one that ended has left it. */
export interface RouteArrivals {
  /** The feed to give to the gateway: the same one, overheard. */
  readonly feed: RouteFeed;
  /**
   * To be called before the link is inserted. `arrived` resolves once the gateway has the route, or
   * after a second: the link then works as soon as the registry is back.
   */
  expect(linkId: string): { readonly arrived: Promise<void> };
  /**
   * Runs what ends the links of a preview, and resolves to its result once the gateway has no route of the preview, and
   * has cut what was open; or after half a second. `undefined` changed nothing, and is not waited for.
   */
  untilDropped<T>(previewId: string, ending: () => Promise<T | undefined>): Promise<T | undefined>;
}

const patienceMs = 1000;
const droppedMs = 500;

export function createRouteArrivals(feed: RouteFeed): RouteArrivals {
  const expected = new Map<string, () => void>();
  const leaving = new Set<Leaving>();
  const announceGone = (routes: readonly Route[], changed?: RouteChange["previewIds"]): void => {
    for (const { previewId, onGone } of leaving) {
      const isTold = changed?.includes(previewId) ?? true;
      if (isTold && !routes.some((route) => route.previewId === previewId)) onGone();
    }
  };
  /** Of a snapshot, or of these previews. */
  const announce = (routes: readonly Route[], changed?: RouteChange["previewIds"]): void => {
    if (expected.size > 0) for (const { linkId } of routes) expected.get(linkId)?.();
    announceGone(routes, changed);
  };
  return {
    feed: {
      start: (listener) =>
        feed.start({
          onSessions: (sessions) => listener.onSessions?.(sessions),
          onSessionChange: (change) => listener.onSessionChange?.(change),
          onSnapshot: (routes) => after(listener.onSnapshot(routes), () => announce(routes)),
          onChange: (change) => after(listener.onChange(change), () => announce(change.routes, change.previewIds)),
        }),
      healthy: () => feed.healthy(),
      close: () => feed.close(),
    },
    expect(linkId) {
      const arrived = new Promise<void>((resolve) => {
        const timer = setTimeout(settle, patienceMs);
        function settle(): void {
          clearTimeout(timer);
          expected.delete(linkId);
          resolve();
        }
        expected.set(linkId, settle);
      });
      return { arrived };
    },
    async untilDropped(previewId, ending) {
      const entry: Leaving = { previewId, onGone: () => {} };
      const gone = new Promise<void>((resolve) => (entry.onGone = resolve));
      leaving.add(entry);
      try {
        const ended = await ending();
        if (ended !== undefined && feed.healthy()) await giveUpAfter(droppedMs, gone);
        return ended;
      } finally {
        leaving.delete(entry);
      }
    },
  };
}

interface Leaving {
  readonly previewId: string;
  onGone: () => void;
}

/** At once, unless there is something to wait for. */
function after(taken: Promise<void> | void, announce: () => void): Promise<void> | void {
  return taken instanceof Promise ? taken.then(announce) : announce();
}
