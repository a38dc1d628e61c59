import type { LiveSession, Route, RouteChange, RouteFeed } from "../../../src/preview/route.ts";

export interface FakeFeed extends RouteFeed {
  snapshot(routes: readonly Route[]): void;
  change(change: RouteChange): void;
  sessions(sessions: readonly LiveSession[]): void;
  setHealthy(healthy: boolean): void;
}

/** A registry in the test's hand. With `routes`, `start` resolves with that snapshot, else never before `snapshot`. */
export function createFakeFeed(routes?: readonly Route[]): FakeFeed {
  let healthy = true;
  let listener: Parameters<RouteFeed["start"]>[0] | undefined;
  let onFirst: (() => void) | undefined;
  return {
    async start(given) {
      listener = given;
      if (routes !== undefined) return given.onSnapshot(routes);
      await new Promise<void>((resolve) => {
        onFirst = resolve;
      });
    },
    healthy: () => healthy,
    async close() {
      healthy = false;
      onFirst?.();
    },
    snapshot(next) {
      void listener!.onSnapshot(next);
      onFirst?.();
    },
    change: (change) => void listener!.onChange(change),
    sessions: (sessions) => listener!.onSessions?.(sessions),
    setHealthy(next) {
      healthy = next;
    },
  };
}
