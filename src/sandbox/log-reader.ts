import { PreviewError } from "../errors.ts";
import type { LogChunk } from "./driver.ts";
import { lastLinesStart, linesBetween, nextLineStart, wholeLinesEnd } from "./log-lines.ts";
import { openLog } from "./log-store.ts";
import type { LogBytes } from "./log-store.ts";

export interface LogQuery {
  readonly cursor?: string | undefined;
  readonly limit: number;
  /** Only lines that contain this text, compared after control characters are gone. */
  readonly grep?: string | undefined;
  /** Also what stands behind the last newline; the cursor stays before it. */
  readonly unfinished?: true | undefined;
  /** The command has ended: its last line is final even without a newline. */
  readonly ended: boolean;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The most that one call reads, whatever it searches for. */
const scanBytes = 4 * 1024 * 1024;
/** A last line without newline that is this old is a prompt, and is shown. */
const promptMs = 1_000;

/** See `Sandbox.readLog`. The cursor is the absolute offset of the next unread byte. */
export async function readLogLines(directory: string, query: LogQuery): Promise<LogChunk> {
  const position = query.cursor === undefined ? undefined : parseCursor(query.cursor);
  const log = await openLog(directory);
  try {
    const settled = query.ended || query.now - log.writtenAt > promptMs;
    const end = settled ? log.end : await wholeLinesEnd(log);
    const chunk =
      position === undefined ? await readTail(log, end, query) : await readOn(log, end, { ...query, position });
    const unfinished = query.unfinished === true ? await readRest(log, end) : undefined;
    return unfinished === undefined ? chunk : { ...chunk, unfinished };
  } finally {
    await log.close();
  }
}

async function readRest(log: LogBytes, from: number): Promise<string | undefined> {
  for await (const lines of linesBetween(log, from, log.end)) for (const { text } of lines) return text;
  return undefined;
}

function parseCursor(cursor: string): number {
  const position = /^\d{1,15}$/.test(cursor) ? Number(cursor) : undefined;
  if (position !== undefined) return position;
  throw new PreviewError("invalid_input", `log cursor ${JSON.stringify(cursor)} is not one of ours`, {
    hint: "Pass the cursor of the previous answer, or none to read the end of the log.",
  });
}

async function readTail(log: LogBytes, end: number, { limit, grep }: LogQuery): Promise<LogChunk> {
  const from =
    grep === undefined
      ? await lastLinesStart(log, { end, count: limit, maxBytes: scanBytes })
      : await nextLineStart(log, Math.max(log.start, end - scanBytes));
  const matches: string[] = [];
  for await (const lines of linesBetween(log, from, end)) {
    for (const line of lines) if (grep === undefined || line.text.includes(grep)) matches.push(line.text);
    matches.splice(0, matches.length - limit);
  }
  const dropped = log.start > 0 && from <= (await nextLineStart(log, log.start));
  return { lines: matches, cursor: String(end), more: false, dropped };
}

async function readOn(log: LogBytes, end: number, query: LogQuery & { readonly position: number }): Promise<LogChunk> {
  const { position, limit, grep } = query;
  // behind the end: the command truncated its own output
  const dropped = position < log.start || position > log.end;
  const from = dropped ? await nextLineStart(log, log.start) : position;
  const to = Math.min(end, from + scanBytes);
  const matches: string[] = [];
  let cursor = from;
  for await (const lines of linesBetween(log, from, to)) {
    for (const line of lines) {
      // cut by the bound of this call: the next one starts with it, unless it fills the whole range
      if (!line.whole && to < end && cursor > from) break;
      cursor = line.end;
      if (grep === undefined || line.text.includes(grep)) matches.push(line.text);
      if (matches.length === limit) return { lines: matches, cursor: String(cursor), more: cursor < end, dropped };
    }
  }
  return { lines: matches, cursor: String(cursor), more: cursor < end, dropped };
}
