import type { IdleRule, IdleStore, SleepBounds } from "../preview/sleep/idle-store.ts";
import type { PreviewRecord } from "../preview/record.ts";
import type { Problem } from "../preview/problem.ts";
import type { Client } from "./client.ts";
import { previewColumns } from "./preview-columns.ts";
import type { PreviewRow } from "./preview-columns.ts";
import { fromRow, jsonText } from "./row.ts";

/** What is cleaned with one turn. */
const mostEnded = 100;

export function createIdleStore(client: Client): IdleStore {
  return {
    sleep: async (rule) => all(await sleep(client, rule)),
    slept: async (launchId) => all(await slept(client, launchId))[0],
    refuseWake: async (launchId, problems) => all(await refuseWake(client, launchId, problems))[0],
    requestWake: (previewId) => requestWake(client, previewId),
    keepAlive: (previewId, keepaliveMs) => keepAlive(client, previewId, keepaliveMs),
    dropLeases: (of) => dropLeases(client, of),
    crowdOut: async (bounds) => all(await crowdOut(client, bounds)),
    makeRoom: async (of) => all(await makeRoom(client, of))[0],
    expire: async (of) => all(await expire(client, of)),
    ended: async (of) => all(await selectEnded(client, of)),
    remove: async (ended) => (await deleteEnded(client, ended)).length === 1,
    takeTurn: async (turn) => (await takeTurn(client, turn)).length === 1,
  };
}

/**
 * Without a visit a preview counts from when it was ready. A visit to a further port of the launch is one to the
 * launch. Rows are locked in the order of their ids, as for every write to many, and judged again once they are.
 */
function sleep(client: Client, { sandboxId, planeId, now, idleMs, idleMsByOrg }: IdleRule): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      with due as materialized (
        select previews.id as due_id
        from previews
        join projects on projects.id = previews.project_id
        cross join lateral (select ${now}::timestamptz - interval '1 millisecond' * coalesce(
          keepalive_ms, nullif(coalesce((${jsonText(idleMsByOrg)}::text::jsonb ->> org)::float8, ${idleMs}::float8), 0)
        ) as cutoff) as rule
        where sandbox_id = ${sandboxId} and state in ('ready', 'unhealthy') and stop_requested_at is null and not attached
          and greatest(previews.created_at + interval '1 millisecond' * coalesce(ready_ms, 0), last_request_at) <= cutoff
          and not exists (
            select from previews as further
            where further.project_id = previews.project_id and further.attached
              and further.process #>> '{family,launchId}' = previews.launch_id and further.last_request_at > cutoff
          )
        order by previews.id
        for no key update of previews
      ), slept as (
        update previews set state = 'idle', slept_at = ${now}, plane_id = ${planeId}, problems = '[]', wake_requested_at = null
        from due where id = due_id
        returning ${previewColumns(sql)}
      ), further as (
        update previews set state = 'idle', problems = '[]'
        from slept
        where previews.project_id = slept.project_id and previews.attached and previews.stop_requested_at is null
          and previews.state in ('starting', 'ready', 'unhealthy')
          and previews.process #>> '{family,launchId}' = slept.launch_id
      )
      select ${previewColumns(sql)} from slept`,
  );
}

function slept(client: Client, launchId: string): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set process = null
      where launch_id = ${launchId} and state = 'idle' and not attached
      returning ${previewColumns(sql)}`,
  );
}

function refuseWake(client: Client, launchId: string, problems: readonly Problem[]): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set problems = ${jsonText(problems)}::text::jsonb, wake_requested_at = null
      where launch_id = ${launchId} and state = 'idle'
      returning ${previewColumns(sql)}`,
  );
}

async function requestWake(client: Client, previewId: string): Promise<void> {
  await client.query(
    (sql) => sql`
      update previews set wake_requested_at = now()
      where id = ${previewId} and state = 'idle' and stop_requested_at is null and wake_requested_at is null`,
  );
}

/** A lease of a start lasts for hours at most. */
async function dropLeases(client: Client, { sandboxId, now }: { sandboxId: string; now: Date }): Promise<void> {
  await client.query(
    (sql) => sql`
      delete from leases
      where sandbox_id = ${sandboxId} and expires_at > ${now}::timestamptz + interval '1 day' and not exists (
        select from previews
        where previews.launch_id = leases.launch_id and previews.state not in ('crashed', 'stopped')
      )`,
  );
}

async function keepAlive(client: Client, previewId: string, keepaliveMs: number): Promise<void> {
  await client.query((sql) => sql`update previews set keepalive_ms = ${keepaliveMs} where id = ${previewId}`);
}

/**
 * Links that were revoked count for nothing while it runs, for whoever revokes one may be about to mint another; once
 * it sleeps, nobody else can come. A launch lives as long as its further ports.
 */
function expire(client: Client, { sandboxId, now }: { sandboxId: string; now: Date }): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      with due as materialized (
        select id as due_id from previews
        where sandbox_id = ${sandboxId} and state in ('ready', 'unhealthy', 'idle') and stop_requested_at is null
          and (expires_at <= ${now} or (
            exists (
              select from links
              where preview_id = previews.id and links.launch_id = previews.launch_id
                and revoked_at is null and links.expires_at <= ${now}
              union all
              select where state = 'idle' and not exists (
                select from links where preview_id = previews.id and revoked_at > ${now}::timestamptz - interval '1 minute'
              )
            ) and not exists (
              select from links join previews as shown on shown.id = links.preview_id and shown.launch_id = links.launch_id
              where revoked_at is null and links.expires_at > ${now} and (shown.id = previews.id or (
                shown.project_id = previews.project_id and shown.attached
                and shown.process #>> '{family,launchId}' = previews.launch_id
              ))
            )
          ))
        order by id
        for no key update of previews
      )
      update previews set stop_requested_at = ${now}
      from due where id = due_id
      returning ${previewColumns(sql)}`,
  );
}

/** Those beyond the bound of their project count for none of their org. */
function crowdOut(
  client: Client,
  { sandboxId, now, mostOfProject, mostOfOrg }: SleepBounds & { sandboxId: string; now: Date },
): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      with asleep as (
        select previews.id, org, coalesce(slept_at, updated_at) as since,
          row_number() over (partition by project_id order by coalesce(slept_at, updated_at) desc, previews.id) as place
        from previews join projects on projects.id = previews.project_id
        where sandbox_id = ${sandboxId} and state = 'idle' and stop_requested_at is null and not attached
      ), kept as (
        select id, row_number() over (partition by org order by since desc, id) as place from asleep
        where place <= coalesce(${mostOfProject ?? null}::bigint, place)
      ), due as materialized (
        select id as due_id from previews
        where id in (select id from asleep) and state = 'idle' and stop_requested_at is null
          and id not in (select id from kept where place <= coalesce(${mostOfOrg ?? null}::bigint, place))
        order by id
        for no key update of previews
      )
      update previews set stop_requested_at = ${now}
      from due where id = due_id
      returning ${previewColumns(sql)}`,
  );
}

/** Two that ask at the same time end one each. */
function makeRoom(
  client: Client,
  { sandboxId, projectId, now }: Parameters<IdleStore["makeRoom"]>[0],
): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      with due as materialized (
        select previews.id as due_id
        from previews join projects on projects.id = previews.project_id
        where org = (select org from projects where id = ${projectId})
          and sandbox_id = ${sandboxId} and state = 'idle' and stop_requested_at is null and not attached
        order by project_id = ${projectId} desc, coalesce(slept_at, previews.updated_at), previews.id
        limit 1
        for no key update of previews skip locked
      )
      update previews set stop_requested_at = ${now}
      from due where id = due_id
      returning ${previewColumns(sql)}`,
  );
}

function selectEnded(
  client: Client,
  { sandboxId, before }: { sandboxId: string; before: Date },
): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      select ${previewColumns(sql)} from previews
      where sandbox_id = ${sandboxId} and state in ('crashed', 'stopped') and updated_at <= ${before}
      order by updated_at
      limit ${mostEnded}`,
  );
}

function deleteEnded(
  client: Client,
  { id, launchId }: Pick<PreviewRecord, "id" | "launchId">,
): Promise<{ id: string }[]> {
  return client.query(
    (sql) => sql<{ id: string }[]>`
      delete from previews where id = ${id} and launch_id = ${launchId} and state in ('crashed', 'stopped')
      returning id`,
  );
}

function takeTurn(
  client: Client,
  { sandboxId, planeId, now, until }: Parameters<IdleStore["takeTurn"]>[0],
): Promise<{ planeId: string }[]> {
  return client.query(
    (sql) => sql<{ planeId: string }[]>`
      insert into sweeps (sandbox_id, plane_id, until) values (${sandboxId}, ${planeId}, ${until})
      on conflict (sandbox_id) do update set plane_id = excluded.plane_id, until = excluded.until
      where sweeps.until <= ${now}
      returning plane_id`,
  );
}

function all(rows: readonly PreviewRow[]): PreviewRecord[] {
  return rows.map((row) => fromRow<PreviewRecord>(row));
}
