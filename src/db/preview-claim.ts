import { PreviewError } from "../errors.ts";
import { LimitReachedError } from "../preview/limits.ts";
import type { Claimant, PreviewLimits } from "../preview/limits.ts";
import type { PreviewRecord } from "../preview/record.ts";
import type { NewPreview } from "../preview/store.ts";
import type { Client } from "./client.ts";
import { StatementError } from "./database-error.ts";
import { previewColumns } from "./preview-columns.ts";
import type { PreviewRow } from "./preview-columns.ts";
import { fromRow, jsonText } from "./row.ts";
import { telling } from "./told.ts";

const foreignKeyViolation = "23503";
/** What `take_place` raises. */
const limitStates: Readonly<Record<string, keyof PreviewLimits>> = {
  LM001: "session",
  LM002: "user",
  LM003: "project",
  LM004: "org",
  LM005: "plane",
  LM006: "startsPerMinute",
};

/**
 * Claims (project, name) for a launch: a new row, the row of an ended preview, or that of the sleeping one to be
 * woken. `undefined` while a live preview holds the name. Throws `limit_reached`, and `project_not_found` when the project was
 * removed meanwhile.
 */
export async function claimPreview(
  client: Client,
  preview: NewPreview,
  claimant?: Claimant,
): Promise<PreviewRecord | undefined> {
  try {
    const [row] = await insertOrTakeOver(client, preview, claimant);
    return row && fromRow<PreviewRecord>(row);
  } catch (error) {
    throw error instanceof StatementError ? claimError(error, claimant) : error;
  }
}

function claimError(error: StatementError, claimant: Claimant | undefined): Error {
  const limit = limitStates[error.code];
  if (limit !== undefined) return new LimitReachedError(limit, claimant?.limits[limit] ?? 0);
  if (error.code !== foreignKeyViolation) return error;
  return new PreviewError("project_not_found", "the project was removed while the preview was started", {
    hint: "Register the project again, then start the preview.",
    cause: error,
  });
}

/** The place is taken first, in the same transaction; without a claimant nobody counts. */
function insertOrTakeOver(client: Client, preview: NewPreview, claimant?: Claimant): Promise<PreviewRow[]> {
  const { user = null, session = null, limits = {} } = claimant ?? {};
  const woken = preview.wakes !== undefined;
  return client.query(
    (sql) => sql<PreviewRow[]>`
      with place as materialized (
        select take_place(${preview.projectId}, ${preview.name}, ${user}, ${session}, ${jsonText(limits)}::text::jsonb)
        where ${claimant !== undefined}::boolean
      )
      insert into previews (
        project_id, name, launch_id, sandbox_id, plane_id, command, repo_dir, framework, ready_path, signed,
        host_mode, socket_script, attached, env, requested_port, expires_at,
        user_name, session_id, keepalive_ms, asked, woken_at
      ) select
        ${preview.projectId}, ${preview.name}, ${preview.launchId}, ${preview.sandboxId}, ${preview.planeId},
        ${preview.command}, ${preview.repoDir}, ${preview.framework ?? null}, ${preview.readyPath}, ${preview.signed}::boolean,
        ${preview.hostMode}, ${preview.socketScript}::boolean, ${preview.attached}::boolean,
        ${jsonText(preview.env)}::text::jsonb, ${preview.requestedPort}::integer, ${preview.expiresAt ?? null}::timestamptz,
        ${user}, ${session}, ${preview.keepaliveMs ?? null}::integer,
        ${preview.asked === undefined ? null : jsonText(preview.asked)}::text::jsonb, case when ${woken}::boolean then now() end
      from (select count(*) from place) as taken where ${telling(sql, { by: claimant === undefined ? preview.by : claimant.by })}
      on conflict (project_id, name) do update set
        launch_id = excluded.launch_id, sandbox_id = excluded.sandbox_id, plane_id = excluded.plane_id,
        command = excluded.command, repo_dir = excluded.repo_dir, framework = excluded.framework,
        ready_path = excluded.ready_path, signed = excluded.signed,
        host_mode = excluded.host_mode, socket_script = excluded.socket_script, attached = excluded.attached, env = excluded.env,
        requested_port = excluded.requested_port, expires_at = excluded.expires_at,
        user_name = excluded.user_name, session_id = excluded.session_id,
        keepalive_ms = excluded.keepalive_ms, asked = excluded.asked, woken_at = excluded.woken_at, wake_requested_at = null,
        state = 'starting', port = null, process = null, listener = null, problems = '[]', exit_code = null,
        http_status = null, ready_ms = null, serves_html = null, stop_requested_at = null, last_request_at = null, created_at = now()
      where case when ${woken}::boolean then previews.launch_id = ${preview.wakes ?? null} and previews.state = 'idle' and previews.stop_requested_at is null
        else previews.state in ('crashed', 'stopped') end
      returning ${previewColumns(sql)}`,
  );
}
