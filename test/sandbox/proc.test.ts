import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, describe, expect, test } from "vitest";
import { parseStat, readBootId, readProc, readStat } from "../../src/sandbox/proc-stat.ts";
import { createProcTable } from "../../src/sandbox/proc-table.ts";
import { processStartTime } from "../../src/sandbox/process-start-time.ts";
import { until } from "./support/sandbox-fixture.ts";

const children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
});

async function start(env: Record<string, string>): Promise<number> {
  const child = spawn("sleep", ["600"], { stdio: "ignore", env: { ...process.env, ...env } });
  children.push(child);
  await once(child, "spawn");
  return child.pid!;
}

describe("a stat line", () => {
  const tail = "26263 0 -1 4194304 95 0 0 0 7 5 3 2 20 0 1 0 250747 0 0 18446744073709551615";

  test("is read behind a command name that holds spaces and parentheses", () => {
    expect(parseStat(`26266 (my) S 1 (app)) S 1 26263 ${tail}`)).toEqual({
      ppid: 1,
      group: 26263,
      session: 26263,
      startTicks: "250747",
      cpuTicks: 17,
      alive: true,
      kernelThread: false,
    });
  });

  test.each([
    ["R", true],
    ["S", true],
    ["D", true],
    ["T", true],
    ["Z", false],
    ["X", false],
  ])("in state %s tells whether the process lives: %s", (state, alive) => {
    expect(parseStat(`1 (a) ${state} 1 1 ${tail}`)).toMatchObject({ alive });
  });

  test("of a main thread that ended before its other threads is alive", () => {
    const threads = tail.replace(" 20 0 1 0 ", " 20 0 7 0 ");
    expect(parseStat(`1 (a) Z 1 1 ${threads}`)).toMatchObject({ alive: true });
  });

  test("of a kernel thread is known as such", () => {
    expect(parseStat(`2 (kthreadd) S 0 0 ${tail.replace("4194304", "2129984")}`)).toMatchObject({ kernelThread: true });
  });

  test.each(["", "garbage", "1 (a) S 1"])("that is not one (%j) is nothing", (text) => {
    expect(parseStat(text)).toBeUndefined();
  });
});

test("a process that does not exist reads as nothing", () => {
  expect(readStat(999_999_999)).toBeUndefined();
  expect(readProc("/proc/999999999/environ")).toBeUndefined();
});

test("a file longer than the buffer is read whole", async () => {
  const pid = await start({ LONG: "x".repeat(100_000), LAST: "end" });
  expect(readProc(`/proc/${pid}/environ`)).toContain("\0LAST=end\0");
});

test("the marker is found wherever it stands in the environment, and only as a whole name", async () => {
  const table = createProcTable(readBootId());
  const marked = await start({ PADDING: "x".repeat(100_000), DEV_PREVIEW_LAUNCH_ID: "a-launch" });
  const lookalike = await start({ NOT_DEV_PREVIEW_LAUNCH_ID: "a-launch", OTHER: "DEV_PREVIEW_LAUNCH_ID=a-launch" });
  const processes = table.scan({ fresh: true });
  expect(processes.get(marked)).toMatchObject({ pid: marked, ppid: process.pid, alive: true, launchId: "a-launch" });
  expect(processes.get(lookalike)).not.toHaveProperty("launchId");
  expect(table.identify(marked)).toEqual(processes.get(marked));
});

test.skipIf(process.geteuid?.() !== 0)(
  "a marker of another user's process says nothing, also to a plane that runs as root (needs root)",
  async () => {
    const table = createProcTable(readBootId());
    const child = spawn("sleep", ["600"], { stdio: "ignore", env: { DEV_PREVIEW_LAUNCH_ID: "a-launch" }, uid: 65_534 });
    children.push(child);
    await once(child, "spawn");
    expect(readProc(`/proc/${child.pid}/environ`)).toContain("DEV_PREVIEW_LAUNCH_ID=a-launch");
    expect(table.scan({ fresh: true }).get(child.pid!)).not.toHaveProperty("launchId");
    expect(table.identify(child.pid!)).not.toHaveProperty("launchId");
  },
);

test("new processes show in the next scan, ended ones leave it, and a scan is shared for a moment", async () => {
  const table = createProcTable(readBootId());
  // a loaded machine may take longer than a moment between two lines
  await until(() => table.scan({ fresh: true }) === table.scan({ fresh: false }), Boolean);
  const pid = await start({});
  expect(table.scan({ fresh: true }).has(pid)).toBe(true);
  process.kill(pid, "SIGKILL");
  await until(
    () => table.scan({ fresh: true }).has(pid),
    (present) => !present,
  );
});

test("a start time is the same whoever asks, and differs between processes", async () => {
  const pid = await start({});
  const entry = createProcTable(readBootId()).identify(pid)!;
  expect(processStartTime(pid)).toBe(entry.startTime);
  expect(processStartTime(process.pid)).not.toBe(entry.startTime);
  expect(() => processStartTime(999_999_999)).toThrow(expect.objectContaining({ code: "sandbox_unsupported" }));
});
