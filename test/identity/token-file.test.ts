import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ensureToken, readToken } from "../../src/identity/token-file.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dpp-token-"));
  path = join(dir, "token");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const refusal = expect.objectContaining({ name: "PreviewError", code: "config_invalid" });

describe("ensureToken", () => {
  it("makes a 256-bit token in a file of mode 0600 and finds it again", () => {
    const token = ensureToken(path);
    expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(ensureToken(path)).toBe(token);
    expect(readToken(path)).toBe(token);
    expect(readdirSync(dir)).toEqual(["token"]);
  });

  it("keeps mode 0600 under a permissive umask", () => {
    const before = process.umask(0);
    try {
      ensureToken(path);
    } finally {
      process.umask(before);
    }
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it("ends with one token when processes race", async () => {
    const built = new URL("../../dist/identity/token-file.js", import.meta.url).href;
    const program = `import { ensureToken } from ${JSON.stringify(built)}; process.stdout.write(ensureToken(process.argv[1]));`;
    const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program, path]);
    const answers = await Promise.all(Array.from({ length: 6 }, run));
    const tokens = new Set(answers.map(({ stdout }) => stdout));
    expect([...tokens]).toEqual([readFileSync(path, "utf8").trim()]);
    expect(readdirSync(dir)).toEqual(["token"]);
  });
});

describe("readToken", () => {
  it("returns undefined when there is no file, and makes none", () => {
    expect(readToken(path)).toBeUndefined();
    expect(readdirSync(dir)).toEqual([]);
  });

  it.each([0o644, 0o640, 0o604, 0o660, 0o601])("refuses a file of mode %o", (mode) => {
    ensureToken(path);
    chmodSync(path, mode);
    expect(() => readToken(path)).toThrow(refusal);
    expect(() => ensureToken(path)).toThrow(refusal);
  });

  it.each(["", "short", "with spaces in it, twenty-four or more", "ünicode-ünicode-ünicode-ünicode"])(
    "refuses a file that holds %j",
    (text) => {
      writeFileSync(path, text, { mode: 0o600 });
      expect(() => readToken(path)).toThrow(refusal);
    },
  );

  it("does not follow a link", () => {
    writeFileSync(join(dir, "other"), "a".repeat(43), { mode: 0o600 });
    symlinkSync(join(dir, "other"), path);
    expect(() => readToken(path)).toThrow(refusal);
  });

  it("does not show the content in the message", () => {
    writeFileSync(path, "s3cret with space", { mode: 0o600 });
    expect(() => readToken(path)).toThrow(expect.not.objectContaining({ message: expect.stringContaining("s3cret") }));
  });
});
