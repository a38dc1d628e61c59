import fc from "fast-check";
import { appendFile, mkdir, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { openSync, closeSync, writeSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readLogLines } from "../../src/sandbox/log-reader.ts";
import { plainLine } from "../../src/sandbox/plain-line.ts";
import { trimLog } from "../../src/sandbox/log-store.ts";
import { createSandboxFixture, program, until } from "./support/sandbox-fixture.ts";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;
let directory: string;
let log: string;

beforeEach(async () => {
  fixture = await createSandboxFixture({ logMaxBytes: 64 * 1024 });
  directory = join(fixture.directory, "a-launch");
  log = join(directory, "log");
  await mkdir(directory);
});

afterEach(async () => {
  await fixture.dispose();
});

interface ReadOptions {
  readonly cursor?: string;
  readonly limit?: number;
  readonly grep?: string;
  readonly ended?: boolean;
  readonly unfinished?: true;
  /** Milliseconds since the log was last written. */
  readonly age?: number;
}

async function read({ limit = 100, ended = false, age = 0, ...query }: ReadOptions = {}) {
  const now = (await stat(log).catch(() => ({ mtimeMs: 0 }))).mtimeMs + age;
  return readLogLines(directory, { ...query, limit, ended, now });
}

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `line ${from + i}\n`).join("");
}

describe("what stands behind the last newline", () => {
  test("is told at once to who asks for it, and stays unread", async () => {
    await appendFile(log, "one\n\u001b[1m? Install it? (Y/n) ");
    const first = await read({ unfinished: true });
    expect(first).toMatchObject({ lines: ["one"], unfinished: "? Install it? (Y/n) " });
    expect(await read({ cursor: first.cursor })).not.toHaveProperty("unfinished");
    await appendFile(log, "yes\n");
    const next = await read({ cursor: first.cursor, unfinished: true });
    expect(next.lines).toEqual(["? Install it? (Y/n) yes"]);
    expect(next).not.toHaveProperty("unfinished");
  });

  test("is a line of its own once nothing followed for a second", async () => {
    await appendFile(log, "? Install it? ");
    expect(await read({ unfinished: true, age: 1500 })).toMatchObject({ lines: ["? Install it? "], more: false });
    expect(await read({ unfinished: true, age: 1500 })).not.toHaveProperty("unfinished");
  });
});

describe("without a cursor", () => {
  test("the last lines are read, and a cursor that continues behind them", async () => {
    await appendFile(log, numbered(0, 1000));
    const tail = await read({ limit: 3 });
    expect(tail).toMatchObject({ lines: ["line 997", "line 998", "line 999"], more: false, dropped: false });
    await appendFile(log, "line 1000\n");
    expect(await read({ cursor: tail.cursor })).toMatchObject({ lines: ["line 1000"], more: false, dropped: false });
  });

  test("a log shorter than the limit is read whole", async () => {
    await appendFile(log, "one\n\nthree\n");
    expect(await read()).toMatchObject({ lines: ["one", "", "three"], more: false, dropped: false });
  });

  test("an empty log, and one that was forgotten, have no lines", async () => {
    await appendFile(log, "");
    expect(await read()).toEqual({ lines: [], cursor: "0", more: false, dropped: false });
    expect(await fixture.sandbox.readLog("never-was", { limit: 5 })).toMatchObject({ lines: [], more: false });
  });

  test("only the end of a large log is read", async () => {
    await appendFile(log, Buffer.alloc(200 * 1024 * 1024, "0123456789abcde\n"));
    const begun = performance.now();
    const { lines } = await read({ limit: 2 });
    expect(performance.now() - begun).toBeLessThan(250);
    expect(lines).toEqual(["0123456789abcde", "0123456789abcde"]);
  });

  test("grep answers the last lines that contain the text", async () => {
    await appendFile(log, numbered(0, 1000));
    const found = await read({ limit: 2, grep: "9" });
    expect(found).toMatchObject({ lines: ["line 998", "line 999"], more: false });
    expect(await read({ grep: "no such text" })).toMatchObject({ lines: [], more: false });
  });

  test("a search looks back over four megabytes and no further", async () => {
    await appendFile(log, `needle\n${"x".repeat(5 * 1024 * 1024)}\nhay\n`);
    expect((await read({ grep: "needle" })).lines).toEqual([]);
    expect((await read({ grep: "hay" })).lines).toEqual(["hay"]);
  });
});

describe("with a cursor", () => {
  test("pages follow each other without loss or repetition", async () => {
    await appendFile(log, numbered(0, 500));
    const lines: string[] = [];
    let cursor = "0";
    for (let more = true; more;) {
      const page = await read({ cursor, limit: 7 });
      expect(page.dropped).toBe(false);
      lines.push(...page.lines);
      ({ cursor, more } = page);
    }
    expect(lines).toEqual(numbered(0, 500).trimEnd().split("\n"));
    expect(await read({ cursor })).toEqual({ lines: [], cursor, more: false, dropped: false });
  });

  test("any bytes, written and read in any pieces, come out as the same lines", async () => {
    const pieces = fc.array(fc.array(fc.constantFrom(0x0a, 0x61, 0xc3, 0xa9, 0x1b, 0x0d), { maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 5 }), async (written, limit) => {
        await writeFile(log, "");
        const read = async (cursor: string, ended: boolean) =>
          readLogLines(directory, { cursor, limit, ended, now: 0 });
        const lines: string[] = [];
        let page = await read("0", false);
        for (const piece of [...written, undefined]) {
          if (piece) await appendFile(log, Uint8Array.from(piece));
          do {
            page = await read(page.cursor, piece === undefined);
            lines.push(...page.lines);
          } while (page.more);
        }
        const expected = Buffer.from(written.flat()).toString("utf8").split("\n");
        if (expected.at(-1) === "") expected.pop();
        expect(lines).toEqual(expected.map((line) => plainLine(line)));
      }),
      { numRuns: 60 },
    );
  });

  test("a search pages through a log of any size in bounded steps", async () => {
    await appendFile(log, Buffer.alloc(9 * 1024 * 1024, "0123456789abcde\n"));
    await appendFile(log, "needle\n");
    const first = await read({ cursor: "0", grep: "needle" });
    expect(first).toMatchObject({ lines: [], more: true });
    let page = first;
    let pages = 1;
    for (; page.more; pages += 1) page = await read({ cursor: page.cursor, grep: "needle" });
    expect(page.lines).toEqual(["needle"]);
    expect(pages).toBe(3);
  });

  test.each(["x", "-1", "1.5", "", "9".repeat(40)])("%j is refused", async (cursor) => {
    await appendFile(log, "one\n");
    await expect(read({ cursor })).rejects.toMatchObject({ code: "invalid_input" });
  });

  test("a cursor behind the end, of a log that its own program truncated, starts over and says so", async () => {
    await appendFile(log, numbered(0, 100));
    const { cursor } = await read();
    await truncate(log);
    await appendFile(log, "fresh\n");
    expect(await read({ cursor })).toMatchObject({ lines: ["fresh"], dropped: true });
  });
});

describe("the last line without a newline", () => {
  test("is held back while it may grow", async () => {
    await appendFile(log, "whole\npart");
    const page = await read();
    expect(page.lines).toEqual(["whole"]);
    await appendFile(log, "ial\n");
    expect((await read({ cursor: page.cursor })).lines).toEqual(["partial"]);
  });

  test("is shown once the command has ended", async () => {
    await appendFile(log, "whole\nlast words");
    expect((await read({ ended: true })).lines).toEqual(["whole", "last words"]);
  });

  test("is shown when nothing followed for a second: a prompt", async () => {
    await appendFile(log, "overwrite? (y/n) ");
    expect((await read({ age: 900 })).lines).toEqual([]);
    expect((await read({ age: 1_100 })).lines).toEqual(["overwrite? (y/n) "]);
  });

  test("is shown when it is too long to be held back", async () => {
    await appendFile(log, "x".repeat(100_000));
    expect((await read()).lines).toEqual(["x".repeat(2_000)]);
  });
});

describe("a line of a hundred megabytes", () => {
  test("is one cut line, and what follows is not lost", async () => {
    await appendFile(log, `before\n${"x".repeat(100 * 1024 * 1024)}\nafter\n`);
    expect((await read({ limit: 1 })).lines).toEqual(["after"]);
    let page = await read({ cursor: "0" });
    const lines = [...page.lines];
    while (page.more) {
      page = await read({ cursor: page.cursor });
      lines.push(...page.lines);
    }
    expect(lines[0]).toBe("before");
    expect(lines.at(-1)).toBe("after");
    expect(lines.every((line) => line.length <= 2_000)).toBe(true);
  });
});

describe("trimming", () => {
  const bound = 10_000;

  test("leaves a log within a third of its bound alone", async () => {
    await appendFile(log, "x".repeat(Math.floor(bound / 3)));
    await trimLog(directory, bound);
    expect(await readdir(directory)).toEqual(["log"]);
  });

  test("keeps the newest third, and cursors stay valid over it", async () => {
    await appendFile(log, numbered(0, 2000));
    const { cursor } = await read();
    await trimLog(directory, bound);
    await appendFile(log, numbered(2000, 2003));
    expect(await read({ cursor })).toMatchObject({ lines: ["line 2000", "line 2001", "line 2002"], dropped: false });
    expect((await read({ limit: 5 })).lines).toEqual([1998, 1999, 2000, 2001, 2002].map((n) => `line ${n}`));
    expect(await keptBytes()).toBeLessThanOrEqual(bound);
  });

  test("tells a reader whose place was discarded, and goes on with the oldest whole line", async () => {
    await appendFile(log, numbered(0, 2000));
    const { cursor } = await read({ cursor: "0", limit: 1 });
    await trimLog(directory, bound);
    const page = await read({ cursor, limit: 1 });
    expect(page.dropped).toBe(true);
    expect(page.lines[0]).toMatch(/^line \d{4}$/);
    expect(await read({ cursor: page.cursor, limit: 1 })).toMatchObject({ dropped: false });
    expect(await read({ limit: 1000 })).toMatchObject({ dropped: true });
    expect(await read({ limit: 1 })).toMatchObject({ dropped: false });
  });

  test("again and again keeps offsets counting and the size bounded", async () => {
    let cursor = "0";
    const seen: string[] = [];
    for (let round = 0; round < 30; round++) {
      await appendFile(log, numbered(round * 300, round * 300 + 300));
      const page = await read({ cursor, limit: 300 });
      expect(page.dropped).toBe(false);
      seen.push(...page.lines);
      cursor = page.cursor;
      await trimLog(directory, bound);
      expect(await keptBytes()).toBeLessThanOrEqual(bound);
    }
    expect(seen).toEqual(numbered(0, 9_000).trimEnd().split("\n"));
    expect(Number(cursor)).toBe(numbered(0, 9_000).length);
  });

  test("does not disturb a program that is writing", async () => {
    const writer = openSync(log, "a");
    writeSync(writer, numbered(0, 2000));
    await trimLog(directory, bound);
    writeSync(writer, "after\n");
    closeSync(writer);
    expect((await read({ limit: 2 })).lines).toEqual(["line 1999", "after"]);
    expect((await stat(log)).size).toBe("after\n".length);
  });

  test("of a log that is gone does nothing", async () => {
    await trimLog(join(fixture.directory, "never-was"), bound);
  });

  async function keptBytes(): Promise<number> {
    const sizes = await Promise.all(
      (await readdir(directory)).map(async (name) => (await stat(join(directory, name))).size),
    );
    return sizes.reduce((sum, size) => sum + size, 0);
  }
});

describe("of a real launch", () => {
  test("escape sequences, control characters and invalid UTF-8 are gone, and long lines are cut", async () => {
    const launched = await fixture.launch(program("colours.mjs"));
    const { lines } = await until(
      () => fixture.sandbox.readLog(launched.launchId, { limit: 100 }),
      (page) => page.lines.length === 7,
    );
    expect(lines).toEqual([
      "➜  Local: http://localhost",
      "link after",
      "100 %",
      "bell  null  tab\tend",
      "a\ufffd\ufffdb",
      "é".repeat(2_000),
      "continue? (y/n) ",
    ]);
  });

  test("a flood is cut while it runs, and its end is still there", async () => {
    const launched = await fixture.launch(program("floods.mjs", "100000", "80"));
    await until(
      async () => {
        await Promise.all([fixture.sandbox.trimLog(launched.launchId), fixture.sandbox.trimLog(launched.launchId)]);
        return fixture.sandbox.readLog(launched.launchId, { limit: 2 });
      },
      ({ lines }) => lines.at(-1) === "done",
    );
    await fixture.sandbox.trimLog(launched.launchId);
    const { lines } = await fixture.sandbox.readLog(launched.launchId, { limit: 200 });
    expect(lines.at(-2)).toMatch(/^99999 x+$/);
    // what was written at the very moment of a cut is lost: a line may be torn there
    const torn = lines.filter((line) => !/^(\d+ x{80}|done)$/.test(line));
    expect(torn.length).toBeLessThan(lines.length / 10);
    const files = await readdir(join(fixture.directory, launched.launchId));
    const sizes = await Promise.all(
      files.map(async (name) => (await stat(join(fixture.directory, launched.launchId, name))).size),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(64 * 1024);
  });

  test("output of stderr and stdout is in the order in which it was written", async () => {
    const launched = await fixture.launch("echo one; echo two >&2; echo three");
    await launched.ended();
    expect((await fixture.sandbox.readLog(launched.launchId, { limit: 9 })).lines).toEqual(["one", "two", "three"]);
  });
});
