import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { changedPreviews, currentXmin, notifyChannel } from "./changed-previews.ts";
import { unavailable } from "./database-error.ts";
import { withDeadline } from "./deadline.ts";
import { openDedicatedConnection } from "./dedicated-connection.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import { createInbox } from "./inbox.ts";
import type { Inbox } from "./inbox.ts";
import type { DatabaseTarget } from "./target.ts";

export interface FollowerOptions {
  readonly target: DatabaseTarget;
  readonly logger: Logger;
  readonly applicationName: string;
  /** Longest time until a change is noticed whose notification was lost, and until a dead connection is. */
  readonly resyncMs: number;
  /** Called on every new connection, once notifications are flowing; `since` is where the previous one ended. */
  onConnected(connection: DedicatedConnection, since: string | undefined): Promise<void>;
  /** Called with the previews that changed, and at every resync with whatever there is, maybe none. */
  onChanged(connection: DedicatedConnection, previewIds: string[]): Promise<void>;
}

export interface Follower {
  /** Resolves after the first `onConnected`; rejects when the database cannot be reached, and all is over then. */
  start(): Promise<void>;
  healthy(): boolean;
  close(): Promise<void>;
}

/** Time for the heartbeat that each resync is; a frozen server is noticed after it. */
const heartbeatMs = 3_000;
/** A snapshot of 100,000 routes on a loaded server must fit. */
const snapshotMs = 30_000;
const retryMs = 250;
const longestRetryMs = 2_000;

/**
 * Follows the changes of all planes over one LISTEN connection, which serves as its own heartbeat.
 * Work is done one batch at a time on that connection, so that what was read later is told later.
 * A connection that is lost is replaced until `close`.
 */
export function followChanges(options: FollowerOptions): Follower {
  const stop = new AbortController();
  let connected = false;
  let xmin: string | undefined;
  let running: Promise<void> | undefined;
  let started: Promise<void> | undefined;

  async function followOnce(onReady: () => void): Promise<void> {
    const inbox = createInbox();
    const connection = openDedicatedConnection(options.target, {
      applicationName: options.applicationName,
      statementTimeoutMs: snapshotMs,
      onNotify: (previewId) => inbox.add([previewId]),
    });
    const ended = connection.lost.then(() => {
      connected = false;
      inbox.end();
    });
    const hangUp = () => void connection.close();
    stop.signal.addEventListener("abort", hangUp, { once: true });
    try {
      await connect(connection);
      connected = !inbox.ended;
      onReady();
      await work(connection, inbox);
    } finally {
      stop.signal.removeEventListener("abort", hangUp);
      await connection.close();
      await ended;
    }
  }

  async function connect(connection: DedicatedConnection): Promise<void> {
    await connection.query((sql) => sql`listen ${sql(notifyChannel)}`);
    const next = await currentXmin(connection);
    await options.onConnected(connection, xmin);
    xmin = next;
  }

  async function work(connection: DedicatedConnection, inbox: Inbox): Promise<void> {
    let resyncAt = performance.now() + options.resyncMs;
    while (!inbox.ended) {
      const ids = await inbox.take(resyncAt - performance.now());
      if (inbox.ended) return;
      if (performance.now() >= resyncAt) {
        const changed = await withDeadline(changedPreviews(connection, xmin ?? "0"), heartbeatMs);
        xmin = changed.xmin;
        resyncAt = performance.now() + options.resyncMs;
        await options.onChanged(connection, [...new Set([...ids, ...changed.ids])]);
      } else if (ids.length > 0) await options.onChanged(connection, ids);
    }
  }

  async function follow(onReady: () => void, onFirstFailure: (error: unknown) => void): Promise<void> {
    let ready = false;
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        await followOnce(() => {
          if (failures > 0) logRecovery(failures);
          ready = true;
          failures = 0;
          onReady();
        });
        if (!stop.signal.aborted) logLoss(undefined);
      } catch (error) {
        if (!ready) return onFirstFailure(error);
        if (failures === 0 && !stop.signal.aborted) logLoss(error);
      }
      failures += 1;
      await wait(Math.min(retryMs * failures, longestRetryMs));
    }
    if (!ready) onFirstFailure(unavailable("CONNECTION_ENDED"));
  }

  function logRecovery(failures: number): void {
    const feed = options.applicationName;
    options.logger.info({ event: "db.feed_recovered", feed, failures }, "database feed recovered");
  }

  function logLoss(error: unknown): void {
    options.logger.warn({ event: "db.feed_lost", feed: options.applicationName, err: error }, "database feed lost");
  }

  /** Ends early on close. */
  async function wait(ms: number): Promise<void> {
    await pause(ms, undefined, { signal: stop.signal }).catch(() => {
      // the only rejection is the abort by close, which the caller's loop checks
    });
  }

  return {
    start: () =>
      (started ??= new Promise((resolve, reject) => {
        running = follow(resolve, reject);
      })),
    healthy: () => connected,
    async close() {
      stop.abort();
      await running;
    },
  };
}
