import type { LogBytes } from "./log-store.ts";
import { plainLine } from "./plain-line.ts";

export interface LogLine {
  readonly text: string;
  /** Offset behind the line. */
  readonly end: number;
  /** It ended with a newline within the range. */
  readonly whole: boolean;
}

const blockBytes = 64 * 1024;
/** Enough for 2,000 characters in any encoding, colours included; the rest of a line is skipped. */
const lineBytes = 16 * 1024;
const newline = 0x0a;

/** The lines of a range, a block at a time. A range that ends within a line yields its beginning last. */
export async function* linesBetween(log: LogBytes, from: number, to: number): AsyncGenerator<LogLine[]> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  const finish = (rest: Buffer): string => {
    const bytes = Buffer.concat([...begun, rest]).subarray(0, lineBytes);
    begun = [];
    begunBytes = 0;
    return plainLine(bytes.toString("utf8"));
  };
  for (let offset = from; offset < to;) {
    const block = await log.read(offset, Math.min(blockBytes, to - offset));
    if (block.length === 0) break;
    const lines: LogLine[] = [];
    let position = 0;
    for (let at = block.indexOf(newline); at !== -1; at = block.indexOf(newline, position)) {
      lines.push({ text: finish(block.subarray(position, at)), end: offset + at + 1, whole: true });
      position = at + 1;
    }
    const rest = block.subarray(position);
    if (begunBytes < lineBytes) begun.push(rest);
    begunBytes += rest.length;
    offset += block.length;
    yield lines;
  }
  if (begunBytes > 0) yield [{ text: finish(Buffer.alloc(0)), end: to, whole: false }];
}

/** The first line start at or behind `offset`; `offset` itself where no line starts within a block. */
export async function nextLineStart(log: LogBytes, offset: number): Promise<number> {
  if (offset === 0 || offset >= log.end) return offset;
  if (offset > log.start && (await log.read(offset - 1, 1))[0] === newline) return offset;
  const at = (await log.read(offset, blockBytes)).indexOf(newline);
  return at === -1 ? offset : offset + at + 1;
}

/** Offset behind the last newline; the end itself when the last line is longer than a block. */
export async function wholeLinesEnd(log: LogBytes): Promise<number> {
  const from = Math.max(log.start, log.end - blockBytes);
  const position = (await readFully(log, from, log.end)).lastIndexOf(newline);
  if (position !== -1) return from + position + 1;
  return from === log.start ? from : log.end;
}

/** Where the last `count` lines before `end` begin, looking back over `maxBytes` at most. */
export async function lastLinesStart(
  log: LogBytes,
  { end, count, maxBytes }: { end: number; count: number; maxBytes: number },
): Promise<number> {
  const earliest = Math.max(log.start, end - maxBytes);
  // the newline that ends the last line is not counted
  let wanted = count;
  let to = Math.max(earliest, end - 1);
  while (to > earliest) {
    const from = Math.max(earliest, to - blockBytes);
    const block = await readFully(log, from, to);
    for (let at = block.lastIndexOf(newline); at !== -1; at = at === 0 ? -1 : block.lastIndexOf(newline, at - 1)) {
      wanted -= 1;
      if (wanted === 0) return from + at + 1;
    }
    to = from;
  }
  return nextLineStart(log, earliest);
}

/** A range that may span the kept part and the growing file. */
async function readFully(log: LogBytes, from: number, to: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let offset = from; offset < to;) {
    const part = await log.read(offset, to - offset);
    if (part.length === 0) break;
    parts.push(part);
    offset += part.length;
  }
  return Buffer.concat(parts);
}
