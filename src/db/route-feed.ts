import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { RouteFeed } from "../preview/route.ts";
import { followChanges } from "./change-follower.ts";
import type { Follower } from "./change-follower.ts";
import { unavailable } from "./database-error.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import { selectRoutes, selectRoutesOf } from "./route-queries.ts";
import type { DatabaseTarget } from "./target.ts";

export interface RouteFeedOptions {
  readonly target: DatabaseTarget;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly resyncMs: number;
  /** How often the whole table is read again: what finds a deleted preview whose notification was lost. */
  readonly snapshotEveryMs: number;
}

/** Previews whose routes are read with one statement. */
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
    listener.onSnapshot(await selectRoutes(connection, now()));
  }

  async function onChanged(connection: DedicatedConnection, ids: string[]): Promise<void> {
    if (performance.now() - snapshotAt >= options.snapshotEveryMs) return snapshot(connection);
    for (let from = 0; from < ids.length; from += batchSize) {
      const previewIds = ids.slice(from, from + batchSize);
      listener.onChange({ previewIds, routes: await selectRoutesOf(connection, previewIds, now()) });
    }
  }

  return { onConnected: snapshot, onChanged };
}
