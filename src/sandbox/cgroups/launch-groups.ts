import { rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { shellWord } from "../../shell-word.ts";
import { isWritten, processesOf, readOrEmpty, succeeds } from "./kernel-files.ts";
import { memoryEventFiles } from "./limits.ts";

const removalMs = 2_000;

/** The shell command that enters the groups and then runs `command`: in all of them, or not at all. */
export function enterGroups(directories: readonly string[], command: string): string {
  if (directories.length === 0) return command;
  const enter = directories.map((directory) => `echo 0 >${shellWord(join(directory, "cgroup.procs"))}`);
  return `{ ${enter.join(" && ")}; } || exit 126\n${command}`;
}

/** Whether the kernel ended a process of the groups because they reached their limit of memory. */
export function ranOutOfMemory(directories: readonly string[]): boolean {
  return directories
    .flatMap((directory) => memoryEventFiles.map((file) => readOrEmpty(join(directory, file))))
    .some((text) => Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0) > 0);
}

/** Ends what is in the groups, whatever it did to hide: in one step where the kernel can (5.14 and later). */
export function killGroups(directories: readonly string[]): void {
  for (const directory of directories) {
    if (isWritten(join(directory, "cgroup.kill"), "1")) continue;
    for (const pid of processesOf(directory)) if (pid > 1) succeeds(() => process.kill(pid, "SIGKILL"));
  }
}

/** Ends what is left in the groups and removes them. One that does not go within two seconds is left to the next plane. */
export async function removeGroups(directories: readonly string[]): Promise<void> {
  const deadline = performance.now() + removalMs;
  for (const directory of directories) {
    while (!isRemoved(directory) && performance.now() < deadline) {
      killGroups([directory]);
      await delay(10);
    }
  }
}

function isRemoved(directory: string): boolean {
  succeeds(() => rmdirSync(directory));
  return statSync(directory, { throwIfNoEntry: false }) === undefined;
}
