import { defineConfig } from "vitest/config";

// On a machine that others keep busy a wait may run out; what fails twice in a row is a failure.
const retry = process.env["CI"] === "true" || process.env["CI_RESULT"] !== undefined ? 1 : 0;
/** Installs and starts dozens of projects: `npm run test:frameworks`. */
const frameworks = "test/frameworks/frameworks.test.ts";
/** What lasts long and does not depend on the version of Node, left out where that is what is looked at. */
const lasting =
  process.env["WITHOUT_LASTING"] === "1"
    ? ["test/gateway/soak.test.ts", "test/{fuzz,inspect}/**", "test/frameworks/**", "test/**/*-browser.test.ts"]
    : [];
const shared = {
  exclude: ["**/node_modules/**", "examples/**", "test/fixtures/**"],
  pool: "forks" as const,
  retry,
  // what is awaited comes at once, or within seconds on a machine that others keep busy
  expect: { poll: { timeout: 10_000 } },
};

// oxlint-disable-next-line import/no-default-export -- vitest reads the default export
export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...shared,
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [...shared.exclude, "test/e2e/**", frameworks, ...lasting],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...shared,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          ...shared,
          name: "frameworks",
          include: [frameworks],
          testTimeout: 420_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
