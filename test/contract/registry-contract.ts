import { expect, test } from "vitest";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { hour, minute } from "./database-fixture.ts";

export function registryContract(under: DatabaseUnderTest): void {
  const lease = (launchId: string, fields: object = {}) => ({
    sandboxId: "local-test",
    port: 3000,
    launchId,
    expiresAt: new Date(Date.now() + minute),
    ...fields,
  });

  test("a port is reserved by one launch, which may repeat it", async () => {
    const { leases } = under.db;
    expect(await leases.reserve(lease("one"))).toBe(true);
    expect(await leases.reserve(lease("two"))).toBe(false);
    expect(await leases.reserve(lease("one"))).toBe(true);
  });

  test("other ports and other sandboxes are free", async () => {
    const { leases } = under.db;
    await leases.reserve(lease("one"));
    expect(await leases.reserve(lease("two", { port: 3001 }))).toBe(true);
    expect(await leases.reserve(lease("two", { sandboxId: "elsewhere" }))).toBe(true);
  });

  test("a released port can be reserved, and releasing twice is fine", async () => {
    const { leases } = under.db;
    await leases.reserve(lease("one"));
    await leases.reserve(lease("one", { port: 3001 }));
    await leases.release("one");
    await leases.release("one");
    expect(await leases.reserve(lease("two"))).toBe(true);
    expect(await leases.reserve(lease("two", { port: 3001 }))).toBe(true);
  });

  test("an expired reservation is taken over, one that has time left is not", async () => {
    let now = Date.now();
    const { leases } = await under.fixture.open({ clock: { now: () => now } });
    await leases.reserve(lease("one", { expiresAt: new Date(now + minute) }));
    now += minute - 1;
    expect(await leases.reserve(lease("two", { expiresAt: new Date(now + minute) }))).toBe(false);
    now += 1;
    expect(await leases.reserve(lease("two", { expiresAt: new Date(now + minute) }))).toBe(true);
  });

  test("of twenty concurrent reservations by two planes one wins", async () => {
    const other = await under.fixture.open();
    const tries = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? under.db : other).leases.reserve(lease(`launch-${index}`)),
    );
    expect((await Promise.all(tries)).filter(Boolean)).toHaveLength(1);
  });

  test("a plane is known from its first beat until it is removed", async () => {
    let now = Date.UTC(2030, 1, 1);
    const { planes } = await under.fixture.open({ clock: { now: () => now } });
    const plane = { id: "plane-1", sandboxId: "local-test", pid: 77, startTime: "boot:1" };
    expect(await planes.byId("plane-1")).toBeUndefined();
    await planes.beat(plane);
    now += 5_000;
    await planes.beat(plane);
    expect(await planes.byId("plane-1")).toEqual({ ...plane, seenAt: new Date(now) });
    await planes.remove("plane-1");
    await planes.remove("plane-1");
    expect(await planes.byId("plane-1")).toBeUndefined();
  });

  test("every plane that signed on is listed", async () => {
    const plane = (id: string) => ({ id, sandboxId: "local-test", pid: 77, startTime: `boot:${id}` });
    await under.db.planes.beat(plane("b"));
    await under.db.planes.beat(plane("a"));
    expect(await under.db.planes.all()).toMatchObject([plane("a"), plane("b")]);
    await under.db.planes.remove("a");
    expect(await under.db.planes.all()).toMatchObject([plane("b")]);
  });

  test("a plane that was not seen for a week is forgotten, one of yesterday is not", async () => {
    let now = Date.UTC(2030, 1, 1);
    const { planes } = await under.fixture.open({ clock: { now: () => now } });
    const plane = (id: string) => ({ id, sandboxId: "local-test", pid: 77, startTime: "boot:1" });
    await planes.beat(plane("killed"));
    now += 7 * 24 * hour;
    await planes.beat(plane("yesterday's"));
    now += 24 * hour;
    await planes.beat(plane("present"));
    expect(await planes.byId("killed")).toBeUndefined();
    expect(await planes.byId("yesterday's")).toBeDefined();
  });

  test("the first fingerprint of a key is the one on record for everybody", async () => {
    const other = await under.fixture.open();
    expect(await under.db.keys.agree(0, "aaa")).toBe("aaa");
    expect(await other.keys.agree(0, "bbb")).toBe("aaa");
    expect(await other.keys.agree(1, "bbb")).toBe("bbb");
  });

  test("planes that start together agree on one fingerprint", async () => {
    const seen = await Promise.all(Array.from({ length: 20 }, (_, index) => under.db.keys.agree(5, `key-${index}`)));
    expect(new Set(seen).size).toBe(1);
  });

  test("the database answers a ping, and closing twice is fine", async () => {
    const database = await under.fixture.open();
    await database.ping();
    await Promise.all([database.close(), database.close()]);
    await expect(database.ping()).rejects.toMatchObject({ code: "database_unavailable" });
  });
}
