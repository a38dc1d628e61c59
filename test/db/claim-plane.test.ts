import postgres from "postgres";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { claimPlane } from "../../src/db/claim-plane.ts";
import { startEmbeddedTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";

let server: TestServer;
let admin: postgres.Sql;

beforeAll(async () => {
  server = await startEmbeddedTestServer();
  admin = postgres({ ...server.connection, max: 1 });
});
afterAll(async () => {
  await admin.end({ timeout: 1 });
  await server.close();
});

test("the first plane gets the database, a second one is refused", async () => {
  const first = await claimPlane(server.connection);
  expect(first).toBeDefined();
  expect(await claimPlane(server.connection)).toBeUndefined();
  await first?.release();
});

test("a released database can be claimed, and releasing twice is fine", async () => {
  const first = await claimPlane(server.connection);
  await Promise.all([first?.release(), first?.release()]);
  const second = await claimPlane(server.connection);
  expect(second).toBeDefined();
  await second?.release();
});

test("of ten planes at once one gets the database", async () => {
  const claims = await Promise.all(Array.from({ length: 10 }, () => claimPlane(server.connection)));
  const winners = claims.filter((claim) => claim !== undefined);
  expect(winners).toHaveLength(1);
  await winners[0]?.release();
});

test("a claim that lost its connection is taken again", async () => {
  const claim = await claimPlane(server.connection);
  const [before] = await holders();
  await admin`select pg_terminate_backend(${before!})`;
  await expect
    .poll(holders, { timeout: 10_000 })
    .toSatisfy((pids: number[]) => pids.length === 1 && pids[0] !== before);
  expect(await claimPlane(server.connection)).toBeUndefined();
  await claim?.release();
  expect(await holders()).toEqual([]);
});

test("a plane whose claim another one got meanwhile is told", async () => {
  const onTaken = vi.fn();
  const claim = await claimPlane(server.connection, { onTaken });
  const [holder] = await holders();
  // queued behind the lock, so that it is first when the connection dies
  const thief = postgres({ ...server.connection, max: 1 });
  const stolen = thief`select pg_advisory_lock(objid::bigint | (classid::bigint << 32)) from pg_locks
    where locktype = 'advisory' and pid = ${holder!}`.execute();
  await expect
    .poll(async () => (await admin`select 1 from pg_locks where locktype = 'advisory' and not granted`).length)
    .toBe(1);
  await admin`select pg_terminate_backend(${holder!})`;
  await stolen;
  await expect.poll(() => onTaken.mock.calls.length, { timeout: 10_000 }).toBe(1);
  await claim?.release();
  await thief.end();
});

async function holders(): Promise<number[]> {
  const rows = await admin<{ pid: number }[]>`
    select pid from pg_locks where locktype = 'advisory' and granted`;
  return rows.map(({ pid }) => pid);
}
