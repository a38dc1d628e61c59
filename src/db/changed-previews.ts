import type { DedicatedConnection } from "./dedicated-connection.ts";
import { sessionPrefix } from "./session-queries.ts";

/** The channel that the triggers of migrations/0001_initial.sql notify, with a preview id as payload. */
export const notifyChannel = "dev_preview_changes";
/** Instead of a preview id: there are new events. See migrations/0009_events.sql. */
export const eventSignal = "events";

/** Every transaction below it has ended; what changes later carries a `changed_xid` of at least this. */
export async function currentXmin(connection: DedicatedConnection): Promise<string> {
  const [row] = await connection.query(
    (sql) => sql<{ xmin: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as xmin`,
  );
  return row?.xmin ?? "0";
}

/**
 * The previews, and with a prefix the sessions, that changed (previews also when their links did) in transactions from `since` on, and where
 * to continue. Both come from one snapshot, so nothing falls between two calls; a change may be
 * reported twice. Deleted previews are not found.
 */
export async function changedPreviews(
  connection: DedicatedConnection,
  since: string,
): Promise<{ ids: string[]; xmin: string }> {
  const [row] = await connection.query(
    (sql) => sql<{ ids: string[]; xmin: string }[]>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as xmin, coalesce(jsonb_agg(id), '[]') as ids
      from (
        select id from previews where changed_xid >= ${since}::text::xid8
        union
        select preview_id from links where changed_xid >= ${since}::text::xid8
        union
        select ${sessionPrefix} || id from sessions where changed_xid >= ${since}::text::xid8
      ) as changed (id)`,
  );
  return row ?? { ids: [], xmin: since };
}
