import { mkdtempSync, rmSync } from "node:fs";
import { appendFile, truncate, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createQuietTails } from "../../src/sandbox/quiet-tails.ts";

let directory: string;
let log: string;
let reads: number;
let tails: ReturnType<typeof createQuietTails>;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "dpp-tails-"));
  log = join(directory, "log");
  reads = 0;
  tails = createQuietTails();
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const tail = (limit = 5) =>
  tails.tail(log, limit, async () => ({ lines: [`read ${(reads += 1)}`], cursor: "0", more: false, dropped: false }));

/** As if nothing had been written for a minute. */
async function rest(): Promise<void> {
  const aMinuteAgo = Date.now() / 1000 - 60;
  await utimes(log, aMinuteAgo, aMinuteAgo);
}

test("the end of a log to which nothing is written is read once", async () => {
  await writeFile(log, "one\n");
  await rest();
  const first = await tail();
  expect(await tail()).toEqual(first);
  expect(reads).toBe(1);
});

test("a log that was just written is read every time", async () => {
  await writeFile(log, "one\n");
  await tail();
  await tail();
  expect(reads).toBe(2);
});

test("what is written later is read, even when the log rests again", async () => {
  await writeFile(log, "one\n");
  await rest();
  await tail();
  await appendFile(log, "two\n");
  await rest();
  await tail();
  expect(reads).toBe(2);
});

test("a log that was emptied is read again", async () => {
  await writeFile(log, "one\n");
  await rest();
  await tail();
  await truncate(log);
  await rest();
  await tail();
  expect(reads).toBe(2);
});

test("another number of lines is another question", async () => {
  await writeFile(log, "one\n");
  await rest();
  await tail(5);
  await tail(30);
  expect(reads).toBe(2);
});

test("a log that is gone is asked for, not remembered", async () => {
  await writeFile(log, "one\n");
  await rest();
  await tail();
  rmSync(log);
  await tail();
  await tail();
  expect(reads).toBe(3);
});
