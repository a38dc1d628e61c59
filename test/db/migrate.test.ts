import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { migrate, readMigrations } from "../../src/db/migrate.ts";
import type { Migration } from "../../src/db/migrate.ts";
import type { ServerConnection } from "../../src/db/target.ts";
import { createLogger } from "../../src/logger.ts";
import { startEmbeddedTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";

const logger = createLogger("silent");
let server: TestServer;
let connection: ServerConnection;
let admin: postgres.Sql;

beforeAll(async () => {
  server = await startEmbeddedTestServer();
});
afterAll(() => server.close());
beforeEach(async () => {
  const root = postgres({ ...server.connection, max: 1 });
  await root`drop database if exists migrated`;
  await root`create database migrated`;
  await root.end();
  connection = { ...server.connection, database: "migrated" };
  admin = postgres({ ...connection, max: 1, connection: { search_path: "dev_preview" } });
});
afterEach(() => admin.end());

const one = migration(1, "create table one (id integer)");
const two = migration(2, "create table two (id integer); insert into two values (1), (2)");

test("the migrations of the package bring an empty database up to date", async () => {
  await migrate({ connection }, { logger });
  const tables = await admin<{ name: string }[]>`
    select table_name as name from information_schema.tables where table_schema = 'dev_preview' order by 1`;
  const wanted = [
    "accesses",
    "api_keys",
    "events",
    "leases",
    "links",
    "migrations",
    "planes",
    "preview_starts",
    "previews",
    "projects",
    "sessions",
    "signing_keys",
    "sweeps",
    "tickets",
  ];
  expect(tables.map(({ name }) => name)).toEqual(wanted);
  const outside = await admin`select 1 from information_schema.tables where table_schema = 'public'`;
  expect(outside).toHaveLength(0);
});

test("applied migrations are left alone, and new ones are added in order", async () => {
  await migrate({ connection }, { logger, migrations: [one] });
  await migrate({ connection }, { logger, migrations: [one] });
  await migrate({ connection }, { logger, migrations: [one, two] });
  expect(await versions()).toEqual([1, 2]);
  expect(await admin`select id from two`).toHaveLength(2);
});

test("five planes that start at once wait for each other and all go on", async () => {
  const slow = migration(3, "select pg_sleep(0.2); create table three (id integer)");
  const migrations = [one, two, slow];
  await Promise.all(Array.from({ length: 5 }, () => migrate({ connection }, { logger, migrations })));
  expect(await versions()).toEqual([1, 2, 3]);
});

test("a migration that fails leaves nothing of itself, and those before it applied", async () => {
  const broken = migration(2, "create table two (id integer); create table one (id integer)");
  await expect(migrate({ connection }, { logger, migrations: [one, broken] })).rejects.toMatchObject({ code: "42P07" });
  expect(await versions()).toEqual([1]);
  expect(await admin`select to_regclass('two') as found`).toEqual([{ found: null }]);
  await migrate({ connection }, { logger, migrations: [one, two] });
  expect(await versions()).toEqual([1, 2]);
});

test("a schema that is newer than the code is refused, with both versions", async () => {
  await migrate({ connection }, { logger, migrations: [one, two] });
  const older = migrate({ connection }, { logger, migrations: [one] });
  await expect(older).rejects.toMatchObject({ code: "schema_too_new", message: expect.stringMatching(/2.*1/) });
});

test("a migration that was altered after it was applied is reported by name", async () => {
  await migrate({ connection }, { logger, migrations: [one] });
  const altered = { ...one, checksum: "0".repeat(64) };
  const again = migrate({ connection }, { logger, migrations: [altered, two] });
  await expect(again).rejects.toMatchObject({
    code: "database_unsupported",
    message: expect.stringContaining("0001_made.sql"),
  });
  expect(await versions()).toEqual([1]);
});

test("a user that may not create the schema is refused with what to grant, and one that may is not", async () => {
  await admin`create role guest login`;
  const guest = { connection: { ...connection, user: "guest" } };
  await expect(migrate(guest, { logger, migrations: [one] })).rejects.toMatchObject({
    code: "database_unsupported",
    hint: expect.stringContaining("CREATE"),
  });
  await admin`grant create on database migrated to guest`;
  await migrate(guest, { logger, migrations: [one] });
  await admin`drop owned by guest cascade`;
  await admin`drop role guest`;
});

test("a migrator that is cut off lets the next one finish", async () => {
  const slow = migration(1, "create table one (id integer); select pg_sleep(30)");
  const cut = migrate({ connection }, { logger, migrations: [slow] });
  const refused = expect(cut).rejects.toMatchObject({ code: "database_unavailable" });
  const kill = () => admin`
    select pg_terminate_backend(pid) from pg_stat_activity
    where application_name = 'dev-preview migrate' and wait_event = 'PgSleep'`;
  await expect.poll(async () => (await kill()).length, { timeout: 10_000 }).toBe(1);
  await refused;
  await migrate({ connection }, { logger, migrations: [one] });
  expect(await versions()).toEqual([1]);
});

test("files are read in the order of their numbers, whatever their line ends, and nothing else is", async () => {
  const directory = await mkdtemp(join(tmpdir(), "dpp-migrations-"));
  await writeFile(join(directory, "0002_second.sql"), "select 2;\r\n");
  await writeFile(join(directory, "0001_first.sql"), "select 1;\n");
  await writeFile(join(directory, "README.md"), "not a migration");
  const found = await readMigrations(pathToFileURL(`${directory}/`));
  expect(found.map(({ version, name }) => [version, name])).toEqual([
    [1, "0001_first.sql"],
    [2, "0002_second.sql"],
  ]);
  expect(found[1]?.checksum).toBe(createHash("sha256").update("select 2;\n").digest("hex"));
  await rm(directory, { recursive: true });
});

async function versions(): Promise<number[]> {
  const rows = await admin<{ version: number }[]>`select version from migrations order by version`;
  return rows.map(({ version }) => version);
}

function migration(version: number, sql: string): Migration {
  const checksum = createHash("sha256").update(sql).digest("hex");
  return { version, name: `${String(version).padStart(4, "0")}_made.sql`, sql, checksum };
}
