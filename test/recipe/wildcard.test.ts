import { describe, expect, it } from "vitest";
import { matchesWildcard } from "../../src/recipe/wildcard.ts";

describe("a pattern of folders", () => {
  it.each([
    ["apps/web", "apps/web"],
    ["apps/web", "apps/*"],
    ["apps/web", "apps/w*b"],
    ["apps/web", "*/*"],
    ["web", "**/web"],
    ["apps/web", "**/web"],
    ["a/b/web", "**/web"],
    ["a/b/c", "a/**/c"],
    ["a/c", "a/**/c"],
    ["a/b/c", "a/**"],
    ["a+b(c)", "a+b(*)"],
    ["", "*"],
  ])("names %j by %j", (folder, pattern) => {
    expect(matchesWildcard(folder, pattern, "/")).toBe(true);
  });

  it.each([
    ["apps/web/src", "apps/*"],
    ["apps", "apps/*"],
    ["aweb", "**/web"],
    ["a", "a/**"],
    ["axc", "a.c"],
    ["a/b", "a"],
    ["", "a"],
  ])("does not name %j by %j", (folder, pattern) => {
    expect(matchesWildcard(folder, pattern, "/")).toBe(false);
  });
});

it.each([
  ["dev:api", "dev:*", true],
  ["dev:api:v1", "dev:*", false],
  ["dev:api:v1", "dev:**", true],
])("a script %j and a pattern %j agree: %s", (script, pattern, agree) => {
  expect(matchesWildcard(script, pattern, ":")).toBe(agree);
});

it("takes no longer for a pattern that was made to take long", () => {
  const startedAt = performance.now();
  expect(matchesWildcard("a".repeat(2000), `${"*a".repeat(149)}*b`, "/")).toBe(false);
  expect(matchesWildcard("a".repeat(2000), `${"**/*a".repeat(59)}b`, "/")).toBe(false);
  expect(matchesWildcard("a".repeat(100_000), "*", "/")).toBe(false);
  // the square of these lengths would take minutes
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
