import { expect, test } from "vitest";
import type { LinkRecord, PreviewRecord } from "../../src/preview/record.ts";
import type { Database, NewPreview } from "../../src/preview/store.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, hour, listenerOn, liveLink, newLink, newPreview, ready, stop } from "./database-fixture.ts";

/** What becomes of links when their preview changes: DESIGN 5.5 and the comment in migrations/0001_initial.sql. */
export function linkRuleContract(under: DatabaseUnderTest): void {
  test("a requested stop revokes the links before anything else happens", async () => {
    const preview = await withLink(under.db);
    await under.db.previews.requestStop(preview.id);
    expect(await liveLink(under.db, preview)).toBeUndefined();
  });

  test("a stop without a request revokes the links too", async () => {
    const preview = await withLink(under.db);
    await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "stopped" });
    expect(await liveLink(under.db, preview)).toBeUndefined();
  });

  test("a crash keeps the links, so that a visitor is told about it", async () => {
    const preview = await withLink(under.db);
    await crash(under.db, preview);
    expect(await liveLink(under.db, preview)).toBeDefined();
  });

  test("stopping what has crashed revokes its links", async () => {
    const preview = await withLink(under.db);
    await crash(under.db, preview);
    await stop(under.db, preview);
    expect(await liveLink(under.db, preview)).toBeUndefined();
  });

  test("after a crash the same port carries the link to the new launch", async () => {
    const preview = await withLink(under.db);
    const link = await liveLink(under.db, preview);
    const again = await crashAndClaim(under.db, preview, {});
    expect(await liveLink(under.db, again)).toEqual({ ...link, launchId: again.launchId });
    await under.db.previews.recordListener(again.launchId, listenerOn(preview.requestedPort));
    expect(await liveLink(under.db, again)).toMatchObject({ id: link?.id });
  });

  test("after a crash another port revokes the link", async () => {
    const preview = await withLink(under.db);
    const again = await crashAndClaim(under.db, preview, { requestedPort: 4000 });
    await expectNone(under.db, [preview, again]);
  });

  test("a launch that is not signed inherits no link", async () => {
    const preview = await withLink(under.db);
    const again = await crashAndClaim(under.db, preview, { signed: false });
    await expectNone(under.db, [preview, again]);
  });

  test("a launch behind the login inherits the links that are behind it too, further ones as its own", async () => {
    const preview = await ready(under.db, { signed: false });
    const links = [newLink(preview, { gated: true }), newLink(preview, { gated: true, label: "ci" }), newLink(preview)];
    for (const link of links) await under.db.links.insert(link);
    const again = await crashAndClaim(under.db, preview, { signed: false });
    const kept = (await under.db.links.list(again, new Date())).map(({ id }) => id);
    expect(kept).toEqual([links[0]!.id, links[1]!.id]);
  });

  test("a launch that ends before the link does not inherit it, one that ends later does", async () => {
    const early = await withLink(under.db, { name: "early" });
    const shorter = await crashAndClaim(under.db, early, { name: "early", expiresAt: inHours(0.5) });
    await expectNone(under.db, [early, shorter]);
    const late = await withLink(under.db, { name: "late" });
    const longer = await crashAndClaim(under.db, late, { name: "late", expiresAt: inHours(2) });
    expect(await liveLink(under.db, longer)).toBeDefined();
  });

  test("a link that was revoked is not brought back by a new launch", async () => {
    const preview = await withLink(under.db);
    await under.db.links.revoke(preview.id);
    const again = await crashAndClaim(under.db, preview, {});
    await expectNone(under.db, [again]);
  });

  test("binding another port than the one asked for revokes the link of the port left behind", async () => {
    const preview = await claimed(under.db);
    await under.db.links.insert(newLink(preview));
    await under.db.previews.recordListener(preview.launchId, listenerOn(3001));
    expect(await liveLink(under.db, preview)).toBeUndefined();
  });

  test("binding the port asked for keeps its link", async () => {
    const preview = await claimed(under.db);
    await under.db.links.insert(newLink(preview));
    await under.db.previews.recordListener(preview.launchId, listenerOn(preview.requestedPort));
    expect(await liveLink(under.db, preview)).toBeDefined();
  });

  test("a server that moves to another port later takes its old link down, other ports' links stay", async () => {
    const preview = await withLink(under.db);
    await under.db.links.insert(newLink(preview, { port: 24678 }));
    await under.db.previews.recordListener(preview.launchId, listenerOn(3001));
    expect(await liveLink(under.db, preview)).toBeUndefined();
    expect(
      await under.db.links.live({ launchId: preview.launchId, port: 24678, gated: false }, new Date()),
    ).toBeDefined();
  });

  test("links that ended long ago are deleted when the preview is started again, recent ones stay", async () => {
    const preview = await withLink(under.db);
    await under.db.links.revoke(preview.id);
    const { admin } = under.fixture;
    await admin`update dev_preview.links set revoked_at = now() - interval '9 days'`;
    const recent = (await under.db.links.insert(newLink(preview))) as LinkRecord;
    await crashAndClaim(under.db, preview, { requestedPort: 4000 });
    expect(await admin`select id from dev_preview.links`).toEqual([{ id: recent.id }]);
  });
}

async function withLink(db: Database, fields: Partial<NewPreview> = {}): Promise<PreviewRecord> {
  const preview = await ready(db, fields);
  await db.links.insert(newLink(preview));
  return preview;
}

async function crash(db: Database, preview: PreviewRecord): Promise<void> {
  await db.previews.transition(preview.launchId, { from: ["ready"], to: "crashed" });
}

async function crashAndClaim(
  db: Database,
  preview: PreviewRecord,
  fields: Partial<NewPreview>,
): Promise<PreviewRecord> {
  await crash(db, preview);
  return (await db.previews.claim(newPreview(preview.projectId, fields)))!;
}

async function expectNone(db: Database, previews: readonly PreviewRecord[]): Promise<void> {
  for (const preview of previews) expect(await liveLink(db, preview)).toBeUndefined();
}

function inHours(hours: number): Date {
  return new Date(Date.now() + hours * hour);
}
