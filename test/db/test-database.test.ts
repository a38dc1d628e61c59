import { expect, test } from "vitest";
import { openTestDatabase } from "../support/database.ts";

test("a test database is fresh, migrated and isolated", async () => {
  const [one, two] = [await openTestDatabase(), await openTestDatabase()];
  const project = { org: "o", slug: "demo", sandboxDriver: "local", workspaceRoot: "/w" } as const;
  expect(await one.projects.put(project)).toMatchObject(project);
  expect(await two.projects.list("o")).toEqual([]);
  await Promise.all([one.close(), two.close()]);
});
