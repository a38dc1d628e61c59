import type { RecordFilter } from "../preview/events/event-store.ts";
import { jsonText } from "./row.ts";
import type { Sql } from "./target.ts";

/** The condition that keeps every reader within its org and projects. */
export function recordsOf(sql: Sql, { org, projects, orgWide }: RecordFilter) {
  const wide = orgWide ? sql`project is null or` : sql``;
  if (projects === undefined) return orgWide ? sql`org = ${org}` : sql`(org = ${org} and project is not null)`;
  return sql`(org = ${org} and (${wide} project in (
    select jsonb_array_elements_text(${jsonText(projects)}::text::jsonb))))`;
}

/** What the rule of the tables asks of whoever deletes: see `keep_record` in migrations/0009_events.sql. */
export function sweepBatch(sql: Sql, before: Date) {
  return sql`set_config('dev_preview.sweep_before', ${before.toISOString()}, true) is not null`;
}
