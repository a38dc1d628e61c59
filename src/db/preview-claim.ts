import { PreviewError } from "../errors.ts";
import type { PreviewRecord } from "../preview/record.ts";
import type { NewPreview } from "../preview/store.ts";
import type { Client } from "./client.ts";
import { StatementError } from "./database-error.ts";
import { previewColumns } from "./preview-columns.ts";
import type { PreviewRow } from "./preview-columns.ts";
import { fromRow, jsonText } from "./row.ts";

const foreignKeyViolation = "23503";

/**
 * Claims (project, name) for a launch: a new row, or the row of an ended preview. `undefined` while a
 * live preview holds the name. Throws `project_not_found` when the project was removed meanwhile.
 */
export async function claimPreview(client: Client, preview: NewPreview): Promise<PreviewRecord | undefined> {
  try {
    const [row] = await insertOrTakeOver(client, preview);
    return row && fromRow<PreviewRecord>(row);
  } catch (error) {
    if (!(error instanceof StatementError) || error.code !== foreignKeyViolation) throw error;
    throw new PreviewError("project_not_found", "the project was removed while the preview was started", {
      hint: "Register the project again, then start the preview.",
      cause: error,
    });
  }
}

function insertOrTakeOver(client: Client, preview: NewPreview): Promise<PreviewRow[]> {
  return client.query(
    (sql) => sql<PreviewRow[]>`
      insert into previews (
        project_id, name, launch_id, sandbox_id, plane_id, command, repo_dir, framework, ready_path, signed,
        host_mode, socket_script, attached, env, requested_port, expires_at
      ) values (
        ${preview.projectId}, ${preview.name}, ${preview.launchId}, ${preview.sandboxId}, ${preview.planeId},
        ${preview.command}, ${preview.repoDir}, ${preview.framework ?? null}, ${preview.readyPath}, ${preview.signed},
        ${preview.hostMode}, ${preview.socketScript}, ${preview.attached},
        ${jsonText(preview.env)}::text::jsonb, ${preview.requestedPort}, ${preview.expiresAt ?? null}
      )
      on conflict (project_id, name) do update set
        launch_id = excluded.launch_id, sandbox_id = excluded.sandbox_id, plane_id = excluded.plane_id,
        command = excluded.command, repo_dir = excluded.repo_dir, framework = excluded.framework,
        ready_path = excluded.ready_path, signed = excluded.signed,
        host_mode = excluded.host_mode, socket_script = excluded.socket_script, attached = excluded.attached, env = excluded.env,
        requested_port = excluded.requested_port, expires_at = excluded.expires_at,
        state = 'starting', port = null, process = null, listener = null, problems = '[]', exit_code = null,
        http_status = null, ready_ms = null, serves_html = null, stop_requested_at = null, last_request_at = null, created_at = now()
      where previews.state in ('crashed', 'stopped')
      returning ${previewColumns(sql)}`,
  );
}
