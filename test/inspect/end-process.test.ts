import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { endProcess } from "../../src/inspect/end-process.ts";
import { until } from "../support/until.ts";

/** Nobody may be in a hurry to reap an orphan. */
function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

/** A process that leads its group and ignores TERM, with a child that does too. */
async function stubborn() {
  const child = spawn("sh", ["-c", "trap '' TERM; sleep 600 & echo $!; wait; wait"], {
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const exited = once(child, "exit");
  const [line] = (await once(child.stdout.setEncoding("utf8"), "data")) as [string];
  return { pid: child.pid!, helper: Number(line), exited };
}

it("kills the whole group of a process that does not end when it is asked", async () => {
  const { pid, helper, exited } = await stubborn();
  const asked: string[] = [];
  await endProcess(pid, {
    politely: () => {
      asked.push("please");
      return exited.then(() => undefined);
    },
    withinMs: 50,
  });
  expect(asked).toEqual(["please"]);
  await exited;
  await until("its child is gone", () => !isAlive(helper));
});

it("ends what its process leaves behind, and is content when nothing is left", async () => {
  const { pid, helper, exited } = await stubborn();
  process.kill(pid, "SIGKILL");
  await exited;
  await endProcess(pid, { politely: () => Promise.reject(new Error("gone")), withinMs: 50 });
  await until("its child is gone", () => !isAlive(helper));
  await endProcess(pid, { politely: () => Promise.resolve(), withinMs: 50 });
});
