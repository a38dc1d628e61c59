import type { AccessRecord, AccessStore, NewAccess, RecordFilter } from "../preview/events/event-store.ts";
import type { Client } from "./client.ts";
import { recordsOf, sweepBatch } from "./record-filter.ts";
import { fromRow, jsonText } from "./row.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";

export function createAccessStore(client: Client): AccessStore {
  return {
    record: (accesses) => record(client, accesses),
    after: async (filter, id, limit) => (await selectAfter(client, filter, { id, limit })).map(toAccess),
    newest: async (filter, limit) => (await selectNewest(client, filter, limit)).map(toAccess).toReversed(),
    sweep: (before) => sweep(client, before),
  };
}

type AccessRow = Row<Omit<AccessRecord, "id">> & { readonly id: string };

function toAccess({ id, ...row }: AccessRow): AccessRecord {
  return { id: Number(id), ...fromRow<Omit<AccessRecord, "id">>(row) };
}

function accessColumns(sql: Sql) {
  return sql`id, at, org, project, preview_id, link_id, kind, visitor, user_name, hour`;
}

function selectAfter(client: Client, filter: RecordFilter, { id, limit }: { id: number; limit: number }) {
  return client.query(
    (sql) => sql<AccessRow[]>`
      select ${accessColumns(sql)} from accesses where ${recordsOf(sql, filter)} and id > ${id} order by id limit ${limit}`,
  );
}

function selectNewest(client: Client, filter: RecordFilter, limit: number) {
  return client.query(
    (sql) => sql<AccessRow[]>`
      select ${accessColumns(sql)} from accesses where ${recordsOf(sql, filter)} order by id desc limit ${limit}`,
  );
}

/** In the order of what must be unique: two gateways' batches never wait for each other in a ring. */
async function record(client: Client, accesses: readonly NewAccess[]): Promise<void> {
  await client.query(
    (sql) => sql`
      insert into accesses (org, project, preview_id, link_id, kind, visitor, user_name, hour)
      select projects.org, projects.slug, previews.id, links.id, given.kind, given.visitor, given.user_name, given.hour
      from jsonb_to_recordset(${jsonText(accesses.map(toRow))}::text::jsonb) as given
        (link_id text, kind text, visitor text, user_name text, hour timestamptz)
      join links on links.id = given.link_id
      join previews on previews.id = links.preview_id
      join projects on projects.id = previews.project_id
      order by links.id, given.visitor, given.hour
      on conflict (link_id, visitor, hour) do nothing`,
  );
}

function toRow({ linkId, kind, visitor, userName, hour }: NewAccess) {
  return { link_id: linkId, kind, visitor, user_name: userName, hour };
}

async function sweep(client: Client, before: Date): Promise<number> {
  const swept = await client.query(
    (sql) => sql`
      delete from accesses where ${sweepBatch(sql, before)} and id in (
        select id from accesses where at < ${before} order by at limit 5000)
      returning id`,
  );
  return swept.length;
}
