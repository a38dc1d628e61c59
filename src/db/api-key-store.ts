import type postgres from "postgres";
import type { Actor } from "../preview/events/events.ts";
import type { GrantableScope } from "../scopes.ts";
import type { Client } from "./client.ts";
import { fromRow, jsonText } from "./row.ts";
import type { Row } from "./row.ts";
import type { Sql } from "./target.ts";
import { telling } from "./told.ts";

export interface ApiKeyRecord {
  /** 16 lower-case hex digits, as inside the key. */
  readonly id: string;
  readonly org: string;
  readonly userName: string;
  /** What its maker calls it. */
  readonly label: string;
  readonly scopes: readonly GrantableScope[];
  /** Slugs; absent: every project of the org. */
  readonly projects?: readonly string[];
  /** SHA-256 of the secret, hex. The secret itself is never stored. */
  readonly secretHash: string;
  /** The secret before the last rotation, while its grace lasts. */
  readonly previousHash?: string;
  readonly previousExpiresAt?: Date;
  readonly createdAt: Date;
  readonly rotatedAt?: Date;
  readonly expiresAt?: Date;
  readonly revokedAt?: Date;
  readonly lastUsedAt?: Date;
}

export type NewApiKey = Pick<
  ApiKeyRecord,
  "id" | "org" | "userName" | "label" | "scopes" | "projects" | "secretHash" | "expiresAt"
>;

export interface ApiKeyStore {
  insert(key: NewApiKey, by?: Actor): Promise<ApiKeyRecord>;
  byId(id: string): Promise<ApiKeyRecord | undefined>;
  /** Oldest first. */
  list(org: string): Promise<ApiKeyRecord[]>;
  /** Undefined when the org has no such key, or it is revoked. */
  rotate(org: string, id: string, rotation: KeyRotation & { readonly by?: Actor }): Promise<ApiKeyRecord | undefined>;
  /** Idempotent; undefined when the org has no such key. */
  revoke(org: string, id: string, by?: Actor): Promise<ApiKeyRecord | undefined>;
  /** Moves `lastUsedAt` forward for many keys in one statement. */
  touch(uses: readonly { readonly id: string; readonly at: Date }[]): Promise<void>;
}

export interface KeyRotation {
  readonly secretHash: string;
  /** Until then the secret before is good too. */
  readonly graceUntil: Date;
}

export function createApiKeyStore(client: Client): ApiKeyStore {
  return {
    async insert(key, by) {
      const [row] = await insertKey(client, key, by);
      if (row === undefined) throw new Error("an insert returned no row");
      return toRecord(row);
    },
    byId: async (id) => first(await selectKey(client, id)),
    list: async (org) => (await selectKeys(client, org)).map(toRecord),
    rotate: async (org, id, rotation) => first(await rotateKey(client, { org, id, ...rotation })),
    revoke: async (org, id, by) => first(await revokeKey(client, { org, id, by })),
    touch: (uses) => touchKeys(client, uses),
  };
}

type KeyRow = Row<ApiKeyRecord>;

function keyColumns(sql: Sql): postgres.PendingQuery<postgres.Row[]> {
  return sql`
    id, org, user_name, label, scopes, projects, secret_hash, previous_hash, previous_expires_at, created_at,
    rotated_at, expires_at, revoked_at, last_used_at`;
}

function insertKey(client: Client, key: NewApiKey, by: Actor | undefined): Promise<KeyRow[]> {
  const { id, org, userName, label, scopes, projects = null, secretHash, expiresAt = null } = key;
  return client.query(
    (sql) => sql<KeyRow[]>`
      insert into api_keys (id, org, user_name, label, scopes, projects, secret_hash, expires_at)
      select
        ${id}, ${org}, ${userName}, ${label}, ${jsonText(scopes)}::text::jsonb, ${projects && jsonText(projects)}::text::jsonb,
        ${secretHash}, ${expiresAt}::timestamptz
      where ${telling(sql, { by })}
      returning ${keyColumns(sql)}`,
  );
}

function selectKey(client: Client, id: string): Promise<KeyRow[]> {
  return client.query((sql) => sql<KeyRow[]>`select ${keyColumns(sql)} from api_keys where id = ${id}`);
}

function selectKeys(client: Client, org: string): Promise<KeyRow[]> {
  return client.query(
    (sql) => sql<KeyRow[]>`select ${keyColumns(sql)} from api_keys where org = ${org} order by created_at, id`,
  );
}

type RotatedKey = KeyRotation & { readonly org: string; readonly id: string; readonly by?: Actor };

function rotateKey(client: Client, key: RotatedKey): Promise<KeyRow[]> {
  return client.query(
    (sql) => sql<KeyRow[]>`
      update api_keys set
        previous_hash = secret_hash, previous_expires_at = ${key.graceUntil},
        secret_hash = ${key.secretHash}, rotated_at = now()
      where org = ${key.org} and id = ${key.id} and revoked_at is null and ${telling(sql, { by: key.by })}
      returning ${keyColumns(sql)}`,
  );
}

interface Revocation {
  readonly org: string;
  readonly id: string;
  readonly by: Actor | undefined;
}

function revokeKey(client: Client, { org, id, by }: Revocation): Promise<KeyRow[]> {
  return client.query(
    (sql) => sql<KeyRow[]>`
      update api_keys set revoked_at = coalesce(revoked_at, now())
      where org = ${org} and id = ${id} and ${telling(sql, { by })}
      returning ${keyColumns(sql)}`,
  );
}

/** Rows are locked in the order of their ids: batches of two planes never wait for each other in a ring. */
async function touchKeys(client: Client, uses: readonly { id: string; at: Date }[]): Promise<void> {
  if (uses.length === 0) return;
  await client.query(
    (sql) => sql`
      with used as (
        select api_keys.id, seen.at
        from api_keys join jsonb_to_recordset(${jsonText(uses)}::text::jsonb) as seen (id text, at timestamptz)
          on seen.id = api_keys.id
        order by api_keys.id
        for no key update of api_keys
      )
      update api_keys set last_used_at = greatest(last_used_at, used.at)
      from used where api_keys.id = used.id`,
  );
}

function first(rows: readonly KeyRow[]): ApiKeyRecord | undefined {
  return rows[0] && toRecord(rows[0]);
}

function toRecord(row: KeyRow): ApiKeyRecord {
  return fromRow<ApiKeyRecord>(row);
}
