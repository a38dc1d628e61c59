import { setTimeout as pause } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { openDatabase } from "../../src/db/open-database.ts";
import type { OpenDatabaseOptions } from "../../src/db/open-database.ts";
import { PreviewError } from "../../src/errors.ts";
import { createLogger } from "../../src/logger.ts";
import type { Database } from "../../src/preview/store.ts";
import type { StartTestServer, TestServer } from "../support/database-server.ts";
import { claimed, followRoutes, listenerOn, newLink, newPreview, ready, someProcess } from "./database-fixture.ts";

/** Everything that a caller may ask for while the server is away. */
const everyMethod: Record<string, (db: Database) => Promise<unknown>> = {
  "projects.put": (db) => db.projects.put({ org: "o", slug: "s", sandboxDriver: "local", workspaceRoot: "/w" }),
  "projects.bySlug": (db) => db.projects.bySlug("o", "s"),
  "projects.list": (db) => db.projects.list("o"),
  "projects.remove": (db) => db.projects.remove("o", "s"),
  "previews.claim": (db) => db.previews.claim(newPreview("project")),
  "previews.byId": (db) => db.previews.byId("id"),
  "previews.byName": (db) => db.previews.byName("project", "web"),
  "previews.byPort": (db) => db.previews.byPort("project", 3000),
  "previews.list": (db) => db.previews.list("project", { includeStopped: true }),
  "previews.listLive": (db) => db.previews.listLive("sandbox"),
  "previews.recordProcess": (db) => db.previews.recordProcess("launch", someProcess),
  "previews.recordListener": (db) => db.previews.recordListener("launch", listenerOn(3000)),
  "previews.transition": (db) => db.previews.transition("launch", { from: ["starting"], to: "ready" }),
  "previews.requestStop": (db) => db.previews.requestStop("id"),
  "previews.adopt": (db) => db.previews.adopt("launch", "a", "b"),
  "previews.touch": (db) => db.previews.touch([{ previewId: "id", at: new Date() }]),
  "links.live": (db) => db.links.live({ launchId: "launch", port: 3000, gated: false }, new Date()),
  "links.narrow": (db) => db.links.narrow({ every: "members", own: {} }),
  "links.revoke": (db) => db.links.revoke("id"),
  "leases.reserve": (db) =>
    db.leases.reserve({ sandboxId: "s", port: 1, launchId: "l", expiresAt: new Date(Date.now() + 1000) }),
  "leases.release": (db) => db.leases.release("l"),
  "planes.beat": (db) => db.planes.beat({ id: "p", sandboxId: "s", pid: 1, startTime: "t" }),
  "planes.byId": (db) => db.planes.byId("p"),
  "planes.remove": (db) => db.planes.remove("p"),
  "keys.agree": (db) => db.keys.agree(1, "f"),
  "routeFeed.start": (db) => db.routeFeed().start({ onSnapshot() {}, onChange() {} }),
  ping: (db) => db.ping(),
};

const patient = { timeout: 15_000, interval: 20 };
/** "A few seconds", on a machine that does other things as well. */
const fewSeconds = 9_000;

/** How a `Database` behaves while its server is away, and that it needs no restart afterwards. */
export function databaseOutageContract(startServer: StartTestServer): void {
  let server: TestServer;
  let db: Database;
  const opened: Database[] = [];

  async function open(options: Partial<OpenDatabaseOptions> = {}): Promise<Database> {
    const defaults = { logger: createLogger("silent"), clock: systemClock };
    const database = await openDatabase({ connection: server.connection }, { ...defaults, ...options });
    opened.push(database);
    return database;
  }

  beforeAll(async () => {
    server = await startServer();
  });
  beforeEach(async () => {
    const admin = postgres({ ...server.connection, max: 1, onnotice: () => {} });
    await admin`drop schema if exists dev_preview cascade`;
    await admin.end();
    db = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });
  afterAll(() => server?.close());

  test("killed connections cost single calls, and each of those says that it may be repeated", async () => {
    const preview = await ready(db);
    const admin = postgres({ ...server.connection, max: 1 });
    const outcomes = { answered: 0, refused: 0 };
    for (let round = 0; round < 30; round += 1) {
      const calls = Array.from({ length: 20 }, () => db.previews.byId(preview.id).then(() => true, assertRetryable));
      const kill = admin`
        select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and backend_type = 'client backend'`;
      for (const answered of await Promise.all(calls)) outcomes[answered ? "answered" : "refused"] += 1;
      await kill;
    }
    await admin.end();
    expect(outcomes.answered).toBeGreaterThan(0);
    await expect.poll(() => db.ping().then(() => true, assertRetryable), patient).toBe(true);
    // the whole pool, not just the connection that happened to be good
    await expect(Promise.all(Array.from({ length: 40 }, () => db.previews.byId(preview.id)))).resolves.toHaveLength(40);
  });

  test("a feed whose connection is killed reconnects and tells what it missed", async () => {
    const preview = await ready(db);
    const [link, later] = [newLink(preview), newLink(preview)];
    await db.links.insert(link);
    const followed = await followRoutes(db);
    const admin = postgres({ ...server.connection, max: 1 });
    for (let round = 0; round < 5; round += 1) {
      const before = followed.snapshots;
      await admin`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dev-preview routes'`;
      await expect.poll(() => followed.snapshots, patient).toBeGreaterThan(before);
      await expect.poll(() => followed.feed.healthy(), patient).toBe(true);
    }
    await admin.end();
    await db.links.insert(later);
    await expect.poll(() => followed.table.size, patient).toBe(2);
  });

  test("a stopped server makes every method refuse retryably in seconds, and a started one serves again", async () => {
    const preview = await ready(db);
    const link = newLink(preview);
    await db.links.insert(link);
    const followed = await followRoutes(db);
    const changes: string[] = [];
    db.onPreviewChange((id) => changes.push(id));
    await server.stop();
    const startedAt = performance.now();
    await Promise.all(Object.entries(everyMethod).map(([name, call]) => expectUnavailable(name, call(db))));
    expect(performance.now() - startedAt).toBeLessThan(fewSeconds);
    await expect.poll(() => followed.feed.healthy(), patient).toBe(false);
    expect([...followed.table.keys()]).toEqual([link.id]);

    await server.start();
    await expect.poll(() => db.ping().then(() => true, assertRetryable), patient).toBe(true);
    await db.links.revoke(preview.id);
    await expect.poll(() => followed.table.size, patient).toBe(0);
    expect(followed.feed.healthy()).toBe(true);
    await expect.poll(() => changes, patient).toContain(preview.id);
  });

  test("a server that is killed and comes back is used again, and lost nothing that it confirmed", async () => {
    let preview = await claimed(db);
    let tries = 0;
    const followed = await followRoutes(db);
    const confirmed: string[] = [];
    const writing = new AbortController();
    const write = async () => {
      while (!writing.signal.aborted) {
        await pause(1);
        // a preview has so many links, those included of which no confirmation came
        const room =
          tries < 40 ? preview : await claimed(db, { name: `web-${confirmed.length}` }).catch(assertRetryable);
        if (room === false) continue;
        tries = room === preview ? tries + 1 : 1;
        preview = room;
        const link = newLink(preview);
        if (await db.links.insert(link).catch(assertRetryable)) confirmed.push(link.id);
      }
    };
    const writer = write();
    // awaited below: until then its failure is nobody's
    writer.catch(() => {});
    try {
      await expect.poll(() => confirmed.length, patient).toBeGreaterThan(10);
      process.kill(await server.pid(), "SIGKILL");
      await expect.poll(() => followed.feed.healthy(), patient).toBe(false);
      await server.start();
      const before = confirmed.length;
      await expect.poll(() => confirmed.length, { timeout: 25_000 }).toBeGreaterThan(before);
    } finally {
      writing.abort();
      await writer;
    }
    await expect.poll(() => confirmed.every((id) => followed.table.has(id)), patient).toBe(true);
    expect(followed.feed.healthy()).toBe(true);
  });

  test("what changed while a watcher was cut off is told when it is back", async () => {
    const preview = await ready(db);
    const watcher = await open({ resyncMs: 60_000 });
    const seen: string[] = [];
    watcher.onPreviewChange((id) => seen.push(id));
    await db.previews.transition(preview.launchId, { from: ["ready"], to: "unhealthy" });
    await expect.poll(() => seen.length, patient).toBeGreaterThan(0);
    const admin = postgres({ ...server.connection, max: 1 });
    await admin`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dev-preview watch'`;
    seen.length = 0;
    await db.previews.transition(preview.launchId, { from: ["unhealthy"], to: "crashed" });
    await expect.poll(() => seen, patient).toContain(preview.id);
    await admin.end();
  });

  test("a frozen server is given up in seconds, and used again when it wakes", async () => {
    const followed = await followRoutes(db);
    const wake = await freeze(server);
    try {
      const startedAt = performance.now();
      await Promise.all(Array.from({ length: 20 }, () => expectUnavailable("ping", db.ping())));
      expect(performance.now() - startedAt).toBeLessThan(fewSeconds);
      await expect.poll(() => followed.feed.healthy(), patient).toBe(false);
    } finally {
      wake();
    }
    await expect.poll(() => db.ping().then(() => true, assertRetryable), patient).toBe(true);
    await expect.poll(() => followed.feed.healthy(), patient).toBe(true);
  }, 60_000);

  test("a database that cannot be reached is not opened", async () => {
    const missing = { ...server.connection, database: "missing" };
    const options = { logger: createLogger("silent"), clock: systemClock };
    await expectUnavailable("missing database", openDatabase({ connection: missing }, options));
    const nowhere = { ...server.connection, host: "/nonexistent" };
    await expectUnavailable("missing socket", openDatabase({ connection: nowhere }, options));
    await expectUnavailable("closed port", openDatabase({ url: "postgres://u:secret@127.0.0.1:1/db" }, options));
  });
}

/** Turns a refusal that may be repeated into false; anything else fails the test. */
function assertRetryable(error: unknown): false {
  expect(error).toBeInstanceOf(PreviewError);
  expect(error).toMatchObject({ code: "database_unavailable", retryable: true });
  return false;
}

async function expectUnavailable(what: string, call: Promise<unknown>): Promise<void> {
  const outcome: unknown = await call.catch((error: unknown) => error);
  expect(outcome, what).toBeInstanceOf(PreviewError);
  expect(outcome, what).toMatchObject({ code: "database_unavailable", retryable: true });
  expect(String(outcome)).not.toContain("secret");
}

/** Stops every process of the server where it stands; returns what wakes them. */
async function freeze(server: TestServer): Promise<() => void> {
  const admin = postgres({ ...server.connection, max: 1 });
  const rows = await admin<{ pid: number }[]>`select pid from pg_stat_activity where pid <> pg_backend_pid()`;
  await admin.end();
  const pids = [await server.pid(), ...rows.map(({ pid }) => pid)];
  signal(pids, "SIGSTOP");
  return () => signal(pids, "SIGCONT");
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // a worker of the server that has ended meanwhile
    }
  }
}
