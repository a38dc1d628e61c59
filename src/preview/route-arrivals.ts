import type { Route, RouteFeed } from "./route.ts";

/** Tells when a link that was just minted has reached the gateway of this plane. */
export interface RouteArrivals {
  /** The feed to give to the gateway: the same one, overheard. */
  readonly feed: RouteFeed;
  /**
   * To be called before the link is inserted. `arrived` resolves once the gateway has the route, or
   * after a second: the link then works as soon as the registry is back.
   */
  expect(linkId: string): { readonly arrived: Promise<void> };
}

const patienceMs = 1000;

export function createRouteArrivals(feed: RouteFeed): RouteArrivals {
  const expected = new Map<string, () => void>();
  const announce = (routes: readonly Route[]): void => {
    if (expected.size === 0) return;
    for (const { linkId } of routes) expected.get(linkId)?.();
  };
  return {
    feed: {
      start: (listener) =>
        feed.start({
          onSessions: (sessions) => listener.onSessions?.(sessions),
          onSessionChange: (change) => listener.onSessionChange?.(change),
          onSnapshot: (routes) => after(listener.onSnapshot(routes), () => announce(routes)),
          onChange: (change) => after(listener.onChange(change), () => announce(change.routes)),
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
  };
}

/** At once, unless there is something to wait for. */
function after(taken: Promise<void> | void, announce: () => void): Promise<void> | void {
  return taken instanceof Promise ? taken.then(announce) : announce();
}
