import type postgres from "postgres";
import type { PreviewRecord } from "../preview/record.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";

export type PreviewRow = Row<PreviewRecord>;

/** The columns of `previews` that make a `PreviewRecord`. */
export function previewColumns(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    id, project_id, name, state, launch_id, sandbox_id, plane_id, command, repo_dir, framework, ready_path, signed,
    host_mode, socket_script, attached, env, requested_port, port, process, listener, problems, exit_code, http_status, ready_ms, serves_html, stop_requested_at,
    embed_origins, guests,
    keepalive_ms, asked, user_name, session_id, woken_at, wake_requested_at,
    expires_at, created_at, updated_at, last_request_at`;
}
