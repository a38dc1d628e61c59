import type { Clock } from "../clock.ts";
import type { Logger } from "../logger.ts";
import type { LoginStore } from "../login/contract.ts";
import type { Database } from "../preview/store.ts";
import type { RouteFeed } from "../preview/route.ts";
import { createAccessStore } from "./access-store.ts";
import { createApiKeyStore } from "./api-key-store.ts";
import type { ApiKeyStore } from "./api-key-store.ts";
import { eventSignal } from "./changed-previews.ts";
import { openClient } from "./client.ts";
import type { ClientOptions } from "./client.ts";
import { createEventStore } from "./event-store.ts";
import { createIdleStore } from "./idle-store.ts";
import { createKeyStore } from "./key-store.ts";
import { createLeaseStore } from "./lease-store.ts";
import { createLinkStore } from "./link-store.ts";
import { createLoginStore } from "./login-store.ts";
import { migrate } from "./migrate.ts";
import { createPlaneStore } from "./plane-store.ts";
import { createPreviewStore } from "./preview-store.ts";
import { watchPreviews } from "./preview-watch.ts";
import { createProjectStore } from "./project-store.ts";
import { createRouteFeed } from "./route-feed.ts";
import type { DatabaseTarget } from "./target.ts";

export interface OpenDatabaseOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  /** Connections for statements; two more listen. */
  readonly poolSize?: number;
  /** At most this long until a change is seen whose notification was lost. */
  readonly resyncMs?: number;
  /** How often a route feed reads everything again. */
  readonly snapshotEveryMs?: number;
  readonly onQuery?: NonNullable<ClientOptions["onQuery"]>;
}

/** What a plane keeps in Postgres: the domain's stores, and those of identity and login. */
export interface PlaneDatabase extends Database {
  readonly apiKeys: ApiKeyStore;
  readonly login: LoginStore;
  /** Connections for statements, and statements that run or wait for one. */
  load(): { readonly connections: number; readonly underWay: number };
}

/**
 * Brings the schema up to date and opens the stores. Rejects with `PreviewError`:
 * `database_unavailable`, `schema_too_new`, `database_unsupported`, `config_invalid` (not a URL).
 */
export async function openDatabase(target: DatabaseTarget, options: OpenDatabaseOptions): Promise<PlaneDatabase> {
  const { logger, clock, poolSize = 10, resyncMs = 5_000, snapshotEveryMs = 300_000 } = options;
  await migrate(target, { logger });
  const watch = watchPreviews({ target, logger, resyncMs });
  await watch.start();
  const client = openClient(target, { poolSize, ...(options.onQuery && { onQuery: options.onQuery }) });
  const feeds = new Set<RouteFeed>();
  let closing: Promise<void> | undefined;

  async function closeAll(): Promise<void> {
    await Promise.all([watch.close(), ...[...feeds].map((feed) => feed.close())]);
    await client.close();
  }

  return {
    projects: createProjectStore(client),
    previews: createPreviewStore(client),
    links: createLinkStore(client),
    leases: createLeaseStore(client, clock),
    planes: createPlaneStore(client, clock),
    keys: createKeyStore(client),
    idle: createIdleStore(client),
    apiKeys: createApiKeyStore(client),
    login: createLoginStore(client),
    events: createEventStore(client),
    accesses: createAccessStore(client),
    routeFeed() {
      const feed = createRouteFeed({ target, logger, clock, resyncMs, snapshotEveryMs });
      feeds.add(feed);
      return feed;
    },
    onPreviewChange: (listener) => watch.subscribe(listener),
    onEvents: (listener) =>
      watch.subscribe((id) => {
        if (id === eventSignal) listener();
      }),
    async ping() {
      await client.query((sql) => sql`select 1`);
    },
    load: () => ({ connections: poolSize, underWay: client.underWay() }),
    close: () => (closing ??= closeAll()),
  };
}
