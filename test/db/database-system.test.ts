import { afterAll, beforeAll, describe } from "vitest";
import { databaseContract } from "../contract/database-contract.ts";
import { databaseFixtureOn } from "../support/database-fixture-on.ts";
import { findSystemPostgres, startSystemTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";
import { createDatabaseTemplate } from "../support/database-template.ts";
import type { DatabaseTemplate } from "../support/database-template.ts";

const bin = findSystemPostgres();
if (bin === undefined) console.warn("skipped: no PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)");

describe.skipIf(bin === undefined)(`database on a real server (${bin ?? "none"})`, () => {
  let server: TestServer;
  let template: DatabaseTemplate;
  beforeAll(async () => {
    server = await startSystemTestServer(bin!);
    template = await createDatabaseTemplate(server.connection);
  });
  afterAll(async () => {
    await template.close();
    await server.close();
  });

  databaseContract(() => databaseFixtureOn(template));
});
