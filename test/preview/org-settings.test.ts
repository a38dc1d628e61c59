import { expect, test } from "vitest";
import { settingsOfOrg } from "../../src/preview/org-settings.ts";

const every = { idleMs: 1000, keepaliveMaxMs: 5000, maxVisibility: "link" } as const;

test("an org has what is set for it, and else what every org has", () => {
  const orgs = { every, own: new Map([["acme", { idleMs: 0 }]]) };
  expect(settingsOfOrg(orgs, "acme")).toEqual({ ...every, idleMs: 0 });
  expect(settingsOfOrg(orgs, "other")).toEqual(every);
});
