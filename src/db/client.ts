import { databaseError, isConnectionLoss } from "./database-error.ts";
import { withDeadline } from "./deadline.ts";
import { connect, statementTimeoutMs } from "./target.ts";
import type { DatabaseTarget, Sql } from "./target.ts";

/**
 * Runs statements on a pool. Each is its own transaction: what must be atomic is one statement or
 * one function of the database. (`begin` and `reserve` of the client pin a connection, and a pinned
 * connection that dies ends the process with an uncaught error.)
 */
export interface Client {
  /**
   * The result of one statement. Rejects with `PreviewError("database_unavailable")` within seconds
   * when the server does not answer, with `StatementError` when it refuses.
   */
  query<T>(ask: (sql: Sql) => PromiseLike<T>): Promise<T>;
  /** Statements that run, or wait for a connection. */
  underWay(): number;
  close(): Promise<void>;
}

/** Above the server's own limit, so that a statement that merely is slow gets the server's answer. */
const deadlineMs = statementTimeoutMs + 1_000;
/** Statements under way on other connections of a pool that is being replaced may take this long. */
const drainSeconds = 2;

export interface ClientOptions {
  readonly poolSize: number;
  /** Told of each statement when it ended. */
  readonly onQuery?: (query: EndedQuery) => void;
}

export interface EndedQuery {
  /** From the call to its result, waiting for a connection included. */
  readonly durationMs: number;
  readonly ok: boolean;
}

export function openClient(target: DatabaseTarget, options: ClientOptions): Client {
  const open = () => connect(target, { max: options.poolSize, applicationName: "dev-preview" });
  let pool = open();
  const draining = new Set<Promise<void>>();
  let closing: Promise<void> | undefined;
  let underWay = 0;

  function drain(old: Sql): void {
    const done = old.end({ timeout: drainSeconds }).finally(() => draining.delete(done));
    draining.add(done);
  }

  /**
   * A pool that lost a connection is replaced whole: a connection object of the client that died
   * with unwritten bytes never sends again, and one statement in ten would time out on it for ever.
   */
  function replace(lost: Sql): void {
    if (lost !== pool || closing !== undefined) return;
    pool = open();
    drain(lost);
  }

  async function closeAll(): Promise<void> {
    await Promise.all([pool.end({ timeout: drainSeconds }), ...draining]);
  }

  return {
    async query(ask) {
      const used = pool;
      const startedAt = performance.now();
      let ok = false;
      underWay += 1;
      try {
        const result = await withDeadline(ask(used), deadlineMs);
        ok = true;
        return result;
      } catch (error) {
        if (isConnectionLoss(error)) replace(used);
        throw databaseError(error);
      } finally {
        underWay -= 1;
        options.onQuery?.({ durationMs: performance.now() - startedAt, ok });
      }
    },
    underWay: () => underWay,
    close: () => (closing ??= closeAll()),
  };
}
