import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { Database } from "../store.ts";

/** Deletes what is on record for long enough, in small steps. */
export interface Retention {
  /** Ends after the step under way; idempotent. */
  close(): Promise<void>;
}

export interface RetentionOptions {
  readonly db: Pick<Database, "events" | "accesses">;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly eventDays: number;
  readonly accessDays: number;
}

const everyMs = 3_600_000;
const dayMs = 24 * 3_600_000;

/** Once at the start, then every hour. Planes that do it at the same time find less to do. */
export function startRetention({ db, clock, logger, eventDays, accessDays }: RetentionOptions): Retention {
  const end = new AbortController();
  let round = sweep();
  const timer = setInterval(() => {
    round = round.then(sweep);
  }, everyMs).unref();

  async function sweep(): Promise<void> {
    try {
      const events = await sweepAll(db.events, eventDays);
      const accesses = await sweepAll(db.accesses, accessDays);
      if (events + accesses > 0) logger.info({ event: "records.swept", events, accesses }, "old records deleted");
    } catch (err) {
      logger.warn({ event: "records.not_swept", err }, "old records are deleted later");
    }
  }

  async function sweepAll(store: { sweep(before: Date): Promise<number> }, days: number): Promise<number> {
    const before = new Date(clock.now() - days * dayMs);
    let swept = 0;
    for (let step = 1; step > 0 && !end.signal.aborted; swept += step) step = await store.sweep(before);
    return swept;
  }

  return {
    async close() {
      end.abort();
      clearInterval(timer);
      await round;
    },
  };
}
