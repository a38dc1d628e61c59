import { openDedicatedConnection } from "./dedicated-connection.ts";
import type { ServerConnection } from "./target.ts";

export interface PlaneClaim {
  release(): Promise<void>;
}

/** Any number that nobody else in the database uses for an advisory lock. */
const lockKey = "7302116594428";

/**
 * Makes this process the one plane of an embedded database, until `release` or its death; `undefined`
 * when another plane is. The lock belongs to a connection of its own.
 */
export async function claimPlane(connection: ServerConnection): Promise<PlaneClaim | undefined> {
  const held = openDedicatedConnection(
    { connection },
    { applicationName: "dev-preview plane", statementTimeoutMs: 5_000 },
  );
  const [row] = await held
    .query((sql) => sql<{ claimed: boolean }[]>`select pg_try_advisory_lock(${lockKey}::bigint) as claimed`)
    .catch(async (error: unknown) => {
      await held.close();
      throw error;
    });
  if (row?.claimed === true) return { release: () => held.close() };
  await held.close();
  return undefined;
}
