import postgres from "postgres";
import { systemClock } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/open-database.ts";
import type { ServerConnection } from "../../src/db/target.ts";
import { createLogger } from "../../src/logger.ts";

/** Fresh, migrated databases on one server: each is a copy of a template, which takes 0.1 s. */
export interface DatabaseTemplate {
  create(): Promise<{ readonly connection: ServerConnection; drop(): Promise<void> }>;
  close(): Promise<void>;
}

const template = "test_template";

export async function createDatabaseTemplate(connection: ServerConnection): Promise<DatabaseTemplate> {
  const admin = postgres({ ...connection, max: 1, onnotice: () => {} });
  await admin`create database ${admin(template)}`;
  const target = { connection: { ...connection, database: template } };
  const migrated = await openDatabase(target, { logger: createLogger("silent"), clock: systemClock });
  await migrated.close();
  let created = 0;
  return {
    async create() {
      const database = `test_${(created += 1)}`;
      await admin`create database ${admin(database)} template ${admin(template)}`;
      return {
        connection: { ...connection, database },
        async drop() {
          await admin`drop database if exists ${admin(database)} with (force)`;
        },
      };
    },
    close: () => admin.end({ timeout: 1 }),
  };
}
