import { readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";

export interface MemoryWatchOptions {
  /** Ids of the processes that are counted together. */
  readonly processes: () => Promise<readonly number[]>;
  readonly limitBytes: number;
  readonly everyMs: number;
  /** Called once, with what they took; the watch is over then. */
  readonly onExceeded: (bytes: number) => void;
}

/**
 * Watches what some processes take of the host's memory. Threat: a page may take all of it, in
 * buffers that no limit of its scripts counts. Only where there is a /proc: elsewhere they take none.
 */
export function watchMemory(options: MemoryWatchOptions): { close(): Promise<void> } {
  const closing = new AbortController();
  const watching = watch(options, closing.signal).catch((error: unknown) => {
    if (!closing.signal.aborted) throw error;
  });
  return {
    async close() {
      closing.abort();
      await watching;
    },
  };
}

async function watch(options: MemoryWatchOptions, signal: AbortSignal): Promise<void> {
  const { processes, limitBytes, everyMs, onExceeded } = options;
  for (;;) {
    await delay(everyMs, undefined, { signal, ref: false });
    // a browser that does not answer is somebody else's business
    const pids = await processes().catch(() => []);
    const sizes = await Promise.all(pids.map(memoryOf));
    const bytes = sizes.reduce((sum, size) => sum + size, 0);
    if (bytes > limitBytes && !signal.aborted) return onExceeded(bytes);
  }
}

/** Bytes that are a process's own, or shared without a file; 0 when it is gone. */
async function memoryOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "");
  const sizes = status.matchAll(/^(?:RssAnon|RssShmem):\s*(\d+) kB$/gm);
  return [...sizes].reduce((sum, [, kilobytes]) => sum + Number(kilobytes) * 1024, 0);
}
