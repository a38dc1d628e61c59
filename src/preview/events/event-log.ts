import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { CountedEvent, EventStore } from "./event-store.ts";
import type { EventOwner, NewEvent } from "./events.ts";

/**
 * Takes events that are no change of the database: refusals, and limits that were reached. (Those of changes are
 * written with the change, by migrations/0009_events.sql.)
 */
export interface EventLog {
  /** Costs its caller nothing and never throws: it is written within a second, and equal ones of the next minute as one. */
  record(event: NewEvent): void;
  /** Writes what there is; idempotent. */
  close(): Promise<void>;
}

export interface EventLogDeps {
  readonly store: Pick<EventStore, "append">;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Who is told of events that were lost. */
  readonly operatorOrg: string;
}

const flushMs = 1_000;
const repeatMs = 60_000;
/** Different ones that wait, or are remembered so as to count their repeats: what strangers cause must not fill the memory. */
const mostWaiting = 5_000;
/** Of one org, or of one preview whose org is not known here: what one causes must not push out what others do. */
const mostOfOwner = 1_000;

interface Waiting {
  readonly event: NewEvent;
  times: number;
  /** Not before this time, ms since the epoch. */
  dueAt: number;
}

interface Due {
  readonly entry: Waiting;
  readonly times: number;
}

/**
 * What cannot be written is tried again every second; what does not fit meanwhile is counted, logged, and told by an
 * event of its own as soon as there is a database again.
 */
export function createEventLog({ store, clock, logger, operatorOrg }: EventLogDeps): EventLog {
  const waiting = new Map<string, Waiting>();
  const byOwner = new Map<string, number>();
  let lost = 0;
  let failures = 0;
  let round: Promise<void> = Promise.resolve();

  function count({ event: { owner } }: Waiting, step: 1 | -1): void {
    const whose = ownerOf(owner);
    const left = (byOwner.get(whose) ?? 0) + step;
    if (left > 0) byOwner.set(whose, left);
    else byOwner.delete(whose);
  }

  function keep(key: string, entry: Waiting): void {
    const ofOwner = byOwner.get(ownerOf(entry.event.owner)) ?? 0;
    if (waiting.size >= mostWaiting || ofOwner >= mostOfOwner) {
      lost += 1;
      return;
    }
    waiting.set(key, entry);
    count(entry, 1);
  }

  function forget(key: string, entry: Waiting): void {
    waiting.delete(key);
    count(entry, -1);
  }

  function takeDue(everything: boolean): Due[] {
    const now = clock.now();
    const due: Due[] = [];
    for (const [key, entry] of waiting) {
      if (!everything && entry.dueAt > now) continue;
      if (entry.times === 0) forget(key, entry);
      else {
        due.push({ entry, times: entry.times });
        entry.times = 0;
        entry.dueAt = now + repeatMs;
      }
    }
    return due;
  }

  async function flush(everything = false): Promise<void> {
    const due = takeDue(everything);
    const told = lost;
    const events: CountedEvent[] = due.map(({ entry, times }) => ({ ...entry.event, count: times }));
    if (told > 0) events.push({ type: "events.lost", owner: { org: operatorOrg }, data: {}, count: told });
    if (events.length === 0) return;
    try {
      await store.append(events);
      lost -= told;
      if (failures > 0) logger.info({ event: "events.recovered", failures }, "events are written again");
      failures = 0;
    } catch (err) {
      for (const { entry, times } of due) {
        entry.times += times;
        entry.dueAt = clock.now();
      }
      if (failures === 0) logger.error({ event: "events.not_written", err, waiting: due.length }, "events wait");
      failures += 1;
    }
  }

  const timer = setInterval(() => {
    round = round.then(() => flush());
  }, flushMs).unref();

  return {
    record(event) {
      const key = JSON.stringify(event);
      const known = waiting.get(key);
      if (known !== undefined) known.times += 1;
      else keep(key, { event, times: 1, dueAt: clock.now() });
    },
    async close() {
      clearInterval(timer);
      await round;
      await flush(true);
      const left = lost + [...waiting.values()].reduce((sum, { times }) => sum + times, 0);
      if (left > 0) logger.error({ event: "events.lost", count: left }, "events were not written");
    },
  };
}

function ownerOf(owner: EventOwner): string {
  return "org" in owner ? `org ${owner.org}` : `preview ${owner.ofPreview}`;
}
