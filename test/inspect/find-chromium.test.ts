import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { findChromium } from "../../src/inspect/find-chromium.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "find-chromium-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function place(name: string, mode = 0o755): string {
  const path = join(directory, name);
  writeFileSync(path, "#!/bin/sh\n");
  chmodSync(path, mode);
  return path;
}

it("takes the first place that has one", () => {
  const [first, second] = [place("first"), place("second")];
  expect(findChromium(undefined, [join(directory, "none"), first, second])).toBe(first);
});

it("takes the configured one, and no other when that is not there", () => {
  const [configured, usual] = [place("configured"), place("usual")];
  expect(findChromium(configured, [usual])).toBe(configured);
  const gone = join(directory, "gone");
  expect(() => findChromium(gone, [usual])).toThrow(
    expect.objectContaining({ code: "browser_missing", message: expect.stringContaining(gone) }),
  );
});

it("passes over what cannot be run", () => {
  const plain = place("plain", 0o644);
  const program = place("program");
  expect(findChromium(undefined, [plain, program])).toBe(program);
});

it("says where it looked and what to install when there is none", () => {
  const none = join(directory, "none");
  expect(() => findChromium(undefined, [none])).toThrow(
    expect.objectContaining({
      code: "browser_missing",
      message: `there is no Chromium at ${none}`,
      hint: expect.stringContaining("apt-get install chromium"),
    }),
  );
});
