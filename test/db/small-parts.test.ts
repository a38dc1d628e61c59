import { expect, test } from "vitest";
import { withDeadline } from "../../src/db/deadline.ts";
import { createInbox } from "../../src/db/inbox.ts";
import { fromRow, jsonText } from "../../src/db/row.ts";

test("work that ends in time gives its result, or its own error", async () => {
  expect(await withDeadline(Promise.resolve(7), 1_000)).toBe(7);
  await expect(withDeadline(Promise.reject(new RangeError("own")), 1_000)).rejects.toThrow(RangeError);
});

test("work that does not end is given up at its deadline", async () => {
  const never = new Promise<never>(() => {});
  await expect(withDeadline(never, 20)).rejects.toMatchObject({ name: "DeadlineError", code: "DEADLINE" });
});

test("a row's nulls are absent from the record, other empty values stay", () => {
  const row = { port: null, exitCode: 0, name: "", signed: false, problems: [] };
  expect(
    fromRow<{ port?: number; exitCode?: number; name: string; signed: boolean; problems: [] }>({
      ...row,
      problems: [],
    }),
  ).toEqual({ exitCode: 0, name: "", signed: false, problems: [] });
});

test("text that jsonb refuses is replaced, all other text stays as it is", () => {
  expect(JSON.parse(jsonText({ a: ["x\0y", { b: "\ud800" }], n: 1 }))).toEqual({
    a: ["x\uFFFDy", { b: "\uFFFD" }],
    n: 1,
  });
  const fine = { "😀": 'quote " back \\ u0000 \\u0000', ok: true };
  expect(JSON.parse(jsonText(fine))).toEqual(fine);
});

test("an inbox hands out each id once, as soon as there is one", async () => {
  const inbox = createInbox();
  const taken = inbox.take(10_000);
  inbox.add(["a", "b", "a"]);
  expect(await taken).toEqual(["a", "b"]);
  inbox.add(["b"]);
  expect(await inbox.take(10_000)).toEqual(["b"]);
});

test("an inbox with nothing in it returns when the wait is over, or when it ended", async () => {
  const inbox = createInbox();
  expect(await inbox.take(10)).toEqual([]);
  const taken = inbox.take(10_000);
  inbox.end();
  expect(await taken).toEqual([]);
  expect(inbox.ended).toBe(true);
  expect(await inbox.take(10_000)).toEqual([]);
});
