import type { Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { Actor } from "../preview/events/events.ts";
import type { Sharing, StateChange } from "../preview/store.ts";
import type { Client } from "./client.ts";
import { previewColumns } from "./preview-columns.ts";
import type { PreviewRow } from "./preview-columns.ts";
import { jsonText } from "./row.ts";
import { telling } from "./told.ts";

// Every change of a preview: one conditional statement each, which returns the changed row, or none.
// Links and the project's active preview follow by the rules of migrations/0001_initial.sql.

export function recordProcess(client: Client, launchId: string, process: ProcessIdentity): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set process = ${jsonText(process)}::text::jsonb
      where launch_id = ${launchId} and state = 'starting' and stop_requested_at is null
      returning ${previewColumns(sql)}`,
  );
}

export function recordListener(client: Client, launchId: string, listener: Listener): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set listener = ${jsonText(listener)}::text::jsonb, port = ${listener.port}
      where launch_id = ${launchId} and state not in ('crashed', 'stopped') and stop_requested_at is null
      returning ${previewColumns(sql)}`,
  );
}

/** After a stop was requested a preview can only end: a late `ready` must not hide that it is going away. */
export function transition(client: Client, launchId: string, change: StateChange): Promise<PreviewRow[]> {
  const problems = change.problems === undefined ? null : jsonText(change.problems);
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set
        state = ${change.to},
        problems = coalesce(${problems}::text::jsonb, problems),
        exit_code = coalesce(${change.exitCode ?? null}, exit_code),
        http_status = coalesce(${change.httpStatus ?? null}, http_status),
        ready_ms = coalesce(${change.readyMs ?? null}, ready_ms),
        serves_html = coalesce(${change.servesHtml ?? null}, serves_html)
      where launch_id = ${launchId} and state = any (string_to_array(${change.from.join(",")}, ','))
        and (stop_requested_at is null or ${change.to} in ('crashed', 'stopped')) and ${telling(sql, change)}
      returning ${previewColumns(sql)}`,
  );
}

/** Also for a crashed preview, whose links still answer; a repeat keeps the first time. */
export function requestStop(client: Client, previewId: string, by?: Actor): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set stop_requested_at = coalesce(stop_requested_at, now())
      where id = ${previewId} and state <> 'stopped' and ${telling(sql, { by })}
      returning ${previewColumns(sql)}`,
  );
}

export function adopt(client: Client, launchId: string, planes: { from: string; to: string }): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set plane_id = ${planes.to}
      where launch_id = ${launchId} and plane_id = ${planes.from} and state not in ('crashed', 'stopped')
      returning ${previewColumns(sql)}`,
  );
}

export function share(
  client: Client,
  previewId: string,
  { embedOrigins, guests, by }: Sharing & { readonly by?: Actor | undefined },
): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      update previews set
        embed_origins = coalesce(${embedOrigins ? jsonText(embedOrigins) : null}::text::jsonb, embed_origins),
        guests = coalesce(${guests ? jsonText(guests) : null}::text::jsonb, guests)
      where id = ${previewId} and ${telling(sql, { by })}
      returning ${previewColumns(sql)}`,
  );
}

/** Rows are locked in the order of their ids, so that two gateways' batches never wait for each other in a ring. */
export async function touch(client: Client, requests: readonly { previewId: string; at: Date }[]): Promise<void> {
  await client.query(
    (sql) => sql`
      with seen as (
        select preview_id, max(at) as at
        from jsonb_to_recordset(${jsonText(requests.map(toSeen))}::text::jsonb) as request (preview_id text, at timestamptz)
        group by preview_id
      ), moved as (
        select previews.id, seen.at
        from previews join seen on seen.preview_id = previews.id
        where last_request_at is null or last_request_at < seen.at
        order by previews.id
        for no key update of previews
      )
      update previews set last_request_at = greatest(last_request_at, moved.at)
      from moved where moved.id = previews.id`,
  );
}

function toSeen(request: { previewId: string; at: Date }): { preview_id: string; at: Date } {
  return { preview_id: request.previewId, at: request.at };
}
