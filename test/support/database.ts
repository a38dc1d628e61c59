import { afterAll } from "vitest";
import { systemClock } from "../../src/clock.ts";
import type { Clock } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/open-database.ts";
import type { OpenDatabaseOptions } from "../../src/db/open-database.ts";
import type { ServerConnection } from "../../src/db/target.ts";
import { createLogger } from "../../src/logger.ts";
import type { Database } from "../../src/preview/store.ts";
import { startEmbeddedTestServer } from "./database-server.ts";
import type { TestServer } from "./database-server.ts";
import { createDatabaseTemplate } from "./database-template.ts";
import type { DatabaseTemplate } from "./database-template.ts";

export interface TestDatabase extends Database {
  /** Where the database is: opens more `Database` objects on it with `openDatabase({ connection }, …)`. */
  readonly connection: ServerConnection;
}

export interface TestDatabaseOptions extends Partial<Omit<OpenDatabaseOptions, "clock">> {
  readonly clock?: Clock;
}

let shared: Promise<{ server: TestServer; template: DatabaseTemplate }> | undefined;

/**
 * A fresh, migrated database of its own on an embedded server that the tests of this file share
 * (about 1 s for the first one, 0.1 s for each more). `close()` drops it; the server ends with the file.
 */
export async function openTestDatabase(options: TestDatabaseOptions = {}): Promise<TestDatabase> {
  const { template } = await (shared ??= startShared());
  const created = await template.create();
  const { connection } = created;
  const database = await openDatabase(
    { connection },
    { logger: createLogger("silent"), clock: systemClock, ...options },
  );
  let closing: Promise<void> | undefined;
  async function closeAndDrop(): Promise<void> {
    await database.close();
    await created.drop();
  }
  return { ...database, connection, close: () => (closing ??= closeAndDrop()) };
}

async function startShared() {
  const server = await startEmbeddedTestServer();
  return { server, template: await createDatabaseTemplate(server.connection) };
}

afterAll(async () => {
  if (shared === undefined) return;
  const { server, template } = await shared;
  await template.close();
  await server.close();
});
