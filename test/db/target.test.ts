import { afterEach, expect, test } from "vitest";
import { connect } from "../../src/db/target.ts";
import type { Sql } from "../../src/db/target.ts";
import { PreviewError } from "../../src/errors.ts";
import { openTestDatabase } from "../support/database.ts";

const clients: Sql[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.end({ timeout: 1 }))));

function open(url: string): Sql {
  const client = connect({ url }, { max: 1, applicationName: "test" });
  clients.push(client);
  return client;
}

test("a URL says host, port, user and database", () => {
  const { options } = open("postgres://alice:secret@db.example:6543/app?sslmode=require");
  expect(options).toMatchObject({ host: ["db.example"], port: [6543], user: "alice", database: "app", ssl: "require" });
});

test("what a provider adds for libpq is left out, other settings are passed on", () => {
  const { options } = open("postgres://a@h/db?channel_binding=require&application_name=mine");
  expect(options.connection).not.toHaveProperty("channel_binding");
  expect(options.connection).toMatchObject({ application_name: "mine", search_path: "dev_preview" });
});

test("a URL may name the directory of a Unix socket", async () => {
  const db = await openTestDatabase();
  const { host, user, database } = db.connection;
  const sql = open(`postgres://${user}@localhost/${database}?host=${encodeURIComponent(host)}`);
  expect(await sql`select count(*)::integer as count from projects`).toEqual([{ count: 0 }]);
  await sql.end();
  await db.close();
});

test("a URL that is none is refused without being repeated", () => {
  for (const url of ["not a url", "postgres://user:secret@/x", "secret"]) {
    const refused = () => open(url);
    expect(refused).toThrow(PreviewError);
    expect(refused).toThrow(expect.objectContaining({ code: "config_invalid" }));
    expect(refused).not.toThrow(/secret/);
  }
});

test("every statement is bounded on the server, and sees our schema", async () => {
  const db = await openTestDatabase();
  const sql = connect({ connection: db.connection }, { max: 1, applicationName: "test", statementTimeoutMs: 50 });
  await expect(sql`select pg_sleep(5)`).rejects.toMatchObject({ code: "57014" });
  expect(await sql`select current_schema() as name`).toEqual([{ name: "dev_preview" }]);
  await sql.end();
  await db.close();
});
