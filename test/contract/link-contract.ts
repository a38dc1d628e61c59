import { expect, test } from "vitest";
import { mostLinks } from "../../src/preview/limits.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, hour, liveLink, minute, newLink, ready, stop } from "./database-fixture.ts";

export function linkContract(under: DatabaseUnderTest): void {
  test("a link of a live launch is kept and found again, without a token", async () => {
    const preview = await ready(under.db);
    const link = newLink(preview);
    const inserted = await under.db.links.insert(link);
    expect(inserted).toMatchObject(link);
    expect(inserted).not.toHaveProperty("revokedAt");
    expect(await liveLink(under.db, preview)).toEqual(inserted);
  });

  test("a link may be minted while the preview is starting", async () => {
    const preview = await claimed(under.db);
    expect(await under.db.links.insert(newLink(preview))).toBeDefined();
  });

  test("an expired link is not live", async () => {
    const preview = await ready(under.db);
    const expiresAt = new Date(Date.now() + minute);
    const link = await under.db.links.insert(newLink(preview, { expiresAt }));
    const live = (now: number) =>
      under.db.links.live({ launchId: preview.launchId, port: preview.requestedPort, gated: false }, new Date(now));
    expect(await live(expiresAt.getTime() - 1)).toEqual(link);
    expect(await live(expiresAt.getTime())).toBeUndefined();
  });

  test("of several live links the one that lives longest is found, of the asked port only", async () => {
    const preview = await ready(under.db);
    const ends = [1, 3, 2].map((hours) => new Date(Date.now() + hours * hour));
    for (const expiresAt of ends) await under.db.links.insert(newLink(preview, { expiresAt }));
    await under.db.links.insert(newLink(preview, { port: 24678, expiresAt: new Date(Date.now() + 9 * hour) }));
    expect((await liveLink(under.db, preview))?.expiresAt).toEqual(ends[1]);
  });

  test("no link is made for another launch, an ended one, or one that is asked to stop", async () => {
    const preview = await ready(under.db);
    expect(await under.db.links.insert(newLink(preview, { launchId: "another" }))).toBeUndefined();
    expect(await under.db.links.insert(newLink(preview, { previewId: "another" }))).toBeUndefined();
    await under.db.previews.requestStop(preview.id);
    expect(await under.db.links.insert(newLink(preview))).toBeUndefined();
    await stop(under.db, preview);
    expect(await under.db.links.insert(newLink(preview))).toBeUndefined();
  });

  test("no link is made for a crashed preview", async () => {
    const preview = await ready(under.db);
    await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "crashed" });
    expect(await under.db.links.insert(newLink(preview))).toBeUndefined();
  });

  test("all links of a preview are revoked, or all but one, and counted once", async () => {
    const preview = await ready(under.db);
    const links = [newLink(preview), newLink(preview), newLink(preview)];
    for (const link of links) await under.db.links.insert(link);
    expect(await under.db.links.revoke(preview.id, { exceptId: links[1]!.id })).toBe(2);
    expect(await liveLink(under.db, preview)).toMatchObject({ id: links[1]!.id });
    expect(await under.db.links.revoke(preview.id)).toBe(1);
    expect(await under.db.links.revoke(preview.id)).toBe(0);
    expect(await liveLink(under.db, preview)).toBeUndefined();
  });

  test("of sixty links that race, a preview gets fifty; one that ends makes room, and others have theirs", async () => {
    const [web, api] = [await ready(under.db), await ready(under.db, { name: "api", requestedPort: 4000 })];
    const other = await under.fixture.open();
    const made = await Promise.allSettled(
      Array.from({ length: mostLinks + 10 }, (_, index) =>
        (index % 2 === 0 ? under.db : other).links.insert(newLink(web, { label: `l${index}` })),
      ),
    );
    expect(made.filter(({ status }) => status === "fulfilled")).toHaveLength(mostLinks);
    await expect(under.db.links.insert(newLink(web))).rejects.toMatchObject({
      code: "limit_reached",
      message: "the limit of 50 live links of one preview is reached",
    });
    expect(await under.db.links.insert(newLink(api))).toBeDefined();
    const [link] = await under.db.links.list(web, new Date());
    await under.db.links.revokeOne(web.projectId, link!.id);
    expect(await under.db.links.insert(newLink(web))).toBeDefined();
  });

  test("the links of another preview are left alone", async () => {
    const [web, api] = [await ready(under.db), await ready(under.db, { name: "api", requestedPort: 4000 })];
    await under.db.links.insert(newLink(web));
    await under.db.links.insert(newLink(api));
    await under.db.links.revoke(web.id);
    expect(await liveLink(under.db, api)).toBeDefined();
  });

  test("a further link is told from the preview's own, and each label from the others", async () => {
    const preview = await ready(under.db);
    const [own, one, two] = [newLink(preview), newLink(preview, { label: "one" }), newLink(preview, { label: "two" })];
    for (const link of [own, one, two]) await under.db.links.insert(link);
    const live = async (label?: string) => {
      const wanted = { launchId: preview.launchId, port: preview.requestedPort, gated: false };
      return (await under.db.links.live({ ...wanted, ...(label !== undefined && { label }) }, new Date()))?.id;
    };
    expect([await live(), await live("one"), await live("three")]).toEqual([own.id, one.id, undefined]);
    expect((await under.db.links.list(preview, new Date())).map(({ label }) => label)).toEqual([
      undefined,
      "one",
      "two",
    ]);
    expect(await under.db.links.revoke(preview.id, { label: "one" })).toBe(1);
    expect(await under.db.links.revoke(preview.id, { label: null })).toBe(1);
    expect((await under.db.links.list(preview, new Date())).map(({ id }) => id)).toEqual([two.id]);
    expect(await under.db.links.list(preview, two.expiresAt)).toEqual([]);
  });

  test("one link is revoked once, and only by the project that it belongs to", async () => {
    const preview = await ready(under.db);
    const [link, other, late] = [newLink(preview), newLink(preview), newLink(preview, { expiresAt: new Date(0) })];
    for (const each of [link, other, late]) await under.db.links.insert(each);
    expect(await under.db.links.revokeOne("another", link.id)).toBeUndefined();
    expect(await under.db.links.revokeOne(preview.projectId, late.id)).toBeUndefined();
    expect(await under.db.links.revokeOne(preview.projectId, link.id)).toMatchObject({ id: link.id });
    expect(await under.db.links.revokeOne(preview.projectId, link.id)).toBeUndefined();
    expect((await under.db.links.list(preview, new Date())).map(({ id }) => id)).toEqual([other.id]);
  });

  test("what an org may not show any more ends: signed links and guests, of that org alone", async () => {
    const preview = await ready(under.db);
    await under.db.previews.share(preview.id, { guests: ["gus"] });
    const [signed, gated] = [newLink(preview), newLink(preview, { gated: true })];
    for (const link of [signed, gated]) await under.db.links.insert(link);
    expect(await under.db.links.narrow({ every: "members", own: { acme: "link" } })).toBe(0);
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ signed: true, guests: ["gus"] });
    expect(await under.db.links.narrow({ every: "link", own: { acme: "guests" } })).toBe(1);
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ signed: false, guests: ["gus"] });
    expect((await under.db.links.list(preview, new Date())).map(({ id }) => id)).toEqual([gated.id]);
    expect(await under.db.links.narrow({ every: "members", own: {} })).toBe(0);
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ signed: false, guests: [] });
    expect((await under.db.projects.list("acme"))[0]?.active?.signed).toBe(false);
  });

  test("a link never outlives the stop that it races", async () => {
    for (let round = 0; round < 15; round += 1) {
      const preview = await ready(under.db, { name: `web-${round}` });
      await Promise.all([
        ...Array.from({ length: 4 }, () => under.db.links.insert(newLink(preview))),
        under.db.previews.requestStop(preview.id),
        ...Array.from({ length: 4 }, () => under.db.links.insert(newLink(preview))),
      ]);
      expect(await liveLink(under.db, preview)).toBeUndefined();
    }
  });
}
