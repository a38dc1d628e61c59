import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cannotConfine } from "../../support/confine.ts";
import { createIsolation } from "../../../src/sandbox/isolation/isolation.ts";
import type { Isolation } from "../../../src/sandbox/isolation/isolation.ts";

const real = spawnSync("sh", ["-c", "command -v bwrap"], { encoding: "utf8" }).stdout.trim();
let base: string;
let isolation: Isolation;

beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), "dpp-isolation-"));
  mkdirSync(join(base, "bin"));
  isolation = await fresh();
});
afterEach(() => rmSync(base, { recursive: true, force: true }));

function fresh(path = join(base, "bin")): Promise<Isolation> {
  return createIsolation({
    directory: base,
    hidden: [],
    env: { PATH: path, HOME: base },
    wall: join(base, "bin"),
    platform: "linux",
  });
}

/** A `bwrap` that writes down each of its runs, and ends with this exit code. */
function installBubblewrap(exitCode: number): void {
  const path = join(base, "bin", "bwrap");
  writeFileSync(path, `#!/bin/sh\necho run >>'${base}/runs'\nexit ${exitCode}\n`);
  chmodSync(path, 0o755);
}

const runs = () => readFileSync(join(base, "runs"), "utf8").split("\n").length - 1;

describe("whether launches can be kept apart", () => {
  it("is not tried before somebody asks", () => {
    installBubblewrap(0);
    expect(() => runs()).toThrow("ENOENT");
  });

  it("is tried once for any number of callers, where it works", async () => {
    installBubblewrap(0);
    const answers = await Promise.all([isolation.support(), isolation.support()]);
    expect([...answers, await isolation.support()]).toEqual(
      Array.from({ length: 3 }, () => expect.objectContaining({ available: true }) as object),
    );
    expect(runs()).toBe(1);
  });

  it("is tried again after it did not work, and says why it did not", async () => {
    expect(await isolation.support()).toMatchObject({ reason: expect.stringContaining("not installed") as string });
    installBubblewrap(1);
    expect(await isolation.support()).toMatchObject({ reason: expect.stringContaining("does not run here") as string });
    installBubblewrap(0);
    expect(await isolation.support()).toMatchObject({ available: true });
  });

  it.skipIf(cannotConfine !== undefined)(
    `is not where user namespaces are forbidden ${cannotConfine ?? ""}`,
    async () => {
      const wrapper = (options: string) =>
        `#!/bin/sh\nexec ${real} --unshare-user ${options} --dev-bind / / ${real} "$@"\n`;
      for (const [options, available] of [
        ["", true],
        ["--disable-userns", false],
      ] as const) {
        writeFileSync(join(base, "bin", "bwrap"), wrapper(options), { mode: 0o755 });
        const isolated = await fresh(`${join(base, "bin")}:/usr/bin:/bin`);
        expect(await isolated.support()).toMatchObject({ available });
      }
    },
  );
});

describe.skipIf(cannotConfine !== undefined)(
  `a workspace that is replaced after it was judged ${cannotConfine ?? ""}`,
  () => {
    it.each([
      ["nothing runs", true],
      ["and one that is not runs its command", false],
    ])("%s", async (_, isReplaced) => {
      const [mine, theirs] = [join(realpathSync(base), "mine"), join(realpathSync(base), "theirs")];
      for (const directory of [mine, theirs]) mkdirSync(directory);
      const isolated = await fresh("/usr/bin:/bin");
      const line = await isolated.wrap({ command: "touch made", cwd: mine, workspace: mine, waiting: [] });
      if (isReplaced) {
        renameSync(mine, `${mine}-away`);
        symlinkSync(theirs, mine);
      }
      const { status, stderr } = spawnSync("/bin/sh", ["-c", line], { encoding: "utf8" });
      expect([status, stderr]).toEqual(isReplaced ? [126, expect.stringContaining("was replaced")] : [0, ""]);
      expect([existsSync(join(mine, "made")), existsSync(join(theirs, "made"))]).toEqual([!isReplaced, false]);
    });
  },
);
