import { expect, test } from "vitest";
import type { DatabaseUnderTest } from "./database-contract.ts";
import {
  claimed,
  followRoutes,
  hour,
  listenerOn,
  minute,
  newLink,
  newPreview,
  ready,
  someProcess,
  stop,
} from "./database-fixture.ts";

/** What another plane or gateway must see at most a second later. */
const within = { timeout: 1_000, interval: 5 };

export function routeFeedContract(under: DatabaseUnderTest): void {
  test("the snapshot holds every live link with what the gateway needs", async () => {
    const preview = await ready(under.db);
    const link = newLink(preview);
    await under.db.links.insert(link);
    const { table, feed } = await followRoutes(under.db);
    expect(feed.healthy()).toBe(true);
    expect([...table.values()]).toEqual([
      {
        linkId: link.id,
        previewId: preview.id,
        launchId: preview.launchId,
        sandboxId: "local-test",
        port: 3000,
        tokenHash: link.tokenHash,
        expiresAt: link.expiresAt.getTime(),
        state: "ready",
        hostMode: "local",
        socketScript: false,
        process: someProcess,
        listener: listenerOn(3000),
      },
    ]);
  });

  test("who may see a preview and where is told with its links, and every change of it within a second", async () => {
    const preview = await ready(under.db, { signed: false });
    const [own, further] = [newLink(preview, { gated: true }), newLink(preview, { gated: true, label: "ci" })];
    for (const link of [own, further]) await under.db.links.insert(link);
    const { table } = await followRoutes(under.db);
    const gated = { org: "acme", project: "demo", guests: [] as string[] };
    expect(table.get(own.id)).toMatchObject({ gated });
    expect(table.get(own.id)).not.toHaveProperty("embedOrigins");
    expect(table.get(further.id)?.gated).toEqual({ ...gated, tokenOnly: true });
    const shared = { embedOrigins: ["https://chat.example.com"], guests: ["gus"] };
    expect(await under.db.previews.share(preview.id, shared)).toMatchObject(shared);
    await expect
      .poll(() => table.get(own.id), within)
      .toMatchObject({ embedOrigins: shared.embedOrigins, gated: { ...gated, guests: ["gus"] } });
    expect(await under.db.previews.share(preview.id, { guests: [] })).toMatchObject({ ...shared, guests: [] });
    expect(await under.db.previews.share("another", { guests: [] })).toBeUndefined();
  });

  test("a preview that does not listen yet has a route without process and listener", async () => {
    const preview = await claimed(under.db);
    await under.db.links.insert(newLink(preview));
    const [route] = (await followRoutes(under.db)).table.values();
    expect(route).toMatchObject({ state: "starting" });
    expect(route).not.toHaveProperty("process");
    expect(route).not.toHaveProperty("listener");
  });

  test("a link of another port is not told the listener of the preview's own", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview, { port: 24678 }));
    const [route] = (await followRoutes(under.db)).table.values();
    expect(route).toMatchObject({ port: 24678, process: someProcess });
    expect(route).not.toHaveProperty("listener");
  });

  test("revoked and expired links and those of stopped previews are not in the snapshot", async () => {
    const [revoked, stopped] = [await ready(under.db), await ready(under.db, { name: "b", requestedPort: 3001 })];
    await under.db.links.insert(newLink(revoked));
    await under.db.links.revoke(revoked.id);
    await under.db.links.insert(newLink(revoked, { expiresAt: new Date(Date.now() - minute) }));
    await under.db.links.insert(newLink(stopped));
    await stop(under.db, stopped);
    expect((await followRoutes(under.db)).table.size).toBe(0);
  });

  test("expiry goes by the plane's clock", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview, { expiresAt: new Date(Date.now() + hour) }));
    const later = await under.fixture.open({ clock: { now: () => Date.now() + 2 * hour } });
    expect((await followRoutes(later)).table.size).toBe(0);
  });

  test("another plane sees a new link, each state, and the stop within a second", async () => {
    const preview = await ready(under.db);
    const { table } = await followRoutes(await under.fixture.open());
    const link = newLink(preview);
    await under.db.links.insert(link);
    await expect.poll(() => table.get(link.id)?.state, within).toBe("ready");
    await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "unhealthy" });
    await expect.poll(() => table.get(link.id)?.state, within).toBe("unhealthy");
    await under.db.previews.requestStop(preview.id);
    await expect.poll(() => table.size, within).toBe(0);
  });

  test("a revoked link leaves the table, the preview's other link stays", async () => {
    const preview = await ready(under.db);
    const [old, kept] = [newLink(preview), newLink(preview)];
    await under.db.links.insert(old);
    await under.db.links.insert(kept);
    const { table } = await followRoutes(await under.fixture.open());
    await under.db.links.revoke(preview.id, { exceptId: kept.id });
    await expect.poll(() => [...table.keys()], within).toEqual([kept.id]);
  });

  test("a crashed preview keeps its route, which says so; the next launch of the port takes it over", async () => {
    const preview = await ready(under.db);
    const link = newLink(preview);
    await under.db.links.insert(link);
    const { table } = await followRoutes(await under.fixture.open());
    await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "crashed" });
    await expect.poll(() => table.get(link.id)?.state, within).toBe("crashed");
    const again = await under.db.previews.claim(newPreview(preview.projectId));
    await expect.poll(() => table.get(link.id), within).toMatchObject({ launchId: again!.launchId, state: "starting" });
    expect(table.get(link.id)).not.toHaveProperty("listener");
  });

  test("a removed project takes its routes along", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview));
    await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "crashed" });
    const { table } = await followRoutes(await under.fixture.open());
    expect(table.size).toBe(1);
    await under.db.projects.remove("acme", "demo");
    await expect.poll(() => table.size, within).toBe(0);
  });

  test("requests are not changes", async () => {
    const preview = await ready(under.db);
    const followed = await followRoutes(under.db);
    await under.db.previews.touch([{ previewId: preview.id, at: new Date() }]);
    // a change after it: when that one has arrived, the touch would have too
    const other = await claimed(under.db, { name: "other" });
    await expect.poll(() => followed.told, within).toContain(other.id);
    expect(followed.told).not.toContain(preview.id);
  });

  test("a change whose notification was lost is found at the next resync", async () => {
    const preview = await ready(under.db);
    const link = newLink(preview);
    await under.db.links.insert(link);
    const { table } = await followRoutes(await under.fixture.open({ resyncMs: 100 }));
    await silence(under, () => under.db.links.revoke(preview.id));
    await expect.poll(() => table.size, { timeout: 5_000 }).toBe(0);
  });

  test("a change that commits after later ones is found too", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview));
    const followed = await followRoutes(await under.fixture.open({ resyncMs: 50 }));
    await silence(under, () =>
      under.fixture.admin.begin(async (slow) => {
        await slow`update dev_preview.links set revoked_at = now()`;
        // a later transaction commits first, and the feed looks again after it
        const other = await claimed(under.db, { name: "other" });
        await expect.poll(() => followed.told, { timeout: 5_000 }).toContain(other.id);
        await claimed(under.db, { name: "another" });
      }),
    );
    await expect.poll(() => followed.table.size, { timeout: 5_000 }).toBe(0);
  });

  test("a deletion whose notification was lost is found by the next snapshot", async () => {
    const preview = await ready(under.db);
    await under.db.links.insert(newLink(preview));
    const followed = await followRoutes(await under.fixture.open({ resyncMs: 50, snapshotEveryMs: 300 }));
    await silence(under, () => under.fixture.admin`delete from dev_preview.previews`);
    await expect.poll(() => followed.table.size, { timeout: 5_000 }).toBe(0);
    expect(followed.snapshots).toBeGreaterThan(1);
  });

  test("two thousand changes in one transaction arrive", async () => {
    const preview = await ready(under.db);
    const { table } = await followRoutes(await under.fixture.open());
    await under.fixture.admin`
      with made as (
        insert into dev_preview.previews (
          project_id, name, launch_id, sandbox_id, plane_id, command, repo_dir, ready_path, signed, requested_port)
        select ${preview.projectId}, 'bulk-' || n, 'launch-' || n, 's', 'p', 'c', '/w', '/', true, 3000
        from generate_series(1, 2000) as n
        returning id, launch_id
      )
      insert into dev_preview.links (id, preview_id, launch_id, port, key_id, token_hash, expires_at)
      select left(md5(made.id), 16), made.id, launch_id, 3000, 0, md5(made.id) || md5(launch_id), now() + interval '1 hour'
      from made`;
    await expect.poll(() => table.size, { timeout: 10_000 }).toBe(2000);
  });

  test("a feed that was closed before it started does not start", async () => {
    const feed = under.db.routeFeed();
    await feed.close();
    const start = feed.start({ onSnapshot() {}, onChange() {} });
    await expect(start).rejects.toMatchObject({ code: "database_unavailable" });
  });

  test("a closed feed tells nothing more", async () => {
    const followed = await followRoutes(under.db);
    await followed.feed.close();
    await followed.feed.close();
    expect(followed.feed.healthy()).toBe(false);
    await claimed(under.db);
    const second = await followRoutes(under.db);
    await claimed(under.db, { name: "other" });
    await expect.poll(() => second.told.length, within).toBeGreaterThan(0);
    expect(followed.told).toEqual([]);
  });
}

/** Does something while the triggers that notify are off. */
async function silence(under: DatabaseUnderTest, work: () => PromiseLike<unknown>): Promise<void> {
  const { admin } = under.fixture;
  const silent = ["links_notify"].map((trigger) => ({ table: "links", trigger }));
  silent.push(...["previews_notify_row", "previews_notify_change"].map((trigger) => ({ table: "previews", trigger })));
  for (const { table, trigger } of silent)
    await admin`alter table dev_preview.${admin(table)} disable trigger ${admin(trigger)}`;
  await work();
}
