import type { CountedEvent, EventRecord, EventStore, RecordFilter } from "../preview/events/event-store.ts";
import type { Client } from "./client.ts";
import { recordsOf, sweepBatch } from "./record-filter.ts";
import { fromRow, jsonText } from "./row.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";

export function createEventStore(client: Client): EventStore {
  return {
    append: (events) => append(client, events),
    after: async (filter, id, limit) => (await selectAfter(client, filter, { id, limit })).map(toEvent),
    newest: async (filter, limit) => (await selectNewest(client, filter, limit)).map(toEvent).toReversed(),
    allAfter: async (id, limit) => (await selectAll(client, id, limit)).map(toEvent),
    lastId: () => selectLastId(client),
    sweep: (before) => sweep(client, before),
  };
}

/** As the client reads it: a bigint comes as text. */
type EventRow = Row<Omit<EventRecord, "id">> & { readonly id: string };

function toEvent({ id, ...row }: EventRow): EventRecord {
  return { id: Number(id), ...fromRow<Omit<EventRecord, "id">>(row) };
}

function eventColumns(sql: Sql) {
  return sql`id, at, type, org, project, user_name, key_id, data`;
}

function selectAfter(client: Client, filter: RecordFilter, { id, limit }: { id: number; limit: number }) {
  return client.query(
    (sql) => sql<EventRow[]>`
      select ${eventColumns(sql)} from events where ${recordsOf(sql, filter)} and ${ofType(sql, filter)} and id > ${id}
      order by id limit ${limit}`,
  );
}

function selectNewest(client: Client, filter: RecordFilter, limit: number) {
  return client.query(
    (sql) => sql<EventRow[]>`
      select ${eventColumns(sql)} from events where ${recordsOf(sql, filter)} and ${ofType(sql, filter)}
      order by id desc limit ${limit}`,
  );
}

function selectAll(client: Client, id: number, limit: number) {
  return client.query(
    (sql) => sql<EventRow[]>`select ${eventColumns(sql)} from events where id > ${id} order by id limit ${limit}`,
  );
}

async function selectLastId(client: Client): Promise<number> {
  const [row] = await client.query((sql) => sql<{ id: string }[]>`select coalesce(max(id), 0) as id from events`);
  return Number(row?.id ?? 0);
}

function ofType(sql: Sql, { type }: RecordFilter) {
  return type === undefined ? sql`true` : sql`type = ${type}`;
}

async function append(client: Client, events: readonly CountedEvent[]): Promise<void> {
  await client.query(
    (sql) => sql`
      insert into events (type, org, project, user_name, key_id, data)
      select given.type, coalesce(given.org, projects.org), coalesce(given.project, projects.slug), given.user_name,
        given.key_id, given.data
      from jsonb_to_recordset(${jsonText(events.map(toRow))}::text::jsonb) as given
        (position integer, type text, org text, project text, preview_id text, user_name text, key_id text, data jsonb)
      left join previews on previews.id = given.preview_id
      left join projects on projects.id = previews.project_id
      where given.org is not null or projects.org is not null
      order by given.position`,
  );
}

function toRow({ type, owner, by, data, count }: CountedEvent, position: number) {
  return {
    position,
    type,
    ...("ofPreview" in owner ? { preview_id: owner.ofPreview } : owner),
    user_name: by?.user,
    key_id: by?.key,
    data: { ...data, count },
  };
}

async function sweep(client: Client, before: Date): Promise<number> {
  const swept = await client.query(
    (sql) => sql`
      delete from events where ${sweepBatch(sql, before)} and id in (
        select id from events where at < ${before} order by at limit 5000)
      returning id`,
  );
  return swept.length;
}
