import { describe } from "vitest";
import { databaseOutageContract } from "../contract/database-outage-contract.ts";
import { findSystemPostgres, startSystemTestServer } from "../support/database-server.ts";

const bin = findSystemPostgres();
if (bin === undefined) console.warn("skipped: no PostgreSQL in /usr/lib/postgresql (apt-get install postgresql)");

describe.skipIf(bin === undefined)(`outages of a real server (${bin ?? "none"})`, () =>
  databaseOutageContract(() => startSystemTestServer(bin!)),
);
