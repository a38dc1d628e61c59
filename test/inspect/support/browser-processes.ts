import { readFileSync, readdirSync } from "node:fs";

export interface BrowserProcess {
  readonly pid: number;
  readonly command: string;
  /** `NAME=value` lines; a process may have written over its own. */
  readonly environment: string;
}

/**
 * Looks for the living processes of browsers with their files in a directory: what names it on its
 * command line or in its environment, and all that ever shared a process group with such a one.
 */
export function watchBrowserProcesses(directory: string): () => BrowserProcess[] {
  const groups = new Set<string>();
  return () => {
    const all = readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .flatMap(read);
    for (const { group, command, environment } of all)
      if (`${command}${environment}`.includes(directory)) groups.add(group);
    return all.filter(({ group }) => groups.has(group));
  };
}

function read(name: string): (BrowserProcess & { group: string })[] {
  try {
    const [state = "", , group = ""] = readFileSync(`/proc/${name}/stat`, "latin1").split(") ").at(-1)!.split(" ");
    if (state === "Z") return [];
    const command = readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ");
    const environment = readFileSync(`/proc/${name}/environ`, "latin1").replaceAll("\0", "\n");
    return [{ pid: Number(name), group, command, environment }];
  } catch {
    return []; // it ended while we looked
  }
}
