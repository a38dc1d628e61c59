import { writeFile } from "node:fs/promises";
import type { Logger } from "../logger.ts";
import { enterGroups, killGroups, ranOutOfMemory, removeGroups } from "./cgroups/launch-groups.ts";
import type { Cgroups } from "./cgroups/cgroups.ts";
import type { LaunchLimits, LaunchSpec } from "./driver.ts";
import { launchFiles, readIfPresent } from "./launch-files.ts";
import { withoutShell } from "./launch-script.ts";

/** What bounds launches. The groups of one are on record among its files, so that any plane can end them. */
export interface LaunchBounds {
  /** Bounds a launch, whose files are there: returns the command line that keeps the bounds, and runs `wrap` of the launch's own. */
  apply(spec: LaunchSpec, wrap: (command: string) => Promise<string>): Promise<string>;
  /** Ends everything in the launch's groups. */
  kill(launchId: string): Promise<void>;
  /** Ends what is left in the groups and removes them; remembers that memory ran out. */
  release(launchId: string): Promise<void>;
  ranOutOfMemory(launchId: string): Promise<boolean>;
}

interface BoundsOptions {
  /** Files of launches. */
  readonly directory: string;
  readonly logger: Logger;
  readonly cgroups: Cgroups;
}

export function createLaunchBounds({ directory, logger, cgroups }: BoundsOptions): LaunchBounds {
  let told = false;
  const groupsOf = async (launchId: string) => {
    const text = await readIfPresent(launchFiles(directory, launchId).groups);
    return text?.split("\n").filter(Boolean) ?? [];
  };

  /** Once: it is a fact of the host, and the same for every launch. */
  function tell(unbounded: LaunchLimits, reason: string | undefined): void {
    const limits = Object.keys(unbounded);
    if (told || limits.length === 0) return;
    told = true;
    logger.warn({ event: "limits.unenforced", limits, reason }, "some limits of launches are not enforced as a whole");
  }

  return {
    async apply({ launchId, command, limits, confineTo }, wrap) {
      if (limits === undefined) return await wrap(withoutShell(command));
      const groups = cgroups.create(launchId, limits);
      await writeFile(launchFiles(directory, launchId).groups, groups.directories.join("\n"), { mode: 0o600 });
      tell(groups.unbounded, groups.reason);
      const ownUser = confineTo !== undefined && process.getuid?.() !== 0;
      return enterGroups(groups.directories, await wrap(withProcessLimits(command, groups.unbounded, ownUser)));
    },
    kill: async (launchId) => killGroups(await groupsOf(launchId)),
    async release(launchId) {
      const groups = await groupsOf(launchId);
      if (ranOutOfMemory(groups)) await writeFile(launchFiles(directory, launchId).outOfMemory, "");
      await removeGroups(groups);
    },
    async ranOutOfMemory(launchId) {
      if (ranOutOfMemory(await groupsOf(launchId))) return true;
      return (await readIfPresent(launchFiles(directory, launchId).outOfMemory)) !== undefined;
    },
  };
}

/**
 * What a shell can bound without control groups: the memory of each process, and the number of processes
 * where the launch is a user of its own to the kernel (a user namespace). Processor time it cannot.
 * Address space is left alone: Node and WebAssembly reserve far more of it than they use.
 */
function withProcessLimits(command: string, { memoryBytes, processes }: LaunchLimits, ownUser: boolean): string {
  const memory = memoryBytes === undefined ? [] : [`ulimit -d ${Math.ceil(memoryBytes / 1024)}`];
  // bash says -u, dash and busybox -p
  const count = `ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes}`;
  const bounds = [...memory, ...(processes === undefined || !ownUser ? [] : [count])];
  return [...bounds, withoutShell(command)].join("\n");
}
