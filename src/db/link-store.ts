import type postgres from "postgres";
import { LinkLimitError, mostLinks } from "../preview/limits.ts";
import type { Actor, Told } from "../preview/events/events.ts";
import type { LinkRecord } from "../preview/record.ts";
import type { LinkStore, WantedLink } from "../preview/store.ts";
import type { MaxVisibility } from "../preview/links/visibility.ts";
import type { Client } from "./client.ts";
import { StatementError } from "./database-error.ts";
import { fromRow, jsonText } from "./row.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";
import { telling } from "./told.ts";

export function createLinkStore(client: Client): LinkStore {
  return {
    live: async (wanted, now) => first(await selectLive(client, { ...wanted, now })),
    insert: async (link, by) => first(await insertForLiveLaunch(client, link, by).catch(refusePlace)),
    list: async (preview, now) => (await selectOfLaunch(client, preview, now)).map((row) => fromRow<LinkRecord>(row)),
    narrow: async (most) => (await narrowAll(client, most)).length,
    revokeOne: async (projectId, id, told = {}) => first(await revokeById(client, { projectId, id, told })),
    isLive: async (id, now) => (await selectIfLive(client, id, now)).length === 1,
    revoke: (previewId, options) => revokeLive(client, previewId, options ?? {}),
  };
}

type LinkRow = Row<LinkRecord>;

function linkColumns(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`id, preview_id, launch_id, port, key_id, expires_at, revoked_at, token_hash, gated, label, created_at`;
}

function selectLive(client: Client, wanted: WantedLink & { readonly now: Date }): Promise<LinkRow[]> {
  return client.query(
    (sql) => sql<LinkRow[]>`
      select ${linkColumns(sql)} from links
      where launch_id = ${wanted.launchId} and port = ${wanted.port} and gated = ${wanted.gated}
        and label is not distinct from ${wanted.label ?? null}
        and revoked_at is null and expires_at > ${wanted.now}
      order by expires_at desc, id
      limit 1`,
  );
}

function selectIfLive(client: Client, id: string, now: Date): Promise<{ id: string }[]> {
  return client.query(
    (sql) => sql<{ id: string }[]>`
      select id from links where id = ${id} and revoked_at is null and expires_at > ${now}`,
  );
}

/**
 * Links of one preview are made one after the other, so that none is beyond the limit. The lock makes a stop wait until the link is there to be revoked, and the link wait until a
 * stop under way is done: without it a link could outlive the stop that it raced.
 */
function insertForLiveLaunch(
  client: Client,
  link: Parameters<LinkStore["insert"]>[0],
  by: Actor | undefined,
): Promise<LinkRow[]> {
  return client.query(
    (sql) => sql<LinkRow[]>`
      with launch as materialized (
        select previews.id as preview_id, previews.launch_id from previews
        where previews.id = ${link.previewId} and previews.launch_id = ${link.launchId}
          and state not in ('crashed', 'stopped') and stop_requested_at is null
        for no key update
      )
      insert into links (id, preview_id, launch_id, port, key_id, token_hash, gated, label, expires_at)
      select ${link.id}, launch.preview_id, launch.launch_id, ${link.port}::integer, ${link.keyId}::smallint,
        ${link.tokenHash}, ${link.gated}::boolean, ${link.label ?? null}::text, ${link.expiresAt}::timestamptz
      from launch where take_link_place(launch.preview_id, ${mostLinks}) and ${telling(sql, { by })}
      returning ${linkColumns(sql)}`,
  );
}

/** What `take_link_place` raises. */
const noPlace = "LM007";

function refusePlace(error: unknown): never {
  throw error instanceof StatementError && error.code === noPlace ? new LinkLimitError() : error;
}

type Launch = Parameters<LinkStore["list"]>[0];

function selectOfLaunch(client: Client, { id, launchId }: Launch, now: Date): Promise<LinkRow[]> {
  return client.query(
    (sql) => sql<LinkRow[]>`
      select ${linkColumns(sql)} from links
      where preview_id = ${id} and launch_id = ${launchId} and revoked_at is null and expires_at > ${now}
      order by created_at, id`,
  );
}

function revokeById(
  client: Client,
  { projectId, id, told }: { readonly projectId: string; readonly id: string; readonly told: Told },
): Promise<LinkRow[]> {
  return client.query(
    (sql) => sql<LinkRow[]>`
      update links set revoked_at = now()
      where id = ${id} and revoked_at is null and expires_at > now()
        and exists (select from previews where previews.id = links.preview_id and project_id = ${projectId})
        and ${telling(sql, told)}
      returning ${linkColumns(sql)}`,
  );
}

/** The previews of such orgs are gated from then on. */
function narrowAll(client: Client, { every, own }: MaxVisibility): Promise<{ id: string }[]> {
  return client.query(
    (sql) => sql<{ id: string }[]>`
      with limited as (
        select id, coalesce(${jsonText(own)}::text::jsonb ->> org, ${every}) as most from projects
      ), shown as (
        update projects set active_signed = false from limited
        where projects.id = limited.id and most <> 'link' and active_signed
      ), narrowed as (
        update previews set signed = false, guests = case most when 'members' then '[]' else guests end from limited
        where project_id = limited.id and most <> 'link' and (signed or (most = 'members' and guests <> '[]'))
      )
      update links set revoked_at = now() from previews join limited on limited.id = previews.project_id
      where previews.id = links.preview_id and most <> 'link' and not gated and revoked_at is null
        and ${telling(sql, { cause: "visibility" })}
      returning links.id`,
  );
}

/** Of a label (null: of none), or of all. */
async function revokeLive(
  client: Client,
  previewId: string,
  { exceptId = null, label, ...told }: { exceptId?: string | null; label?: string | null } & Told,
): Promise<number> {
  const revoked = await client.query(
    (sql) => sql<{ id: string }[]>`
      update links set revoked_at = now()
      where preview_id = ${previewId} and revoked_at is null and id is distinct from ${exceptId}
        and (${label === undefined}::boolean or label is not distinct from ${label ?? null})
        and ${telling(sql, told)}
      returning id`,
  );
  return revoked.length;
}

function first(rows: readonly LinkRow[]): LinkRecord | undefined {
  return rows[0] && fromRow<LinkRecord>(rows[0]);
}
