import { afterEach, beforeEach, describe } from "vitest";
import type { PlaneDatabase } from "../../src/db/open-database.ts";
import type { DatabaseFixture, MakeDatabaseFixture } from "./database-fixture.ts";
import { apiKeyContract } from "./api-key-contract.ts";
import { accessContract } from "./access-contract.ts";
import { changeContract } from "./change-contract.ts";
import { eventContract } from "./event-contract.ts";
import { eventOrderContract } from "./event-order-contract.ts";
import { idleContract } from "./idle-contract.ts";
import { limitContract } from "./limit-contract.ts";
import { loginContract } from "./login-contract.ts";
import { linkContract } from "./link-contract.ts";
import { linkRuleContract } from "./link-rule-contract.ts";
import { previewClaimContract } from "./preview-claim-contract.ts";
import { previewStoreContract } from "./preview-store-contract.ts";
import { projectContract } from "./project-contract.ts";
import { registryContract } from "./registry-contract.ts";
import { routeFeedContract } from "./route-feed-contract.ts";

/** What the tests of one contract run against: made anew for each of them. */
export interface DatabaseUnderTest {
  readonly db: PlaneDatabase;
  readonly fixture: DatabaseFixture;
}

/** The suite for everything of `Database`, against whatever server the fixture is on. */
export function databaseContract(makeFixture: MakeDatabaseFixture): void {
  const current: { db?: PlaneDatabase; fixture?: DatabaseFixture } = {};
  const under: DatabaseUnderTest = {
    get db() {
      return current.db!;
    },
    get fixture() {
      return current.fixture!;
    },
  };

  beforeEach(async () => {
    current.fixture = await makeFixture();
    current.db = await current.fixture.open();
  });
  afterEach(() => current.fixture?.close());

  describe("projects", () => projectContract(under));
  describe("claims", () => previewClaimContract(under));
  describe("limits", () => limitContract(under));
  describe("sleep and expiry", () => idleContract(under));
  describe("previews", () => previewStoreContract(under));
  describe("links", () => linkContract(under));
  describe("link rules", () => linkRuleContract(under));
  describe("leases, planes and keys", () => registryContract(under));
  describe("API keys", () => apiKeyContract(() => under.db.apiKeys));
  describe("logins", () => loginContract(under));
  describe("events", () => eventContract(under));
  describe("order of events", () => eventOrderContract(under));
  describe("accesses", () => accessContract(under));
  describe("route feed", () => routeFeedContract(under));
  describe("preview changes", () => changeContract(under));
}
