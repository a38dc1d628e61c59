import { serialize } from "node:v8";
import type { Clock } from "../clock.ts";
import { createRouteTable } from "../gateway/decide/route-table.ts";
import type { RouteTable } from "../gateway/decide/route-table.ts";
import { createSessionTable } from "../login/sessions.ts";
import type { SessionTable } from "../login/sessions.ts";
import type { RouteListener } from "../preview/route.ts";
import { routeDifference, sessionDifference } from "./feed-difference.ts";
import type { FeedEvent, ToWorker } from "./messages.ts";

/** Who is told of routes and sessions. */
export interface Subscriber {
  send(message: Extract<ToWorker, { type: "feed" | "forget" }>): void;
  /** False until it serves, and once it has ended: nobody waits for it. */
  serves(): boolean;
}

/**
 * The routes and sessions of the plane, and the workers that have them too. Each event is written once for all
 * of them. The snapshots of the feed, of which most change nothing, are told as what they change.
 */
export interface RouteMirror {
  readonly listener: RouteListener;
  readonly routes: Pick<RouteTable, "gatedAt" | "loaded">;
  /** For the login: what is added or ended here is told like what the feed tells. */
  readonly sessions: SessionTable;
  /** Told everything that follows, and first all that there is, if there is anything. */
  join(subscriber: Subscriber): void;
  leave(subscriber: Subscriber): void;
  /** To be called with the number of each event that a worker has taken up. */
  taken(subscriber: Subscriber, number: number): void;
  /** Resolves when all that was told has been taken up, or after a second: a worker that hangs holds up nobody. */
  settled(): Promise<void>;
}

const patienceMs = 1_000;

export function createRouteMirror(clock: Clock): RouteMirror {
  /** By subscriber the last event that it has taken up. */
  const subscribers = new Map<Subscriber, number>();
  let last = 0;
  let waiting: (() => void)[] = [];

  const routes = createRouteTable({
    // the workers cut what is open
    onLinkGone: () => {},
    onLaunchGone: (launchId) => {
      for (const subscriber of subscribers.keys()) subscriber.send({ type: "forget", launchId });
    },
  });
  const table = createSessionTable(clock, () => {});

  function tell(event: FeedEvent): Promise<void> {
    last += 1;
    const message = { type: "feed", number: last, event: serialize(event) } as const;
    for (const subscriber of subscribers.keys()) subscriber.send(message);
    return settled();
  }

  const isSettled = () => [...subscribers].every(([subscriber, taken]) => taken >= last || !subscriber.serves());
  const release = () => {
    if (waiting.length === 0 || !isSettled()) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  function settled(): Promise<void> {
    if (isSettled()) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs).unref();
      waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  const tellSessions = (change: Extract<FeedEvent, { kind: "sessions" }>["change"] | undefined) =>
    void (change && routes.loaded() && tell({ kind: "sessions", change }));

  const sessions: SessionTable = {
    ...table,
    add(session) {
      table.add(session);
      tellSessions({ ids: [session.id], sessions: [session] });
    },
    apply(change) {
      table.apply(change);
      tellSessions(change);
    },
    replaceAll(all) {
      const change = sessionDifference(table.values(), all);
      table.replaceAll(all);
      tellSessions(change);
    },
  };

  return {
    routes,
    sessions,
    listener: {
      async onSnapshot(all) {
        const change = routes.loaded() ? routeDifference(routes.values(), all) : undefined;
        const isFirst = !routes.loaded();
        routes.replaceAll(all);
        if (isFirst) await tell({ kind: "snapshot", routes: all, sessions: [...table.values()] });
        else if (change !== undefined) await tell({ kind: "routes", change });
      },
      async onChange(change) {
        routes.apply(change);
        await tell({ kind: "routes", change });
      },
      onSessions: (all) => sessions.replaceAll(all),
      onSessionChange: (change) => sessions.apply(change),
    },
    join(subscriber) {
      subscribers.set(subscriber, 0);
      if (!routes.loaded()) return;
      const all = { kind: "snapshot", routes: [...routes.values()], sessions: [...table.values()] } as const;
      subscriber.send({ type: "feed", number: last, event: serialize(all satisfies FeedEvent) });
    },
    leave(subscriber) {
      subscribers.delete(subscriber);
      release();
    },
    taken(subscriber, number) {
      if (!subscribers.has(subscriber)) return;
      subscribers.set(subscriber, number);
      release();
    },
    settled,
  };
}
