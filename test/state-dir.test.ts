import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPlaneFile } from "../src/client/plane-file.ts";
import { ensureToken, readToken } from "../src/identity/token-file.ts";
import { createLogger } from "../src/logger.ts";
import { createLocalSandbox } from "../src/sandbox/local-sandbox.ts";
import { ensureStateDir } from "../src/state-dir.ts";

let root: string;
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), "dpp-state-")), "state");
});
afterEach(() => rmSync(join(root, ".."), { recursive: true, force: true }));

const refusal = expect.objectContaining({ code: "config_invalid" });
const stranger = 65_534;
const isRoot = process.geteuid?.() === 0;

const openSandbox = () =>
  createLocalSandbox({
    directory: root,
    portRange: { from: 20_000, to: 20_010 },
    logMaxBytes: 65_536,
    logger: createLogger("silent"),
    hostEnv: process.env,
  });

describe("the state directory", () => {
  it("is made for its owner alone", () => {
    ensureStateDir(root);
    expect(statSync(root).mode & 0o777).toBe(0o700);
  });

  it.each([0o770, 0o702, 0o777])("of mode %o, which others can write to, is refused", async (mode) => {
    mkdirSync(root);
    chmodSync(root, mode);
    expect(() => ensureStateDir(root)).toThrow(refusal);
    await expect(openSandbox()).rejects.toEqual(refusal);
  });

  it.each([0o700, 0o710, 0o755])("of mode %o is taken", (mode) => {
    mkdirSync(root);
    chmodSync(root, mode);
    expect(ensureStateDir(root).root).toBe(root);
  });
});

// only root can give a file away
describe.skipIf(!isRoot)(`what another user made ${isRoot ? "" : "(needs root)"}`, () => {
  it("is no state directory, and no place for launches", async () => {
    mkdirSync(root, { mode: 0o700 });
    chownSync(root, stranger, stranger);
    expect(() => ensureStateDir(root)).toThrow(refusal);
    await expect(openSandbox()).rejects.toEqual(refusal);
  });

  it("is no token: its maker knows it", () => {
    const path = join(ensureStateDir(root).root, "token");
    ensureToken(path);
    chownSync(path, stranger, stranger);
    expect(() => readToken(path)).toThrow(refusal);
    expect(() => ensureToken(path)).toThrow(refusal);
  });

  it("says of no plane where it is: the token would go there", () => {
    const path = join(ensureStateDir(root).root, "plane.json");
    writeFileSync(path, "{}");
    expect(readPlaneFile(path)).toBeUndefined();
    chownSync(path, stranger, stranger);
    expect(() => readPlaneFile(path)).toThrow(refusal);
  });
});
