import { readFileSync, readdirSync } from "node:fs";

export interface SeenProcess {
  readonly pid: number;
  readonly command: string;
}

/** Living processes (Linux) whose environment holds all the texts: a state directory, say, or a launch marker. */
export function processesWithEnv(...texts: string[]): SeenProcess[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap((name) => {
      try {
        const state = readFileSync(`/proc/${name}/stat`, "latin1").split(") ")[1]?.[0];
        const environment = readFileSync(`/proc/${name}/environ`, "latin1");
        if (state === "Z" || !texts.every((text) => environment.includes(text))) return [];
        return [{ pid: Number(name), command: readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ") }];
      } catch {
        return []; // it ended while we looked
      }
    });
}
