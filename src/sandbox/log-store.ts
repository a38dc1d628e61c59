import { fstatSync, readSync, renameSync, rmSync, truncateSync, writeSync } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

/**
 * The output of a launch as one run of bytes, of which the oldest may be gone. Offsets count from
 * the first byte ever written and stay valid over trimming.
 */
export interface LogBytes {
  /** Offset of the oldest byte that is kept. */
  readonly start: number;
  /** Offset behind the newest byte. */
  readonly end: number;
  /** When the newest byte was written, milliseconds since the epoch. */
  readonly writtenAt: number;
  /** Up to `length` bytes from `offset`; fewer at the end of a file. */
  read(offset: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

interface Segment {
  readonly file: FileHandle;
  readonly start: number;
  readonly end: number;
  readonly writtenAt: number;
}

/** `log.<offset of its first byte>`: what trimming has moved out of `log`. */
const keptName = /^log\.(\d+)$/;

/**
 * Opens the kept part and the growing file. The name of the kept part carries its offset, so the
 * two files alone tell the offset of every byte, also to a plane that did not trim them.
 */
export async function openLog(directory: string): Promise<LogBytes> {
  const segments = await openSegments(directory);
  const growing = segments.at(-1);
  return {
    start: segments[0]?.start ?? 0,
    end: growing?.end ?? 0,
    writtenAt: growing?.writtenAt ?? 0,
    async read(offset, length) {
      const segment = segments.find(({ start, end }) => offset >= start && offset < end);
      if (!segment) return Buffer.alloc(0);
      const buffer = Buffer.allocUnsafe(Math.min(length, segment.end - offset));
      const { bytesRead } = await segment.file.read(buffer, 0, buffer.length, offset - segment.start);
      return buffer.subarray(0, bytesRead);
    },
    close: () => closeAll(segments),
  };
}

async function openSegments(directory: string): Promise<Segment[]> {
  for (;;) {
    const kept = await findKept(directory);
    const older = kept && (await openSegment(join(directory, kept.name), kept.start));
    const growing = await openSegment(join(directory, "log"), older?.end ?? 0);
    const segments = [older, growing].filter((segment) => segment !== undefined);
    if ((await findKept(directory))?.name === kept?.name) return segments;
    // trimmed between the two: their offsets do not fit together
    await closeAll(segments);
  }
}

async function closeAll(segments: readonly Segment[]): Promise<void> {
  await Promise.all(segments.map(({ file }) => file.close()));
}

async function findKept(directory: string): Promise<{ name: string; start: number } | undefined> {
  // a launch that was forgotten has no directory
  const names = await readdir(directory).catch(() => []);
  const found = names.flatMap((name) => {
    const match = keptName.exec(name);
    return match ? [{ name, start: Number(match[1]) }] : [];
  });
  // two exist for the moment in which one replaces the other
  return found.toSorted((a, b) => a.start - b.start).at(-1);
}

async function openSegment(path: string, start: number): Promise<Segment | undefined> {
  const file = await open(path).catch(() => undefined);
  // trimmed or forgotten at this moment
  if (!file) return undefined;
  const { size, mtimeMs } = await file.stat();
  return { file, start, end: start + size, writtenAt: mtimeMs };
}

const copyBytes = 256 * 1024;

/**
 * Moves the newest third of `maxBytes` out of a log that outgrew that third, and empties the log
 * in place: its writer appends, and keeps its descriptor. What the program writes in the
 * microseconds between the last copy and the cut is lost. Not to be called twice at once by one plane.
 */
export async function trimLog(directory: string, maxBytes: number): Promise<void> {
  const path = join(directory, "log");
  // one third kept, one that the copy may gain while it chases the writer, one that grows anew
  const partBytes = Math.floor(maxBytes / 3);
  const size = (await stat(path).catch(() => undefined))?.size ?? 0;
  if (size <= partBytes) return;
  const old = await findKept(directory);
  const oldEnd = old ? old.start + (await stat(join(directory, old.name))).size : 0;
  const from = size - partBytes;
  const copy = join(directory, `log-copy-${process.pid}`);
  const [source, target] = await Promise.all([open(path), open(copy, "w", 0o600)]);
  try {
    const copied = await copyRange(source, target, { from, to: size });
    // no await from here: a reader of this process sees the log before or after, never both halves
    chase(source.fd, target.fd, { from: copied, to: copied + partBytes });
    // it shrank: another plane has just trimmed it, or its own program emptied it
    if (fstatSync(source.fd).size < copied) return;
    renameSync(copy, join(directory, `log.${oldEnd + from}`));
    truncateSync(path);
    if (old) rmSync(join(directory, old.name), { force: true });
  } finally {
    rmSync(copy, { force: true });
    await Promise.all([source.close(), target.close()]);
  }
}

async function copyRange(
  source: FileHandle,
  target: FileHandle,
  { from, to }: { from: number; to: number },
): Promise<number> {
  const buffer = Buffer.allocUnsafe(copyBytes);
  let offset = from;
  while (offset < to) {
    const { bytesRead } = await source.read(buffer, 0, Math.min(copyBytes, to - offset), offset);
    if (bytesRead === 0) break;
    await target.write(buffer, 0, bytesRead);
    offset += bytesRead;
  }
  return offset;
}

function chase(source: number, target: number, { from, to }: { from: number; to: number }): void {
  const buffer = Buffer.allocUnsafe(copyBytes);
  for (let offset = from; offset < to;) {
    const bytesRead = readSync(source, buffer, 0, Math.min(copyBytes, to - offset), offset);
    if (bytesRead === 0) return;
    writeSync(target, buffer, 0, bytesRead);
    offset += bytesRead;
  }
}
