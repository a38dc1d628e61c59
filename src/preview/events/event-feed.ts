import type { Logger } from "../../logger.ts";
import type { EventRecord, RecordFilter } from "./event-store.ts";
import type { Database } from "../store.ts";

/** Passes events on as they happen, on whichever plane. */
export interface EventFeed {
  /**
   * Batches of events after a cursor (default: from now on), oldest first and none left out; an empty one when nothing
   * happened for a while. What the reader has not asked for yet stays in the database. Ends with the signal or the feed.
   */
  follow(filter: RecordFilter, options: FeedOptions): AsyncGenerator<EventRecord[], void>;
  close(): Promise<void>;
}

export interface FeedOptions {
  readonly after?: number | undefined;
  readonly signal: AbortSignal;
  readonly idleMs: number;
}

const batchSize = 100;
/** The last events of all orgs, so that many readers cost one query. */
const mostRecent = 1_000;
const pageSize = 500;
/** A notification may be lost. */
const resyncMs = 5_000;

export function createEventFeed({
  db,
  logger,
}: {
  db: Pick<Database, "events" | "onEvents">;
  logger: Logger;
}): EventFeed {
  const end = new AbortController();
  const waiting = new Set<() => void>();
  let recent: EventRecord[] = [];
  /** `recent` holds everything above `from`, up to `until`. */
  let from = 0;
  let until = 0;
  let readers = 0;
  let joining: Promise<void> | undefined;
  let isReady = false;
  let refreshing: Promise<void> | undefined;
  let again = false;

  async function load(): Promise<void> {
    do {
      again = false;
      const page = await db.events.allAfter(until, pageSize);
      recent = [...recent, ...page];
      until = page.at(-1)?.id ?? until;
      const left = recent.splice(0, Math.max(0, recent.length - mostRecent));
      from = left.at(-1)?.id ?? from;
      if (page.length > 0) for (const wake of waiting) wake();
      again ||= page.length === pageSize;
    } while (again);
  }

  /** A signal that comes while a page is read may be of an event that the page does not have. */
  function refresh(): void {
    if (!isReady) return;
    again = true;
    refreshing ??= load()
      .catch((err: unknown) => logger.warn({ event: "events.not_read", err }, "events are passed on later"))
      .finally(() => (refreshing = undefined));
  }

  /** The first reader begins at the present; before there was none, nothing was kept up to date. */
  async function begin(): Promise<void> {
    recent = [];
    from = until = await db.events.lastId();
    isReady = true;
  }

  async function join(): Promise<void> {
    readers += 1;
    await (joining ??= begin());
  }

  function leave(): void {
    readers -= 1;
    if (readers > 0) return;
    joining = undefined;
    isReady = false;
  }

  const unsubscribe = db.onEvents(refresh);
  const timer = setInterval(refresh, resyncMs).unref();

  /** Events that were looked through, and how far. */
  async function read(filter: RecordFilter, after: number): Promise<{ batch: EventRecord[]; cursor: number }> {
    const known = until;
    if (after >= from) {
      const batch = recent.filter((event) => event.id > after && matches(filter, event)).slice(0, batchSize);
      return { batch, cursor: batch.length < batchSize ? Math.max(after, known) : (batch.at(-1)?.id ?? after) };
    }
    const batch = await db.events.after(filter, after, batchSize);
    const last = batch.at(-1)?.id ?? after;
    // the query saw all that was known before it
    return { batch, cursor: batch.length < batchSize ? Math.max(last, known) : last };
  }

  return {
    async *follow(filter, { after, signal, idleMs }) {
      const ended = AbortSignal.any([signal, end.signal]);
      try {
        await join();
        let cursor = after ?? until;
        while (!ended.aborted) {
          const found = await read(filter, cursor);
          const moved = found.cursor > cursor;
          cursor = found.cursor;
          if (found.batch.length > 0) yield found.batch;
          else if (!moved && !(await news(() => until > cursor, { ended, idleMs, waiting })) && !ended.aborted)
            yield [];
        }
      } finally {
        leave();
      }
    },
    async close() {
      end.abort();
      unsubscribe();
      clearInterval(timer);
      await refreshing;
    },
  };
}

interface Wait {
  readonly ended: AbortSignal;
  readonly idleMs: number;
  readonly waiting: Set<() => void>;
}

/** True when there is news; false when time is over, or all is. */
async function news(isThere: () => boolean, { ended, idleMs, waiting }: Wait): Promise<boolean> {
  if (isThere()) return true;
  let wake = (): void => {};
  const timer = setTimeout(() => wake(), idleMs);
  await new Promise<void>((resolve) => {
    wake = resolve;
    waiting.add(wake);
    ended.addEventListener("abort", wake, { once: true });
  });
  clearTimeout(timer);
  waiting.delete(wake);
  ended.removeEventListener("abort", wake);
  return isThere();
}

function matches({ org, projects, orgWide, type }: RecordFilter, event: EventRecord): boolean {
  if (event.org !== org || (type !== undefined && event.type !== type)) return false;
  if (event.project === undefined) return orgWide;
  return projects === undefined || projects.includes(event.project);
}
