import { describe, expect, test } from "vitest";
import type { IdleRule } from "../../src/preview/sleep/idle-store.ts";
import type { PreviewRecord } from "../../src/preview/record.ts";
import type { NewPreview } from "../../src/preview/store.ts";
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
  registerProject,
  someProcess,
  stop,
} from "./database-fixture.ts";

const inHalfAnHour = () => new Date(Date.now() + 30 * minute + 1000);

export function idleContract(under: DatabaseUnderTest): void {
  const sleep = (rule: Partial<IdleRule> = {}) =>
    under.db.idle.sleep({
      sandboxId: "local-test",
      planeId: "plane-2",
      now: inHalfAnHour(),
      idleMs: 30 * minute,
      idleMsByOrg: {},
      ...rule,
    });
  const stateOf = async ({ id }: PreviewRecord) => (await under.db.previews.byId(id))?.state;
  const touch = ({ id }: PreviewRecord, at: Date) => under.db.previews.touch([{ previewId: id, at }]);
  /** Another port of a launch, as an attach records it. */
  const further = async (main: PreviewRecord, name = "api") => {
    const claim = await under.db.previews.claim(
      newPreview(main.projectId, { name, attached: true, requestedPort: 3001 }),
    );
    const process = { ...someProcess, family: { of: "launch", launchId: main.launchId } as const };
    await under.db.previews.recordProcess(claim!.launchId, process);
    await under.db.previews.recordListener(claim!.launchId, listenerOn(3001));
    return (await under.db.previews.transition(claim!.launchId, { from: ["starting"], to: "ready" }))!;
  };
  const asleep = async (fields: Partial<NewPreview> = {}) => {
    const preview = await ready(under.db, fields);
    const link = (await under.db.links.insert(newLink(preview, { gated: !preview.signed })))!;
    await sleep();
    return { preview: (await under.db.previews.byId(preview.id))!, link };
  };

  describe("sleep", () => {
    test("comes after the time of idleness, and not before", async () => {
      const preview = await ready(under.db);
      expect(await sleep({ now: new Date(Date.now() + 29 * minute) })).toEqual([]);
      expect(await sleep()).toMatchObject([{ id: preview.id, state: "idle", planeId: "plane-2", problems: [] }]);
      expect(await sleep()).toEqual([]);
    });

    test("counts from the last visit", async () => {
      const preview = await ready(under.db);
      await touch(preview, new Date(Date.now() + 20 * minute));
      expect(await sleep()).toEqual([]);
      expect(await sleep({ now: new Date(Date.now() + 51 * minute) })).toHaveLength(1);
    });

    test("comes to an unhealthy preview as well, without its problems", async () => {
      const preview = await ready(under.db);
      const problems = [{ code: "server_error", message: "it answered 500", fix: "fix it" } as const];
      await under.db.previews.transition(preview.launchId, { from: ["ready"], to: "unhealthy", problems });
      expect(await sleep()).toMatchObject([{ state: "idle", problems: [] }]);
    });

    test.each([
      ["one that is starting", {}, async () => {}],
      [
        "one that somebody else started",
        { attached: true },
        async ({ launchId }: PreviewRecord) => {
          await under.db.previews.recordProcess(launchId, someProcess);
          await under.db.previews.recordListener(launchId, listenerOn(3000));
          await under.db.previews.transition(launchId, { from: ["starting"], to: "ready" });
        },
      ],
    ])("never comes to %s", async (_, fields, bring) => {
      const preview = await claimed(under.db, fields);
      await bring(preview);
      expect(await sleep({ now: new Date(Date.now() + 24 * hour) })).toEqual([]);
    });

    test("never comes to one that is being stopped, nor to one of another sandbox", async () => {
      const preview = await ready(under.db);
      expect(await sleep({ sandboxId: "local-other" })).toEqual([]);
      await under.db.previews.requestStop(preview.id);
      expect(await sleep()).toEqual([]);
    });

    test.each([
      ["shorter", 10 * minute, 11 * minute, 9 * minute],
      ["longer", 60 * minute, 61 * minute, 59 * minute],
    ])("an org may have a %s time of its own", async (_, own, after, before) => {
      await ready(under.db);
      const rule = { idleMsByOrg: { acme: own, other: minute } };
      expect(await sleep({ ...rule, now: new Date(Date.now() + before) })).toEqual([]);
      expect(await sleep({ ...rule, now: new Date(Date.now() + after) })).toHaveLength(1);
    });

    test("0 is never, for every org or for one", async () => {
      await ready(under.db);
      const now = new Date(Date.now() + 24 * hour);
      expect(await sleep({ now, idleMs: 0 })).toEqual([]);
      expect(await sleep({ now, idleMsByOrg: { acme: 0 } })).toEqual([]);
      expect(await sleep({ now, idleMs: 0, idleMsByOrg: { acme: minute } })).toHaveLength(1);
    });

    test("a preview's own keepalive goes before what its org has", async () => {
      const preview = await ready(under.db, { keepaliveMs: 2 * hour });
      expect(await sleep({ now: new Date(Date.now() + 119 * minute) })).toEqual([]);
      await under.db.idle.keepAlive(preview.id, hour);
      expect(await sleep({ now: new Date(Date.now() + 61 * minute), idleMs: 0 })).toHaveLength(1);
    });

    test("cuts the routes, and keeps links, port and active preview", async () => {
      const preview = await ready(under.db);
      const link = await under.db.links.insert(newLink(preview));
      const followed = await followRoutes(under.db);
      await sleep();
      await expect.poll(() => followed.table.get(link!.id)?.state).toBe("idle");
      expect(await under.db.links.isLive(link!.id, new Date())).toBe(true);
      const project = await under.db.projects.byId(preview.projectId);
      expect(project?.active).toMatchObject({ port: 3000 });
    });

    test("takes further ports of the launch along, whose visits count for it", async () => {
      const main = await ready(under.db);
      const api = await further(main);
      await touch(api, new Date(Date.now() + 20 * minute));
      expect(await sleep()).toEqual([]);
      expect(await sleep({ now: new Date(Date.now() + 51 * minute) })).toMatchObject([{ id: main.id }]);
      expect(await stateOf(api)).toBe("idle");
    });

    test("of two that sweep at the same time, each preview is one's", async () => {
      const project = await registerProject(under.db);
      for (let index = 0; index < 8; index += 1) {
        const claim = await under.db.previews.claim(newPreview(project.id, { name: `p${index}` }));
        await under.db.previews.transition(claim!.launchId, { from: ["starting"], to: "ready" });
      }
      const other = await under.fixture.open();
      const rule = { sandboxId: "local-test", now: inHalfAnHour(), idleMs: minute, idleMsByOrg: {} };
      const [mine, theirs] = await Promise.all([
        under.db.idle.sleep({ ...rule, planeId: "plane-1" }),
        other.idle.sleep({ ...rule, planeId: "plane-2" }),
      ]);
      expect(mine.length + theirs.length).toBe(8);
    });
  });

  describe("more that sleep than may", () => {
    const project = async (slug: string, org = "acme") =>
      (await under.db.projects.put({ org, slug, sandboxDriver: "local", workspaceRoot: `/work/${org}/${slug}` }))!;
    /** They fell asleep one after the other, in this order. */
    const sleeping = async (projectId: string, names: readonly string[]) => {
      for (const [index, name] of names.entries()) {
        const { launchId } = (await under.db.previews.claim(newPreview(projectId, { name })))!;
        await under.db.previews.transition(launchId, { from: ["starting"], to: "ready" });
        await sleep({ now: new Date(Date.now() + (31 + index) * minute) });
      }
    };
    const crowdOut = async (bounds: { mostOfProject?: number; mostOfOrg?: number }, sandboxId = "local-test") =>
      (await under.db.idle.crowdOut({ ...bounds, sandboxId, now: new Date() })).map(({ name }) => name).toSorted();
    const makeRoom = async (projectId: string, sandboxId = "local-test") =>
      (await under.db.idle.makeRoom({ projectId, sandboxId, now: new Date() }))?.name;

    test("end at the bound of a project with those that sleep longest; at it none ends", async () => {
      const { id } = await project("shop");
      await sleeping(id, ["one", "two", "three"]);
      expect(await crowdOut({})).toEqual([]);
      expect(await crowdOut({ mostOfProject: 3 })).toEqual([]);
      expect(await crowdOut({ mostOfProject: 1 }, "local-other")).toEqual([]);
      expect(await crowdOut({ mostOfProject: 1 })).toEqual(["one", "two"]);
      expect(await crowdOut({ mostOfProject: 1 })).toEqual([]);
      expect((await under.db.previews.byName(id, "one"))?.stopRequestedAt).toBeInstanceOf(Date);
    });

    test("end at the bound of an org, whose projects count together, and leave other orgs alone", async () => {
      await sleeping((await project("shop")).id, ["one", "two"]);
      await sleeping((await project("blog")).id, ["three"]);
      await sleeping((await project("theirs", "other")).id, ["four", "five"]);
      expect(await crowdOut({ mostOfOrg: 3 })).toEqual([]);
      expect(await crowdOut({ mostOfProject: 1, mostOfOrg: 2 })).toEqual(["four", "one"]);
      expect(await crowdOut({ mostOfOrg: 1 })).toHaveLength(1);
    });

    test("do not count where they run, are attached, or end already", async () => {
      const main = await ready(under.db);
      await further(main);
      await sleep();
      await under.db.previews.claim(newPreview(main.projectId, { name: "awake" }));
      expect(await crowdOut({ mostOfProject: 1 })).toEqual([]);
      await under.db.previews.requestStop(main.id);
      expect(await crowdOut({ mostOfProject: 0 })).toEqual([]);
      expect(await makeRoom(main.projectId)).toBeUndefined();
    });

    test("make room for their own project first, then for their org, and for nobody else", async () => {
      const [shop, blog, theirs] = [await project("shop"), await project("blog"), await project("theirs", "other")];
      await sleeping(blog.id, ["blog"]);
      await sleeping(shop.id, ["one", "two"]);
      expect(await makeRoom(theirs.id)).toBeUndefined();
      expect(await makeRoom(shop.id, "local-other")).toBeUndefined();
      expect([await makeRoom(shop.id), await makeRoom(shop.id), await makeRoom(shop.id)]).toEqual([
        "one",
        "two",
        "blog",
      ]);
      expect(await makeRoom(shop.id)).toBeUndefined();
    });

    test("make room once each for two that ask at the same time", async () => {
      const { id } = await project("shop");
      await sleeping(id, ["one", "two"]);
      const made = await Promise.all([makeRoom(id), makeRoom(id)]);
      expect(new Set(made)).toEqual(new Set(["one", "two"]));
    });
  });

  describe("what is left of a sleeping launch", () => {
    test("is recorded as gone, once; not that of a further port, which says whose it is", async () => {
      const main = await ready(under.db);
      const api = await further(main);
      expect(await under.db.idle.slept(main.launchId)).toBeUndefined();
      await sleep();
      expect((await under.db.previews.byId(main.id))?.process).toEqual(someProcess);
      expect((await under.db.idle.slept(main.launchId))?.process).toBeUndefined();
      expect(await under.db.idle.slept(api.launchId)).toBeUndefined();
    });
  });

  describe("a wake", () => {
    const wake = (preview: PreviewRecord, fields: Partial<NewPreview> = {}) =>
      under.db.previews.claim(newPreview(preview.projectId, { wakes: preview.launchId, ...fields }));

    test("takes over the row, and every link follows; of two, one", async () => {
      const { preview, link } = await asleep();
      const woken = await Promise.all([wake(preview), wake(preview)]);
      const [one] = woken.filter((record) => record !== undefined);
      expect(woken.filter((record) => record === undefined)).toHaveLength(1);
      expect(one).toMatchObject({ id: preview.id, state: "starting", wokenAt: expect.any(Date) as Date });
      const live = await under.db.links.live({ launchId: one!.launchId, port: 3000, gated: false }, new Date());
      expect(live?.id).toBe(link.id);
    });

    test("keeps gated links too, and a link to the port that the server chose itself", async () => {
      const { preview, link } = await asleep({ signed: false, requestedPort: 4000 });
      await wake(preview, { signed: false, requestedPort: 4000 });
      expect(await under.db.links.isLive(link.id, new Date())).toBe(true);
    });

    test("to another kind of preview ends links of the former kind", async () => {
      const { preview, link } = await asleep();
      await wake(preview, { signed: false });
      expect(await under.db.links.isLive(link.id, new Date())).toBe(false);
    });

    test("is refused for one that does not sleep, sleeps with another launch, or is being stopped", async () => {
      const awake = await ready(under.db);
      expect(await wake(awake)).toBeUndefined();
      await sleep();
      expect(await under.db.previews.claim(newPreview(awake.projectId, { wakes: "another" }))).toBeUndefined();
      expect(await under.db.previews.claim(newPreview(awake.projectId))).toBeUndefined();
      await under.db.previews.requestStop(awake.id);
      expect(await wake(awake)).toBeUndefined();
    });

    test("counts for the limits as a start does, and is refused over them", async () => {
      const { preview } = await asleep();
      await under.db.previews.claim(newPreview(preview.projectId, { name: "other" }), { user: "ada", limits: {} });
      const limited = (project: number) =>
        under.db.previews.claim(newPreview(preview.projectId, { wakes: preview.launchId }), {
          user: "ada",
          limits: { project },
        });
      await expect(limited(1)).rejects.toMatchObject({ code: "limit_reached" });
      expect(await stateOf(preview)).toBe("idle");
      expect(await limited(2)).toMatchObject({ state: "starting", userName: "ada" });
    });

    test("of a launch takes its further ports along", async () => {
      const main = await ready(under.db);
      const api = await further(main);
      await sleep();
      const woken = await wake((await under.db.previews.byId(main.id))!);
      expect((await under.db.previews.byId(api.id))?.process?.family).toEqual({
        of: "launch",
        launchId: woken!.launchId,
      });
    });

    test("that was refused says why until it comes true, and routes say it too", async () => {
      const { preview, link } = await asleep();
      const followed = await followRoutes(under.db);
      const problems = [{ code: "limit_reached", message: "the limit of 1 is reached", fix: "wait" } as const];
      expect(await under.db.idle.refuseWake(preview.launchId, problems)).toMatchObject({ state: "idle", problems });
      await expect.poll(() => followed.table.get(link.id)?.problems).toEqual(["the limit of 1 is reached"]);
      const woken = await wake(preview);
      expect(woken?.problems).toEqual([]);
      expect(await under.db.idle.refuseWake(woken!.launchId, problems)).toBeUndefined();
    });

    test("may be asked of another plane, only while it sleeps", async () => {
      const { preview } = await asleep();
      await under.db.idle.requestWake(preview.id);
      expect((await under.db.previews.byId(preview.id))?.wakeRequestedAt).toBeInstanceOf(Date);
      const woken = await wake(preview);
      expect(woken?.wakeRequestedAt).toBeUndefined();
      await under.db.idle.requestWake(preview.id);
      expect((await under.db.previews.byId(preview.id))?.wakeRequestedAt).toBeUndefined();
    });
  });

  describe("expiry", () => {
    const expire = (now: Date) => under.db.idle.expire({ sandboxId: "local-test", now });

    test("comes with the end of the last link, and not while one is live", async () => {
      const preview = await ready(under.db);
      await under.db.links.insert(newLink(preview, { expiresAt: new Date(Date.now() + hour) }));
      await under.db.links.insert(newLink(preview, { expiresAt: new Date(Date.now() + 2 * hour) }));
      expect(await expire(new Date(Date.now() + 61 * minute))).toEqual([]);
      const [expired] = await expire(new Date(Date.now() + 121 * minute));
      expect(expired).toMatchObject({ id: preview.id, stopRequestedAt: expect.any(Date) as Date });
      expect(await expire(new Date(Date.now() + 121 * minute))).toEqual([]);
    });

    test("comes to a sleeping preview that no link leads to; one that runs may get another", async () => {
      const preview = await ready(under.db);
      const link = await under.db.links.insert(newLink(preview));
      await under.db.links.revoke(preview.id);
      expect(await under.db.links.isLive(link!.id, new Date())).toBe(false);
      expect(await expire(inHalfAnHour())).toEqual([]);
      await sleep();
      expect(await expire(new Date())).toEqual([]);
      expect(await expire(inHalfAnHour())).toHaveLength(1);
    });

    test("does not come to a launch of which a further port has a live link", async () => {
      const main = await ready(under.db);
      const api = await further(main);
      await under.db.links.insert(newLink(main, { expiresAt: new Date(Date.now() + minute) }));
      await under.db.links.insert(newLink(api, { expiresAt: new Date(Date.now() + 2 * hour) }));
      expect(await expire(new Date(Date.now() + hour))).toEqual([]);
      expect((await expire(new Date(Date.now() + 3 * hour))).map(({ id }) => id).toSorted()).toEqual(
        [main.id, api.id].toSorted(),
      );
    });

    test("comes at the end of the preview's own life, and to none of another sandbox", async () => {
      const preview = await ready(under.db, { expiresAt: new Date(Date.now() + minute) });
      await under.db.links.insert(newLink(preview));
      expect(await expire(new Date())).toEqual([]);
      expect(await under.db.idle.expire({ sandboxId: "local-other", now: new Date(Date.now() + hour) })).toEqual([]);
      expect(await expire(new Date(Date.now() + 2 * minute))).toHaveLength(1);
    });
  });

  describe("clearing away", () => {
    test("finds what ended before then, and removes it unless it was started again", async () => {
      const preview = await ready(under.db);
      const of = { sandboxId: "local-test", before: new Date(Date.now() + minute) };
      expect(await under.db.idle.ended(of)).toEqual([]);
      await stop(under.db, preview);
      expect(await under.db.idle.ended({ ...of, before: new Date(Date.now() - minute) })).toEqual([]);
      const [ended] = await under.db.idle.ended(of);
      expect(ended?.id).toBe(preview.id);
      await under.db.previews.claim(newPreview(preview.projectId));
      expect(await under.db.idle.remove(ended!)).toBe(false);
      expect(await stateOf(preview)).toBe("starting");
    });

    test("removes the row with its links", async () => {
      const preview = await ready(under.db);
      const link = await under.db.links.insert(newLink(preview));
      await stop(under.db, preview);
      expect(await under.db.idle.remove(preview)).toBe(true);
      expect(await under.db.previews.byId(preview.id)).toBeUndefined();
      expect(await under.fixture.admin`select id from dev_preview.links where id = ${link!.id}`).toHaveLength(0);
    });
  });

  describe("the turn to sweep", () => {
    test("is one plane's at a time, and anybody's once it is over", async () => {
      const turn = (planeId: string, at: number, sandboxId = "local-test") =>
        under.db.idle.takeTurn({ sandboxId, planeId, now: new Date(at), until: new Date(at + 1000) });
      const now = Date.now();
      const taken = await Promise.all(["a", "b", "c"].map((plane) => turn(plane, now)));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await turn("d", now + 999)).toBe(false);
      expect(await turn("d", now + 500, "local-other")).toBe(true);
      expect(await turn("d", now + 1000)).toBe(true);
    });
  });

  describe("leases", () => {
    test("that were kept for a launch which sleeps no more are dropped, no others", async () => {
      const { preview } = await asleep();
      const now = new Date();
      const reserve = (port: number, launchId: string, ms: number) =>
        under.db.leases.reserve({ sandboxId: "local-test", port, launchId, expiresAt: new Date(Date.now() + ms) });
      await reserve(3000, preview.launchId, 192 * hour);
      await reserve(3001, "of-a-dead-plane", 192 * hour);
      await reserve(3002, "being-started", hour);
      await under.db.idle.dropLeases({ sandboxId: "local-test", now });
      expect((await under.db.leases.held("local-test")).toSorted((a, b) => a - b)).toEqual([3000, 3002]);
    });

    test("of a sleeping launch are held, and become those of the one that wakes it", async () => {
      const expiresAt = new Date(Date.now() + hour);
      const lease = { sandboxId: "local-test", port: 3000, expiresAt };
      await under.db.leases.reserve({ ...lease, launchId: "asleep" });
      expect(await under.db.leases.held("local-test")).toEqual([3000]);
      expect(await under.db.leases.held("local-other")).toEqual([]);
      await under.db.leases.handOver({ from: "asleep", to: "awake", expiresAt });
      expect(await under.db.leases.reserve({ ...lease, launchId: "asleep" })).toBe(false);
      await under.db.leases.release("awake");
      expect(await under.db.leases.held("local-test")).toEqual([]);
    });
  });
}
