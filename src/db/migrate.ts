import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { StatementError } from "./database-error.ts";
import { openDedicatedConnection } from "./dedicated-connection.ts";
import type { DedicatedConnection } from "./dedicated-connection.ts";
import { schemaName } from "./target.ts";
import type { DatabaseTarget } from "./target.ts";

export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with `\n` line ends, hex. */
  readonly checksum: string;
}

export interface MigrateOptions {
  readonly logger: Logger;
  /** Default: the files beside this one. */
  readonly migrations?: readonly Migration[];
}

/** Longest wait for another plane that migrates, and longest single migration. */
const migrationTimeoutMs = 60_000;
/** Any number that nobody else in the database uses for an advisory lock. */
const lockKey = "7302116594427";
/** xid8 and pg_current_snapshot appeared in 13. */
const oldestServer = 130_000;
const insufficientPrivilege = "42501";

/**
 * Brings the schema to the newest version that this code knows. Planes that start together wait for
 * each other; each migration is one transaction. Throws `PreviewError`: `schema_too_new` when the
 * schema is ahead of the code, `database_unsupported` when an applied migration was altered or the
 * server is too old, `database_unavailable`.
 */
export async function migrate(target: DatabaseTarget, options: MigrateOptions): Promise<void> {
  const migrations = options.migrations ?? (await readMigrations(new URL("./migrations/", import.meta.url)));
  const connection = openDedicatedConnection(target, {
    applicationName: "dev-preview migrate",
    statementTimeoutMs: migrationTimeoutMs,
  });
  try {
    await checkServer(connection);
    if (pending(migrations, await readApplied(connection)).length === 0) return;
    await connection.query((sql) => sql`select pg_advisory_lock(${lockKey}::bigint)`);
    await createLedger(connection).catch(explainRefusal);
    for (const migration of pending(migrations, await readApplied(connection))) {
      await apply(connection, migration);
      options.logger.info(
        { event: "db.migrated", version: migration.version, name: migration.name },
        "schema migrated",
      );
    }
  } finally {
    // ends the session, and with it the lock
    await connection.close();
  }
}

/** Reads `0001_name.sql` … from a directory, in order. */
export async function readMigrations(directory: URL): Promise<Migration[]> {
  const names = (await readdir(directory)).filter((name) => /^[0-9]{4}_[a-z0-9_]+\.sql$/.test(name)).sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = (await readFile(new URL(name, directory), "utf8")).replaceAll("\r\n", "\n");
      const checksum = createHash("sha256").update(sql).digest("hex");
      return { version: Number(name.slice(0, 4)), name, sql, checksum };
    }),
  );
}

interface Applied {
  readonly version: number;
  readonly checksum: string;
}

async function checkServer(connection: DedicatedConnection): Promise<void> {
  const [row] = await connection.query(
    (sql) => sql<{ number: string; text: string }[]>`
      select current_setting('server_version_num') as number, current_setting('server_version') as text`,
  );
  if (row !== undefined && Number(row.number) >= oldestServer) return;
  throw new PreviewError("database_unsupported", `PostgreSQL ${row?.text ?? "?"} is too old`, {
    hint: "Point DATABASE_URL at PostgreSQL 13 or newer.",
  });
}

async function readApplied(connection: DedicatedConnection): Promise<Applied[]> {
  const [ledger] = await connection.query(
    (sql) => sql<{ present: boolean }[]>`
      select to_regclass(${`${schemaName}.migrations`}) is not null as present`,
  );
  if (ledger?.present !== true) return [];
  return connection.query((sql) => sql<Applied[]>`select version, checksum from migrations order by version`);
}

/** What is still to be applied; throws when what is applied is not a prefix of what the code knows. */
function pending(migrations: readonly Migration[], applied: readonly Applied[]): Migration[] {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  for (const { version, checksum } of applied) {
    const migration = known.get(version);
    if (migration === undefined) throw tooNew(version, migrations.at(-1)?.version ?? 0);
    if (migration.checksum !== checksum) throw altered(migration);
  }
  const done = new Set(applied.map(({ version }) => version));
  return migrations.filter(({ version }) => !done.has(version));
}

async function createLedger(connection: DedicatedConnection): Promise<void> {
  await connection.query((sql) => sql`create schema if not exists ${sql(schemaName)}`);
  await connection.query(
    (sql) => sql`
      create table if not exists migrations (
        version integer primary key,
        name text not null,
        checksum text not null,
        applied_at timestamptz not null default now()
      )`,
  );
}

function explainRefusal(error: unknown): never {
  if (!(error instanceof StatementError) || error.code !== insufficientPrivilege) throw error;
  throw new PreviewError("database_unsupported", `the database user may not create the schema ${schemaName}`, {
    hint: `Grant it CREATE on the database, or create the schema ${schemaName} for it.`,
    cause: error,
  });
}

/** The statements of one simple query are one transaction: all of it happens, or none. */
async function apply(connection: DedicatedConnection, migration: Migration): Promise<void> {
  const { version, name, checksum, sql: text } = migration;
  const record = `insert into migrations (version, name, checksum) values (${version}, '${name}', '${checksum}')`;
  await connection.query((sql) => sql.unsafe(`${text};\n${record};`));
}

function tooNew(version: number, newest: number): PreviewError {
  return new PreviewError(
    "schema_too_new",
    `the database's schema has version ${version}, this program knows ${newest}`,
    { hint: "Upgrade dev-preview-plane here to the version that the other planes on this database run." },
  );
}

function altered(migration: Migration): PreviewError {
  return new PreviewError("database_unsupported", `migration ${migration.name} was altered after it was applied`, {
    hint: "Restore the file as released; a change of the schema is a new migration.",
  });
}
