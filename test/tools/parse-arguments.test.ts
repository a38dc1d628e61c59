import { expect, test } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import { startInput } from "../../src/preview/contract.ts";
import { parseArguments } from "../../src/tools/parse-arguments.ts";

const parse = (given: unknown) => parseArguments("dev_preview_start", startInput, given);

function refusal(given: unknown): PreviewError {
  try {
    parse(given);
  } catch (error) {
    if (error instanceof PreviewError) return error;
    throw error;
  }
  throw new Error("the arguments were accepted");
}

test("fills in what is absent, also when no arguments came at all", () => {
  expect(parse(undefined)).toMatchObject({ name: "web", waitSeconds: 30, ifRunning: "reuse" });
});

test("takes every argument that the schema names", () => {
  const given = { name: "api", command: "node server.js", port: 4000, env: { A: "1" }, waitSeconds: 45 };
  expect(parse(given)).toMatchObject(given);
});

test("refuses unknown arguments by name, says what exists and why identity is none", () => {
  const error = refusal({ project: "x", sandboxId: "y" });
  expect(error).toMatchObject({ code: "invalid_input", retryable: false });
  expect(error.message).toBe(
    'dev_preview_start takes no argument "project", "sandboxId"; it takes name, command, port, repoDir, env, signed, embedOrigins, guests, readyPath, ifRunning, ttlSeconds, keepaliveSeconds, waitSeconds',
  );
  expect(error.hint).toContain("belong to the connection");
});

test("names every argument with a bad value, without repeating the value", () => {
  const error = refusal({ port: 80, readyPath: "health", env: { "A-B": "s3cret-value" } });
  expect(error.message).toMatch(/port: .*1024/);
  expect(error.message).toContain("readyPath: ");
  expect(error.message).toContain("env.A-B: ");
  expect(error.message).not.toContain("s3cret-value");
});

test("refuses a wait of more than 45 seconds", () => {
  expect(refusal({ waitSeconds: 46 }).message).toContain("waitSeconds: ");
});

test.each([null, "text", [1]])("refuses %j instead of an object", (given) => {
  if (given === null) expect(parse(given)).toMatchObject({ name: "web" });
  else expect(refusal(given).code).toBe("invalid_input");
});

test("bounds what it repeats of a caller's names", () => {
  const names = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${"k".repeat(5000)}${index}`, 1]));
  expect(refusal(names).message.length).toBeLessThan(1500);
});
