import type { Clock } from "../../clock.ts";

/** Tells whether all processes of a launch do nothing but wait. */
export interface IdleWatch {
  /** Takes a look: the processor time used so far (absent where it is not told), and whether anything was printed. */
  look(seen: { readonly cpuMs: number | undefined; readonly printed: boolean }): boolean;
}

/** So long they must have waited. */
const idleMs = 400;
/** What a watcher of files may use in that time; a server that boots uses several times as much, on a busy host too. */
const idleCpuMs = 20;

/** `silentMs`: where processor time is not told, so long nothing may have been printed. */
export function createIdleWatch(clock: Clock, { silentMs }: { readonly silentMs: number }): IdleWatch {
  let since: { readonly at: number; readonly cpuMs: number | undefined } | undefined;
  return {
    look({ cpuMs, printed }) {
      const at = clock.now();
      const worked = cpuMs === undefined ? printed : Math.abs(cpuMs - (since?.cpuMs ?? 0)) > idleCpuMs;
      if (since === undefined || worked) since = { at, cpuMs };
      return at - since.at >= (cpuMs === undefined ? silentMs : idleMs);
    },
  };
}
