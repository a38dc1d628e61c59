import type postgres from "postgres";
import type { HostMode, PreviewState } from "../preview/record.ts";
import type { Problem } from "../preview/problem.ts";
import type { Route } from "../preview/route.ts";
import type { Listener, ProcessIdentity } from "../sandbox/driver.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import type { Sql } from "./target.ts";

/** Every route there is. */
export async function selectRoutes(connection: DedicatedConnection, now: Date): Promise<Route[]> {
  const rows = await connection.query((sql) => sql<RouteRow[]>`${routes(sql, now)}`);
  return rows.map(toRoute);
}

export async function selectRoutesOf(
  connection: DedicatedConnection,
  previewIds: readonly string[],
  now: Date,
): Promise<Route[]> {
  const rows = await connection.query(
    (sql) => sql<RouteRow[]>`
      ${routes(sql, now)} and previews.id = any (string_to_array(${previewIds.join(",")}, ','))`,
  );
  return rows.map(toRoute);
}

interface RouteRow {
  readonly linkId: string;
  readonly previewId: string;
  readonly launchId: string;
  readonly sandboxId: string;
  readonly port: number;
  readonly hostMode: HostMode;
  readonly socketScript: boolean;
  readonly tokenHash: string;
  readonly expiresAt: Date;
  readonly state: PreviewState;
  readonly process: ProcessIdentity | null;
  readonly listener: Listener | null;
  readonly gated: boolean;
  readonly org: string;
  readonly project: string;
  readonly guests: string[];
  readonly embedOrigins: string[];
  readonly label: string | null;
  readonly problems: readonly Problem[] | null;
}

/**
 * A route is a live link of the present launch of a preview that is not stopped and that nobody asked
 * to stop. The listener is told only for the port it is bound to.
 */
function routes(sql: Sql, now: Date): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    select links.id as link_id, previews.id as preview_id, previews.launch_id, previews.sandbox_id, links.port,
      previews.host_mode, previews.socket_script,
      links.token_hash, links.expires_at, links.gated, links.label, previews.guests, previews.embed_origins,
      projects.org, projects.slug as project, previews.state,
      case when previews.state in ('idle', 'crashed') then previews.problems end as problems, previews.process,
      case when links.port = previews.port then previews.listener end as listener
    from links
    join previews on previews.id = links.preview_id and previews.launch_id = links.launch_id
    join projects on projects.id = previews.project_id
    where links.revoked_at is null and links.expires_at > ${now}
      and previews.state <> 'stopped' and previews.stop_requested_at is null`;
}

function toRoute(row: RouteRow): Route {
  const { process, listener, expiresAt, gated, org, project, guests, embedOrigins, label, problems, ...route } = row;
  return {
    ...route,
    expiresAt: expiresAt.getTime(),
    ...(process && { process }),
    ...(listener && { listener }),
    ...(embedOrigins.length > 0 && { embedOrigins }),
    ...(gated && { gated: { org, project, guests, ...(label !== null && { tokenOnly: true }) } }),
    ...(problems !== null && problems.length > 0 && { problems: problems.map(({ message }) => message) }),
  };
}
