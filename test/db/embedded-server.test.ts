import { spawn } from "node:child_process";
import { chownSync, existsSync, lstatSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import postgres from "postgres";
import { afterEach, expect, test } from "vitest";
import { startEmbeddedServer } from "../../src/db/embedded-server.ts";
import type { EmbeddedServer } from "../../src/db/embedded-server.ts";
import { isServing } from "../../src/db/postmaster.ts";
import { createLogger } from "../../src/logger.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

test("a new database is made, answers on its socket and listens on no TCP port", async () => {
  const { directory } = await makeDirectory();
  const server = await start(directory);
  const sql = client(server);
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  const [settings] = await sql`
    select current_setting('listen_addresses') as listen, current_setting('fsync') as fsync,
      current_setting('server_encoding') as encoding`;
  expect(settings).toEqual({ listen: "", fsync: "on", encoding: "UTF8" });
});

test("data and socket are in directories that only the owner enters", async () => {
  const { directory } = await makeDirectory();
  const { connection } = await start(directory);
  expect(statSync(connection.host).mode & 0o777).toBe(0o700);
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  expect(statSync(join(connection.host, ".s.PGSQL.5432")).mode & 0o077).toBe(0);
});

test("close stops the server, and a later start finds the data", async () => {
  const { directory } = await makeDirectory();
  const first = await start(directory);
  await use(first, (sql) => sql`create table kept as select 42 as answer`);
  await Promise.all([first.close(), first.close()]);
  expect(await isServing(first.pid(), join(directory, "data"))).toBe(false);
  const second = await start(directory);
  expect(await use(second, (sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("a running server is adopted, and closing one of two handles leaves it to the other", async () => {
  const { directory } = await makeDirectory();
  const [first, second] = [await start(directory), await start(directory)];
  expect(second.pid()).toBe(first.pid());
  const sql = client(second);
  await sql`select 1`;
  await first.close();
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  await sql.end();
  await second.close();
  expect(await isServing(first.pid(), join(directory, "data"))).toBe(false);
});

test("four starts at once of a directory that does not exist are one server", async () => {
  const { directory } = await makeDirectory();
  const servers = await Promise.all([1, 2, 3, 4].map(() => start(directory)));
  expect(new Set(servers.map((server) => server.pid())).size).toBe(1);
  await use(servers[0]!, (sql) => sql`select 1`);
});

test("handles that are closed at the same time leave nothing running", async () => {
  const { directory } = await makeDirectory();
  const servers = [await start(directory), await start(directory), await start(directory)];
  await Promise.all(servers.map((server) => server.close()));
  expect(await isServing(servers[0]!.pid(), join(directory, "data"))).toBe(false);
});

test("a server that is killed is started again, with what was committed", async () => {
  const { directory } = await makeDirectory();
  const server = await start(directory);
  await use(server, (sql) => sql`create table kept as select 42 as answer`);
  for (let round = 0; round < 3; round += 1) {
    const killed = server.pid();
    process.kill(killed, "SIGKILL");
    await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(killed);
    expect(await use(server, (sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
  }
});

test("a server that lost its socket file is replaced, as nobody can reach it any more", async () => {
  const { directory } = await makeDirectory();
  const server = await start(directory);
  await use(server, (sql) => sql`create table kept as select 42 as answer`);
  const cutOff = server.pid();
  rmSync(join(server.connection.host, ".s.PGSQL.5432"));
  await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(cutOff);
  expect(await isServing(cutOff, join(directory, "data"))).toBe(false);
  expect(await use(server, (sql) => sql`select answer from kept`)).toEqual([{ answer: 42 }]);
});

test("a lock file whose pid a stranger has now does not keep the server from starting", async () => {
  const { directory } = await makeDirectory();
  const first = await start(directory);
  const { host } = first.connection;
  const data = join(host, "data");
  const files = [join(data, "postmaster.pid"), join(host, ".s.PGSQL.5432.lock")];
  const locks = files.map((path) => readFileSync(path, "utf8"));
  await first.close();
  // as after a restart of a container: the files are left, and their pid is another process of the same user
  const { uid, gid } = statSync(data);
  const stranger = spawn("sleep", ["60"], process.geteuid?.() === 0 ? { uid, gid } : {});
  cleanups.push(() => stranger.kill("SIGKILL"));
  for (const [index, path] of files.entries()) {
    writeFileSync(path, locks[index]!.replace(/^[0-9]+/, String(stranger.pid)), { mode: 0o600 });
    chownSync(path, uid, gid);
  }
  const second = await start(directory);
  expect(await isServing(second.pid(), data)).toBe(true);
  await use(second, (sql) => sql`select 1`);
  expect(stranger.exitCode).toBeNull();
});

test("a path that is too long for a socket gets a short one, which is the owner's alone", async () => {
  const { directory } = await makeDirectory("x".repeat(90));
  const server = await start(directory);
  const { host } = server.connection;
  cleanups.push(() => rmSync(host, { recursive: true, force: true }));
  expect(host.startsWith(tmpdir())).toBe(true);
  expect(join(host, ".s.PGSQL.5432").length).toBeLessThan(104);
  expect(lstatSync(host).mode & 0o777).toBe(0o700);
  await use(server, (sql) => sql`select 1`);
  await server.close();
  expect(existsSync(host)).toBe(false);
});

test("a short socket directory that somebody else made is refused", async () => {
  const { directory } = await makeDirectory("y".repeat(90));
  const server = await start(directory);
  const { host } = server.connection;
  cleanups.push(() => rmSync(host, { recursive: true, force: true }));
  await server.close();
  mkdirSync(host, { mode: 0o777 });
  await expect(start(directory)).rejects.toMatchObject({ code: "database_unsupported" });
});

test("a server that cannot start names its log", async () => {
  const { directory } = await makeDirectory();
  const server = await start(directory);
  await server.close();
  writeFileSync(join(server.connection.host, "data", "postgresql.conf"), "no_such_setting = 1\n");
  await expect(start(directory)).rejects.toMatchObject({
    code: "database_unavailable",
    hint: expect.stringContaining("postgres.log"),
  });
}, 40_000);

test("a directory that cannot be made is refused, and pointed to DATABASE_URL", async () => {
  const { directory } = await makeDirectory();
  mkdirSync(dirname(dirname(directory)), { recursive: true });
  writeFileSync(dirname(directory), "a file where the state directory should be");
  await expect(start(directory)).rejects.toMatchObject({
    code: "database_unsupported",
    hint: expect.stringContaining("DATABASE_URL"),
  });
});

test("an aborted start leaves nothing running", async () => {
  const { directory } = await makeDirectory();
  const first = await start(directory);
  await first.close();
  const stop = new AbortController();
  stop.abort(new Error("not now"));
  await expect(startEmbeddedServer({ directory, logger: createLogger("silent"), signal: stop.signal })).rejects.toThrow(
    "not now",
  );
  expect(existsSync(join(first.connection.host, "data", "postmaster.pid"))).toBe(false);
});

async function makeDirectory(name = "state"): Promise<{ directory: string }> {
  const root = await mkdtemp(join(tmpdir(), "dpp-server-"));
  cleanups.push(() => rmSync(root, { recursive: true, force: true }));
  return { directory: join(root, name, "postgres") };
}

async function start(directory: string): Promise<EmbeddedServer> {
  const server = await startEmbeddedServer({ directory, logger: createLogger("silent") });
  cleanups.push(() => server.close());
  return server;
}

function client(server: EmbeddedServer): postgres.Sql {
  const sql = postgres({ ...server.connection, max: 1 });
  cleanups.push(() => sql.end({ timeout: 1 }));
  return sql;
}

async function use<T>(server: EmbeddedServer, ask: (sql: postgres.Sql) => PromiseLike<T>): Promise<T> {
  const sql = postgres({ ...server.connection, max: 1 });
  try {
    return await ask(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}
