import { describe } from "vitest";
import { databaseOutageContract } from "../contract/database-outage-contract.ts";
import { startEmbeddedTestServer } from "../support/database-server.ts";

describe("outages of the embedded engine", () => databaseOutageContract(startEmbeddedTestServer));
