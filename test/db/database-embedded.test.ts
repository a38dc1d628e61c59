import { afterAll, beforeAll, describe } from "vitest";
import { databaseContract } from "../contract/database-contract.ts";
import { databaseFixtureOn } from "../support/database-fixture-on.ts";
import { startEmbeddedTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";
import { createDatabaseTemplate } from "../support/database-template.ts";
import type { DatabaseTemplate } from "../support/database-template.ts";

describe("database on the embedded engine", () => {
  let server: TestServer;
  let template: DatabaseTemplate;
  beforeAll(async () => {
    server = await startEmbeddedTestServer();
    template = await createDatabaseTemplate(server.connection);
  });
  afterAll(async () => {
    await template.close();
    await server.close();
  });

  databaseContract(() => databaseFixtureOn(template));
});
