import { pino } from "pino";

export type LogLine = Record<string, unknown>;

/** A logger whose lines a test can read and wait for. */
export function createLogSink() {
  const lines: LogLine[] = [];
  const waiting = new Set<() => void>();
  const logger = pino(
    { level: "debug", base: null },
    {
      write: (text: string) => {
        lines.push(JSON.parse(text));
        for (const check of waiting) check();
      },
    },
  );
  const until = (done: (lines: readonly LogLine[]) => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!done(lines)) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  return { logger, lines: () => lines, until };
}
