import type postgres from "postgres";
import type { LoginStore, NewTicket, SessionsOf, ShownSession } from "../login/contract.ts";
import type { Actor } from "../preview/events/events.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { LiveSession } from "../preview/route.ts";
import type { Client } from "./client.ts";
import { fromRow, jsonText } from "./row.ts";
import type { Row } from "./row.ts";
import { toLiveSession } from "./session-queries.ts";
import type { SessionRow } from "./session-queries.ts";
import type { Sql } from "./target.ts";
import { telling } from "./told.ts";

export function createLoginStore(client: Client): LoginStore {
  return {
    insertSession: (session) => insertSession(client, session),
    endSession: (id) => endSession(client, id),
    listSessions: async (whose, now) =>
      (await selectSessionsOf(client, whose, now)).map((row) => fromRow<ShownSession>(row)),
    endSessions: async (whose, by) => (await endSessionsOf(client, whose, by)).length,
    insertTicket: (ticket) => insertTicket(client, ticket),
    async takeTicket(hash, now) {
      const [row] = await takeTicket(client, hash, now);
      if (row === undefined) return undefined;
      const { sandboxId, port, browserHash, path, ticketExpiresAt, ...session } = row;
      const ticket = { hash, sessionId: row.id, sandboxId, port, browserHash, path, expiresAt: ticketExpiresAt };
      return { ...ticket, session: toLiveSession(session) };
    },
  };
}

/** What has been over for a day goes with it. */
async function insertSession(client: Client, session: LiveSession): Promise<void> {
  const { id, org, user, projects, expiresAt } = session;
  await client.query(
    (sql) => sql`
      with swept as (delete from sessions where expires_at < now() - interval '1 day')
      insert into sessions (id, org, user_name, projects, expires_at)
      values (${id}, ${org ?? null}, ${user}, ${projects ? jsonText(projects) : null}::text::jsonb, ${new Date(expiresAt)})`,
  );
}

async function endSession(client: Client, id: string): Promise<void> {
  await client.query((sql) => sql`update sessions set revoked_at = now() where id = ${id} and revoked_at is null`);
}

/** The condition of the sessions of an org; who is of none is with the plane's own. */
function belongs(sql: Sql, { org, user = "" }: SessionsOf): postgres.PendingQuery<postgres.Row[]> {
  return sql`coalesce(org, ${ownOrg}) = ${org} and (${user === ""}::boolean or user_name = ${user}) and revoked_at is null`;
}

function selectSessionsOf(client: Client, whose: SessionsOf, now: Date): Promise<Row<ShownSession>[]> {
  return client.query(
    (sql) => sql<Row<ShownSession>[]>`
      select left(id, 16) as id, org, user_name as "user", created_at, expires_at from sessions
      where ${belongs(sql, whose)} and expires_at > ${now}
      order by created_at, id`,
  );
}

function endSessionsOf(client: Client, whose: SessionsOf, by: Actor): Promise<{ id: string }[]> {
  return client.query(
    (sql) => sql<{ id: string }[]>`
      update sessions set revoked_at = now()
      where ${belongs(sql, whose)} and expires_at > now() and ${telling(sql, { by, cause: "revoked" })}
      returning id`,
  );
}

async function insertTicket(client: Client, ticket: NewTicket): Promise<void> {
  const { hash, sessionId, sandboxId, port, browserHash, path, expiresAt } = ticket;
  await client.query(
    (sql) => sql`
      with swept as (delete from tickets where expires_at < now() - interval '1 day')
      insert into tickets (hash, session_id, sandbox_id, port, browser_hash, path, expires_at)
      values (${hash}, ${sessionId}, ${sandboxId}, ${port}, ${browserHash}, ${path}, ${expiresAt})`,
  );
}

type TicketRow = SessionRow & {
  readonly sandboxId: string;
  readonly port: number;
  readonly browserHash: string;
  readonly path: string;
  readonly ticketExpiresAt: Date;
};

/** One statement: of two that come at once, one finds it gone. */
function takeTicket(client: Client, hash: string, now: Date): Promise<TicketRow[]> {
  return client.query(
    (sql) => sql<TicketRow[]>`
      with taken as (delete from tickets where hash = ${hash} returning *)
      select sessions.id, sessions.org, sessions.user_name, sessions.projects, sessions.expires_at,
        taken.sandbox_id, taken.port, taken.browser_hash, taken.path, taken.expires_at as ticket_expires_at
      from taken join sessions on sessions.id = taken.session_id
      where taken.expires_at > ${now} and sessions.revoked_at is null and sessions.expires_at > ${now}`,
  );
}
