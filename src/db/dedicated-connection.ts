import { databaseError, isConnectionLoss, unavailable } from "./database-error.ts";
import { withDeadline } from "./deadline.ts";
import { connect } from "./target.ts";
import type { DatabaseTarget, Sql } from "./target.ts";

/**
 * One connection held for what belongs to its session: a lock, or LISTEN. It never reconnects by
 * itself, as the new session would lack both: once it is lost, every query rejects.
 */
export interface DedicatedConnection {
  query<T>(ask: (sql: Sql) => PromiseLike<T>): Promise<T>;
  /** Resolves when the connection is gone, whoever ended it. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

export interface DedicatedOptions {
  readonly applicationName: string;
  /** Longest time of one statement, on the server; here it is given one second more. */
  readonly statementTimeoutMs: number;
  readonly onNotify?: (payload: string) => void;
}

export function openDedicatedConnection(target: DatabaseTarget, options: DedicatedOptions): DedicatedConnection {
  let gone = false;
  let lose = (): void => {};
  const lost = new Promise<void>((resolve) => {
    lose = () => {
      gone = true;
      resolve();
    };
  });
  let closing: Promise<void> | undefined;

  const sql = connect(target, {
    max: 1,
    applicationName: options.applicationName,
    statementTimeoutMs: options.statementTimeoutMs,
    onclose: () => lose(),
    onnotify: (_channel, payload) => {
      if (!gone) options.onNotify?.(payload);
    },
  });

  function close(): Promise<void> {
    lose();
    closing ??= sql.end({ timeout: 1 });
    return closing;
  }

  return {
    lost,
    close,
    async query(ask) {
      if (gone) throw unavailable("CONNECTION_CLOSED");
      try {
        return await withDeadline(ask(sql), options.statementTimeoutMs + 1_000);
      } catch (error) {
        if (isConnectionLoss(error)) await close();
        throw databaseError(error);
      }
    },
  };
}
