import { stat } from "node:fs/promises";
import { systemClock } from "../clock.ts";
import type { LogChunk } from "./driver.ts";

/** Ends of logs, remembered while nothing is written: every answer about a preview shows one. */
export interface QuietTails {
  /** The last `limit` lines of the log at `path`: those remembered, else what `read` gives. */
  tail(path: string, limit: number, read: () => Promise<LogChunk>): Promise<LogChunk>;
}

/** A log this old has no last line that may still be completed; see log-reader.ts. */
const quietMs = 2_000;
/** About 10 KB each at most, for the five lines that a serving preview shows. */
const maxRemembered = 500;

export function createQuietTails(): QuietTails {
  const remembered = new Map<string, { readonly stamp: string; readonly chunk: LogChunk }>();
  return {
    async tail(path, limit, read) {
      // without a file there is nothing to remember
      const file = await stat(path).catch(() => undefined);
      if (file === undefined || systemClock.now() - file.mtimeMs < quietMs) return read();
      const stamp = `${limit} ${file.ino} ${file.size} ${file.mtimeMs}`;
      const known = remembered.get(path);
      if (known?.stamp === stamp) return known.chunk;
      // what is written from here on gives the file another stamp
      const chunk = await read();
      if (remembered.size >= maxRemembered) remembered.clear();
      remembered.set(path, { stamp, chunk });
      return chunk;
    },
  };
}
