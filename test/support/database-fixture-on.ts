import postgres from "postgres";
import { systemClock } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/open-database.ts";
import { createLogger } from "../../src/logger.ts";
import type { Database } from "../../src/preview/store.ts";
import type { DatabaseFixture } from "../contract/database-fixture.ts";
import type { DatabaseTemplate } from "./database-template.ts";

/** A fixture for the contract suite: a database of its own, and whatever was opened on it. */
export async function databaseFixtureOn(template: DatabaseTemplate): Promise<DatabaseFixture> {
  const created = await template.create();
  const { connection } = created;
  const admin = postgres({ ...connection, max: 2, onnotice: () => {} });
  const opened: Database[] = [];
  return {
    admin,
    async open(options) {
      const defaults = { logger: createLogger("silent"), clock: systemClock };
      const database = await openDatabase({ connection }, { ...defaults, ...options });
      opened.push(database);
      return database;
    },
    async close() {
      await Promise.all(opened.map((database) => database.close()));
      await admin.end({ timeout: 1 });
      await created.drop();
    },
  };
}
