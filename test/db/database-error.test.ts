import { inspect } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { databaseError, isConnectionLoss, StatementError } from "../../src/db/database-error.ts";
import { PreviewError } from "../../src/errors.ts";
import { newPreview, registerProject } from "../contract/database-fixture.ts";
import { openTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

let db: TestDatabase;
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());

const withCode = (code: string, fields: object = {}) => Object.assign(new Error("text"), { code }, fields);

test.each(["ECONNREFUSED", "ENOENT", "ECONNRESET", "EPIPE", "CONNECTION_CLOSED", "CONNECT_TIMEOUT", "57P03", "08006"])(
  "%s is a lost connection, which may be tried again",
  (code) => {
    const error = databaseError(withCode(code));
    expect(error).toMatchObject({
      code: "database_unavailable",
      retryable: true,
      message: expect.stringContaining(code),
    });
    expect(isConnectionLoss(withCode(code))).toBe(true);
  },
);

test.each(["57014", "40P01", "53300", "25006", "28P01", "3D000"])(
  "%s may be tried again, on the same connections",
  (code) => {
    expect(databaseError(withCode(code))).toMatchObject({ code: "database_unavailable" });
    expect(isConnectionLoss(withCode(code))).toBe(false);
  },
);

test.each(["28P01", "3D000"])("%s points to what DATABASE_URL says", (code) => {
  expect(databaseError(withCode(code))).toMatchObject({ hint: expect.stringContaining("DATABASE_URL") });
});

test.each(["23505", "22P02", "42P01", "XX000"])("%s is a refused statement", (code) => {
  expect(databaseError(withCode(code))).toBeInstanceOf(StatementError);
});

test("an error that says nothing of the database passes as it is", () => {
  const error = new TypeError("a mistake of ours");
  expect(databaseError(error)).toBe(error);
  const known = new PreviewError("project_not_found", "m", { hint: "h" });
  expect(databaseError(known)).toBe(known);
  expect(databaseError("text")).toBe("text");
  const other = withCode("ERR_INVALID_ARG_TYPE");
  expect(databaseError(other)).toBe(other);
});

test("a refused statement shows neither its values nor the row", async () => {
  const { id } = await registerProject(db);
  const secret = "hunter2-hunter2";
  const preview = newPreview(id, { env: { API_KEY: secret }, requestedPort: 99_999 });
  const error: unknown = await db.previews.claim(preview).catch((refusal: unknown) => refusal);
  expect(error).toMatchObject({ name: "StatementError", code: "23514", constraint: "previews_requested_port_check" });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
});
