import type postgres from "postgres";
import type { LiveSession } from "../preview/route.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import type { Sql } from "./target.ts";

/** Before the id of a session, on the channel that otherwise carries ids of previews. */
export const sessionPrefix = "session:";

export interface SessionRow {
  readonly id: string;
  readonly org: string | null;
  readonly userName: string;
  readonly projects: string[] | null;
  readonly expiresAt: Date;
}

/** Every session that is neither over nor ended. */
export async function selectSessions(connection: DedicatedConnection, now: Date): Promise<LiveSession[]> {
  return (await connection.query((sql) => sql<SessionRow[]>`${sessions(sql, now)}`)).map(toLiveSession);
}

export async function selectSessionsOf(
  connection: DedicatedConnection,
  ids: readonly string[],
  now: Date,
): Promise<LiveSession[]> {
  const rows = await connection.query(
    (sql) => sql<SessionRow[]>`${sessions(sql, now)} and id = any (string_to_array(${ids.join(",")}, ','))`,
  );
  return rows.map(toLiveSession);
}

export function toLiveSession({ id, org, userName, projects, expiresAt }: SessionRow): LiveSession {
  return {
    id,
    ...(org !== null && { org }),
    user: userName,
    expiresAt: expiresAt.getTime(),
    ...(projects && { projects }),
  };
}

function sessions(sql: Sql, now: Date): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    select id, org, user_name, projects, expires_at from sessions
    where revoked_at is null and expires_at > ${now}`;
}
