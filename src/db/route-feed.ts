import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { RouteFeed } from "../preview/route.ts";
import { followChanges } from "./change-follower.ts";
import { eventSignal } from "./changed-previews.ts";
import type { Follower } from "./change-follower.ts";
import { unavailable } from "./database-error.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import { selectRoutes, selectRoutesOf } from "./route-queries.ts";
import { selectSessions, selectSessionsOf, sessionPrefix } from "./session-queries.ts";
import type { DatabaseTarget } from "./target.ts";

export interface RouteFeedOptions {
  readonly target: DatabaseTarget;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly resyncMs: number;
  /** How often the whole table is read again: what finds a deleted preview whose notification was lost. */
  readonly snapshotEveryMs: number;
}

/** Previews, or sessions, that are read with one statement. */
const batchSize = 500;

/** The routes of a database: a snapshot on every connection and now and then, changes in between. */
export function createRouteFeed(options: RouteFeedOptions): RouteFeed {
  let follower: Follower | undefined;
  let closed = false;

  return {
    async start(listener) {
      if (closed) throw unavailable("CONNECTION_ENDED");
      follower ??= followChanges({ ...options, applicationName: "dev-preview routes", ...handlers(options, listener) });
      await follower.start();
    },
    healthy: () => follower?.healthy() ?? false,
    async close() {
      closed = true;
      await follower?.close();
    },
  };
}

type Listener = Parameters<RouteFeed["start"]>[0];

function handlers(options: RouteFeedOptions, listener: Listener) {
  let snapshotAt = 0;
  const now = () => new Date(options.clock.now());

  async function snapshot(connection: DedicatedConnection): Promise<void> {
    snapshotAt = performance.now();
    listener.onSessions?.(await selectSessions(connection, now()));
    void listener.onSnapshot(await selectRoutes(connection, now()));
  }

  async function onChanged(connection: DedicatedConnection, ids: string[]): Promise<void> {
    if (performance.now() - snapshotAt >= options.snapshotEveryMs) return snapshot(connection);
    const sessions = ids.filter((id) => id.startsWith(sessionPrefix)).map((id) => id.slice(sessionPrefix.length));
    for (const batch of batchesOf(sessions))
      listener.onSessionChange?.({ ids: batch, sessions: await selectSessionsOf(connection, batch, now()) });
    for (const previewIds of batchesOf(ids.filter((id) => !id.startsWith(sessionPrefix) && id !== eventSignal)))
      void listener.onChange({ previewIds, routes: await selectRoutesOf(connection, previewIds, now()) });
  }

  return { onConnected: snapshot, onChanged };
}

function batchesOf(ids: readonly string[]): (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / batchSize) }, (_, index) =>
    ids.slice(index * batchSize, (index + 1) * batchSize),
  );
}
