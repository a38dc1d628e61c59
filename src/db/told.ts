import type postgres from "postgres";
import type { Told } from "../preview/events/events.ts";
import type { Sql } from "./target.ts";

/**
 * A condition that always holds, for the statement that makes a change: the events of its transaction then say who made
 * it, and why. See `told` in migrations/0009_events.sql.
 */
export function telling(sql: Sql, { by, cause }: Told): postgres.PendingQuery<postgres.Row[]> {
  return sql`set_config('dev_preview.told', ${JSON.stringify({ ...by, cause })}, true) is not null`;
}
