import { readlink, stat } from "node:fs/promises";
import { readProc } from "./proc-stat.ts";
import type { Whereabouts } from "./process-view.ts";

/** What a process runs, where, and as whom (Linux). */
export async function whereabouts(pid: number): Promise<Whereabouts> {
  const directory = await workingDirectory(`/proc/${pid}/cwd`);
  const user = userOf(pid);
  return {
    command: commandLine(pid),
    ...(directory === undefined ? {} : { directory }),
    ...(user === undefined ? {} : { user }),
  };
}

/** A setuid program is neither its owner's nor its caller's. */
export function userOf(pid: number): number | undefined {
  const [, real, effective] = /^Uid:\t(\d+)\t(\d+)\t/m.exec(readProc(`/proc/${pid}/status`) ?? "") ?? [];
  return real === undefined || real !== effective ? undefined : Number(real);
}

export function commandLine(pid: number): string {
  return (readProc(`/proc/${pid}/cmdline`) ?? "").split("\0").join(" ").trim();
}

/**
 * The kernel tells the path as the process sees it. A process in a container may have a directory of
 * any name there: the path counts only where it leads to the very same directory from here, which
 * also leaves out directories that were removed. So do bytes that are no text: they would be shown
 * alike, whatever they are. Not synchronous: the directory may lie on a device that does not answer.
 */
async function workingDirectory(link: string): Promise<string | undefined> {
  try {
    const bytes = await readlink(link, { encoding: "buffer" });
    const path = bytes.toString("utf8");
    const [own, named] = await Promise.all([stat(link, { bigint: true }), stat(path, { bigint: true })]);
    const same = own.dev === named.dev && own.ino === named.ino && Buffer.from(path).equals(bytes);
    return same ? path : undefined;
  } catch {
    // it ended, its directory is gone, or it is not ours to see
    return undefined;
  }
}
