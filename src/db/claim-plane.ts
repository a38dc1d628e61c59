import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../logger.ts";
import { openDedicatedConnection } from "./dedicated-connection.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import type { ServerConnection } from "./target.ts";

export interface PlaneClaim {
  /** Idempotent. */
  release(): Promise<void>;
}

export interface ClaimOptions {
  readonly logger?: Logger;
  /** The server was gone for a moment, and another plane was faster when it came back. */
  readonly onTaken?: () => void;
}

/** Any number that nobody else in the database uses for an advisory lock. */
const lockKey = "7302116594428";
/** The lock of a plane that was killed goes when the server notices its closed socket. */
const patienceMs = 500;
/** A plane that ends just now may have stopped the server under us; it is started again meanwhile. */
const outageMs = 4_000;
const pollMs = 25;
const reclaimEveryMs = 250;

/**
 * Makes this process the one plane of an embedded database until `release` or its death; `undefined`
 * when another plane is. The lock belongs to a connection of its own; when the server is started
 * again, it is taken again. Rejects with `database_unavailable`.
 */
export async function claimPlane(
  connection: ServerConnection,
  options: ClaimOptions = {},
): Promise<PlaneClaim | undefined> {
  const stop = new AbortController();
  const first = await lockPatiently(connection);
  if (first === undefined) return undefined;
  let held = first;
  const kept = keep();

  async function keep(): Promise<void> {
    for (;;) {
      await held.lost;
      const again = await lockAgain(connection, stop.signal);
      if (again === "stopped") return;
      if (again === "taken") {
        options.logger?.error({ event: "db.claim_taken" }, "another plane took over the embedded database");
        options.onTaken?.();
        return;
      }
      held = again;
      // released while the lock was being taken again
      if (stop.signal.aborted) await held.close();
    }
  }

  return {
    async release() {
      stop.abort();
      await held.close();
      await kept;
    },
  };
}

async function lockAgain(
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<DedicatedConnection | "taken" | "stopped"> {
  while (!signal.aborted) {
    try {
      return (await tryLock(connection)) ?? "taken";
    } catch {
      // the server is not back yet, or stopped answering: only a new attempt can tell
      await pause(reclaimEveryMs);
    }
  }
  return "stopped";
}

async function lockPatiently(connection: ServerConnection): Promise<DedicatedConnection | undefined> {
  const startedAt = performance.now();
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    try {
      const held = await tryLock(connection);
      if (held !== undefined || elapsedMs > patienceMs) return held;
    } catch (error) {
      if (elapsedMs > outageMs) throw error;
    }
    await pause(pollMs);
  }
}

/** The connection that holds the lock; `undefined` when somebody else's does. */
async function tryLock(connection: ServerConnection): Promise<DedicatedConnection | undefined> {
  const held = openDedicatedConnection(
    { connection },
    { applicationName: "dev-preview plane", statementTimeoutMs: 5_000 },
  );
  let locked = false;
  try {
    const [row] = await held.query(
      (sql) => sql<{ claimed: boolean }[]>`select pg_try_advisory_lock(${lockKey}::bigint) as claimed`,
    );
    locked = row?.claimed === true;
  } finally {
    if (!locked) await held.close();
  }
  return locked ? held : undefined;
}
