import { systemClock } from "../clock.ts";
import type { Sandbox } from "./driver.ts";
import { launchFiles, readExitCode } from "./launch-files.ts";
import type { LocalContext } from "./local-context.ts";
import { readLogLines } from "./log-reader.ts";
import { trimLog } from "./log-store.ts";
import { createQuietTails } from "./quiet-tails.ts";

export function logMethods({ directory, logMaxBytes }: LocalContext): Pick<Sandbox, "readLog" | "trimLog"> {
  const trimming = new Map<string, Promise<void>>();
  const tails = createQuietTails();
  return {
    async readLog(launchId, query) {
      const files = launchFiles(directory, launchId);
      const read = async () => {
        const ended = (await readExitCode(files)) !== undefined;
        return readLogLines(files.directory, { ...query, ended, now: systemClock.now() });
      };
      const isTail = query.cursor === undefined && query.grep === undefined;
      return isTail ? tails.tail(files.log, query.limit, read) : read();
    },
    trimLog(launchId) {
      // two at once would cut the log twice
      const running = trimming.get(launchId);
      if (running) return running;
      const trim = trimLog(launchFiles(directory, launchId).directory, logMaxBytes).finally(() => {
        trimming.delete(launchId);
      });
      trimming.set(launchId, trim);
      return trim;
    },
  };
}
