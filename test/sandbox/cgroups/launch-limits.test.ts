import { existsSync, mkdirSync, readFileSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createCgroups } from "../../../src/sandbox/cgroups/cgroups.ts";
import { findPlaces, readTables } from "../../../src/sandbox/cgroups/find-places.ts";
import { isWritten, processesOf } from "../../../src/sandbox/cgroups/kernel-files.ts";
import { removeGroups } from "../../../src/sandbox/cgroups/launch-groups.ts";
import type { Controller } from "../../../src/sandbox/cgroups/limits.ts";
import type { LaunchLimits } from "../../../src/sandbox/driver.ts";
import { createSandboxFixture, until } from "../support/sandbox-fixture.ts";
import type { Launched, SandboxFixture } from "../support/sandbox-fixture.ts";

const { places, reason = "" } = findPlaces(readTables());
const has = (controller: Controller) => places.some(({ controllers }) => controllers.includes(controller));
const unified = places.some(({ version }) => version === 2);
const missing = (controller: Controller) => (has(controller) ? "" : `(skipped: ${reason})`);

const mb = 1024 ** 2;
let fixture: SandboxFixture;
beforeEach(async () => {
  fixture = await createSandboxFixture();
});
afterEach(() => fixture.dispose());

const node = (source: string) => `${process.execPath} -e '${source}'`;
const launch = (command: string, limits?: LaunchLimits) =>
  fixture.launch(command, limits === undefined ? {} : { limits });
const groupsOf = ({ launchId }: Launched) =>
  readFileSync(join(fixture.directory, launchId, "groups"), "utf8")
    .split("\n")
    .filter(Boolean);
const exitOf = async (launched: Launched) => {
  const { exitCode } = await until(launched.inspect, ({ exitCode: code }) => code !== undefined);
  return exitCode;
};
const output = async ({ launchId }: Launched) => {
  const { lines } = await fixture.sandbox.readLog(launchId, { limit: 100 });
  return lines.join("\n");
};

describe("memory of a launch", () => {
  /** Fills memory by pieces, and keeps it for a while. */
  const takes = (megabytes: number, holdMs = 0) =>
    node(
      `const kept = []; for (let i = 0; i < ${megabytes}; i++) kept.push(Buffer.alloc(${mb}, 1)); console.log("took it"); setTimeout(() => {}, ${holdMs});`,
    );

  it.skipIf(!has("memory"))(
    `beyond its limit ends it, and that is known, also once it is gone ${missing("memory")}`,
    async () => {
      const launched = await launch(takes(400), { memoryBytes: 150 * mb });
      expect(await exitOf(launched)).toBe(137);
      expect(await fixture.sandbox.ranOutOfMemory(launched.launchId)).toBe(true);
      const groups = groupsOf(launched);
      await launched.stop();
      expect(await fixture.sandbox.ranOutOfMemory(launched.launchId)).toBe(true);
      expect(groups.filter(existsSync)).toEqual([]);
    },
  );

  it.skipIf(!has("memory"))(`is counted for all its processes together ${missing("memory")}`, async () => {
    const holds = takes(110, 30_000);
    const launched = await launch(`${holds} & ${holds} & wait`, { memoryBytes: 150 * mb });
    await until(() => fixture.sandbox.ranOutOfMemory(launched.launchId), Boolean);
    await launched.stop();
  });

  it("within its limit is its own affair", async () => {
    const launched = await launch(takes(400), { memoryBytes: 1000 * mb });
    expect(await exitOf(launched)).toBe(0);
    expect(await output(launched)).toBe("took it");
    expect(await fixture.sandbox.ranOutOfMemory(launched.launchId)).toBe(false);
  });
});

describe("processes of a launch", () => {
  /** Starts this many children, and tells how many there are. */
  const starts = (count: number) =>
    node(
      `const { spawn } = require("child_process"); const begun = Array.from({ length: ${count} }, () => spawn("sleep", ["30"]).on("error", () => {})); const running = begun.filter(({ pid }) => pid !== undefined); console.log(running.length); for (const one of running) one.kill(); process.exit(0);`,
    );

  it.skipIf(!has("pids"))(`beyond its limit are not started ${missing("pids")}`, async () => {
    const launched = await launch(starts(60), { processes: 40 });
    await exitOf(launched);
    expect(Number(await output(launched))).toBeLessThan(40);
  });

  it("within its limit are", async () => {
    const launched = await launch(starts(60), { processes: 200 });
    expect(await exitOf(launched)).toBe(0);
    expect(await output(launched)).toBe("60");
  });
});

describe("processor time of a launch", () => {
  it.skipIf(!has("cpu"))(`is held to its share ${missing("cpu")}`, async () => {
    const launched = await launch(node("for (;;);"), { cpus: 0.1 });
    const throttled = () =>
      groupsOf(launched).some((group) => {
        const file = join(group, "cpu.stat");
        return existsSync(file) && Number(/^nr_throttled (\d+)$/m.exec(readFileSync(file, "utf8"))?.[1] ?? 0) > 3;
      });
    await until(throttled, Boolean);
    await launched.stop(0);
  });
});

describe("the groups of a launch", () => {
  it.skipIf(places.length === 0)(`are gone after its stop, with whatever hid from it ${reason}`, async () => {
    // of another session, without the marker, and nobody's child any more
    const hides = `setsid env -i /bin/sh -c 'setsid sleep 100 & echo hidden $!; exit 0'; exec sleep 60`;
    const launched = await launch(hides, { processes: 100 });
    const text = await until(
      () => output(launched),
      (lines) => lines.includes("hidden"),
    );
    const hidden = Number(text.split(" ")[1]);
    const groups = groupsOf(launched);
    expect(groups.length).toBeGreaterThan(0);
    expect(() => process.kill(hidden, 0)).not.toThrow();
    await launched.stop();
    expect(groups.filter(existsSync)).toEqual([]);
    await until(
      () => isAlive(hidden),
      (alive) => !alive,
    );
  });

  it.skipIf(!unified)(
    `of a kernel that can are ended in one step ${unified ? "" : "(skipped: no cgroup2 to write)"}`,
    async () => {
      const launched = await launch("trap '' TERM; sleep 60; sleep 60", { processes: 100 });
      await launched.stop(0);
      expect((await launched.inspect()).alive).toBe(false);
      expect(groupsOf(launched).filter(existsSync)).toEqual([]);
    },
  );

  it.skipIf(places.length === 0)(
    `are removed by another plane, after the one that made them crashed ${reason}`,
    async () => {
      const launched = await launch("sleep 60", { processes: 100 });
      const groups = groupsOf(launched);
      const next = await createSandboxFixture({ directory: fixture.directory });
      await next.sandbox.stop(launched.launchId, undefined, { graceMs: 0 });
      expect(groups.filter(existsSync)).toEqual([]);
      await next.sandbox.close();
    },
  );

  it.skipIf(places.length === 0)(
    `that nobody remembers are removed once they are old and empty ${reason}`,
    async () => {
      const launched = await launch("sleep 60", { processes: 100 });
      const [group = ""] = groupsOf(launched);
      await until(
        () => processesOf(group).length,
        (count) => count > 0,
      );
      const [old, young] = [`${group}-old`, `${group}-young`];
      for (const directory of [old, young]) mkdirSync(directory);
      for (const directory of [old, group]) utimesSync(directory, new Date(0), new Date(0));
      createCgroups(readTables).create(`${launched.launchId}-next`, { processes: 100 });
      expect([old, young, group].map(existsSync)).toEqual([false, true, true]);
      await removeGroups([young, ...groupsOf(launched).map((directory) => `${directory}-next`)]);
    },
  );

  it.skipIf(!unified)(
    `are ended by the kernel, wherever their processes went ${unified ? "" : "(skipped: no cgroup2 to write)"}`,
    async () => {
      const launched = await launch("setsid sleep 60 & exec sleep 60", { processes: 100 });
      const group = groupsOf(launched).find((directory) => existsSync(join(directory, "cgroup.kill")));
      await until(
        () => processesOf(group!).length,
        (count) => count === 2,
      );
      expect(isWritten(join(group!, "cgroup.kill"), "1")).toBe(true);
      expect(await exitOf(launched)).toBe(137);
      await launched.ended();
    },
  );

  it("are not made where nothing is to be bounded", async () => {
    const launched = await launch("sleep 60");
    expect(existsSync(join(fixture.directory, launched.launchId, "groups"))).toBe(false);
  });
});

/** A zombie is not: it waits for its parent alone. */
function isAlive(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z ");
  } catch {
    return false;
  }
}
