import { expect, test } from "vitest";
import type { PreviewState } from "../../src/preview/record.ts";
import { problem } from "../../src/preview/problem.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, listenerOn, newPreview, ready, registerProject, someProcess, stop } from "./database-fixture.ts";

export function previewStoreContract(under: DatabaseUnderTest): void {
  test("a preview is found by id, by name and by port, within its project", async () => {
    const preview = await ready(under.db, { requestedPort: 5173 });
    const { previews } = under.db;
    expect(await previews.byId(preview.id)).toEqual(preview);
    expect(await previews.byName(preview.projectId, "web")).toEqual(preview);
    expect(await previews.byPort(preview.projectId, 5173)).toEqual(preview);
    const other = await registerProject(under.db, "other");
    expect(await previews.byId("nothing of ours")).toBeUndefined();
    expect(await previews.byName(other.id, "web")).toBeUndefined();
    expect(await previews.byPort(other.id, 5173)).toBeUndefined();
  });

  test("the port really bound is what a preview is found by", async () => {
    const preview = await claimed(under.db, { requestedPort: 3000 });
    expect(await under.db.previews.byPort(preview.projectId, 3000)).toMatchObject({ id: preview.id });
    await under.db.previews.recordListener(preview.launchId, listenerOn(3001));
    expect(await under.db.previews.byPort(preview.projectId, 3001)).toMatchObject({ id: preview.id });
    expect(await under.db.previews.byPort(preview.projectId, 3000)).toBeUndefined();
  });

  test("a live preview comes before an ended one of the same port", async () => {
    const live = await ready(under.db, { name: "a", requestedPort: 3000 });
    const ended = await claimed(under.db, { name: "b", requestedPort: 3000 });
    await stop(under.db, ended);
    expect(await under.db.previews.byPort(live.projectId, 3000)).toMatchObject({ id: live.id });
  });

  test("live previews are listed before ended ones, the newest first, stopped ones on demand", async () => {
    const { id } = await registerProject(under.db);
    for (const name of ["one", "two", "three", "four"]) await claimed(under.db, { name });
    const byName = async (name: string) => (await under.db.previews.byName(id, name))!;
    await stop(under.db, await byName("two"));
    await under.db.previews.transition((await byName("four")).launchId, { from: ["starting"], to: "crashed" });
    const names = async (includeStopped: boolean) =>
      (await under.db.previews.list(id, { includeStopped })).map(({ name }) => name);
    expect(await names(true)).toEqual(["three", "one", "four", "two"]);
    expect(await names(false)).toEqual(["three", "one", "four"]);
  });

  test("the live previews of one sandbox are listed across projects", async () => {
    const [one, two] = [await registerProject(under.db, "one"), await registerProject(under.db, "two")];
    const here = await under.db.previews.claim(newPreview(one.id, { sandboxId: "here" }));
    const alsoHere = await under.db.previews.claim(newPreview(two.id, { sandboxId: "here" }));
    await under.db.previews.claim(newPreview(two.id, { name: "b", sandboxId: "there" }));
    const ended = await under.db.previews.claim(newPreview(two.id, { name: "c", sandboxId: "here" }));
    await stop(under.db, ended!);
    const ids = (await under.db.previews.listLive("here")).map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([here!.id, alsoHere!.id]));
  });

  test("the process is recorded while starting, and not later", async () => {
    const { launchId } = await claimed(under.db);
    expect(await under.db.previews.recordProcess(launchId, someProcess)).toMatchObject({ process: someProcess });
    await under.db.previews.transition(launchId, { from: ["starting"], to: "ready" });
    expect(await under.db.previews.recordProcess(launchId, { ...someProcess, pid: 9 })).toBeUndefined();
  });

  test("whose family a process is in comes back with it", async () => {
    const family = { of: "process", parent: { pid: 5, startTime: "boot:5" } } as const;
    const { id, launchId } = await claimed(under.db, { attached: true });
    await under.db.previews.recordProcess(launchId, { ...someProcess, family });
    expect(await under.db.previews.byId(id)).toMatchObject({ attached: true, process: { ...someProcess, family } });
  });

  test("neither process nor listener is recorded once a stop was requested", async () => {
    const { id, launchId } = await claimed(under.db);
    await under.db.previews.requestStop(id);
    expect(await under.db.previews.recordProcess(launchId, someProcess)).toBeUndefined();
    expect(await under.db.previews.recordListener(launchId, listenerOn(3000))).toBeUndefined();
    expect(await under.db.projects.bySlug("acme", "demo")).not.toHaveProperty("active");
  });

  test("the listener is recorded while live, whatever the port, and not after the end", async () => {
    const { launchId } = await ready(under.db);
    const listener = { port: 3999, address: "::1", pid: 7 };
    expect(await under.db.previews.recordListener(launchId, listener)).toMatchObject({ port: 3999, listener });
    await under.db.previews.transition(launchId, { from: ["ready"], to: "crashed" });
    expect(await under.db.previews.recordListener(launchId, listenerOn(3000))).toBeUndefined();
  });

  test("a transition sets what it is given and keeps the rest", async () => {
    const { launchId } = await claimed(under.db);
    const message = `text with "quotes", a NUL \0 and half a pair \ud83d`;
    const problems = [{ ...problem("server_error", ""), message }];
    const unhealthy = await under.db.previews.transition(launchId, {
      from: ["starting"],
      to: "unhealthy",
      problems,
      httpStatus: 500,
      servesHtml: false,
    });
    expect(unhealthy).toMatchObject({
      state: "unhealthy",
      httpStatus: 500,
      servesHtml: false,
      problems: [{ code: "server_error" }],
    });
    expect(unhealthy?.problems[0]?.message).toBe(`text with "quotes", a NUL \uFFFD and half a pair \uFFFD`);
    const crashed = await under.db.previews.transition(launchId, { from: ["unhealthy"], to: "crashed", exitCode: 0 });
    expect(crashed).toMatchObject({
      state: "crashed",
      httpStatus: 500,
      servesHtml: false,
      exitCode: 0,
      problems: [{}],
    });
    expect(crashed!.updatedAt.getTime()).toBeGreaterThanOrEqual(unhealthy!.updatedAt.getTime());
  });

  test("a transition out of another state does nothing", async () => {
    const { id, launchId } = await ready(under.db);
    expect(await under.db.previews.transition(launchId, { from: ["starting", "idle"], to: "ready" })).toBeUndefined();
    expect(await under.db.previews.byId(id)).toMatchObject({ state: "ready" });
  });

  test("after a stop was requested a preview can only end", async () => {
    const { id, launchId } = await claimed(under.db);
    await under.db.previews.requestStop(id);
    expect(await under.db.previews.transition(launchId, { from: ["starting"], to: "ready" })).toBeUndefined();
    const stopped = await under.db.previews.transition(launchId, { from: ["starting"], to: "stopped" });
    expect(stopped).toMatchObject({ state: "stopped" });
  });

  test("of ten concurrent transitions out of one state one wins", async () => {
    const { launchId } = await ready(under.db);
    const targets: PreviewState[] = ["crashed", "stopped", "unhealthy", "idle", "crashed"];
    const results = await Promise.all(
      [...targets, ...targets].map((to) => under.db.previews.transition(launchId, { from: ["ready"], to })),
    );
    expect(results.filter((preview) => preview !== undefined)).toHaveLength(1);
  });

  test("a stop is requested once; repeats keep the time, and a stopped preview has none to request", async () => {
    const preview = await ready(under.db);
    const first = await under.db.previews.requestStop(preview.id);
    expect(first?.stopRequestedAt).toBeInstanceOf(Date);
    expect(first?.state).toBe("ready");
    expect((await under.db.previews.requestStop(preview.id))?.stopRequestedAt).toEqual(first?.stopRequestedAt);
    await stop(under.db, preview);
    expect(await under.db.previews.requestStop(preview.id)).toBeUndefined();
    expect(await under.db.previews.requestStop("nothing of ours")).toBeUndefined();
  });

  test("a stop that races the listener leaves neither an active preview nor a port to serve", async () => {
    for (let round = 0; round < 15; round += 1) {
      const preview = await claimed(under.db, { name: `web-${round}` });
      await Promise.all([
        stop(under.db, preview),
        under.db.previews.recordListener(preview.launchId, listenerOn(3000)),
        under.db.previews.transition(preview.launchId, { from: ["starting"], to: "ready" }),
      ]);
      expect(await under.db.previews.byId(preview.id)).toMatchObject({ state: "stopped" });
      expect(await under.db.projects.bySlug("acme", "demo")).not.toHaveProperty("active");
    }
  });

  test("a launch of a dead plane is adopted by one of those who try", async () => {
    const { launchId } = await ready(under.db, { planeId: "dead" });
    const tries = ["a", "b", "c", "d"].map((to) => under.db.previews.adopt(launchId, "dead", to));
    const adopted = (await Promise.all(tries)).filter((preview) => preview !== undefined);
    expect(adopted).toHaveLength(1);
    expect(await under.db.previews.adopt(launchId, "dead", "late")).toBeUndefined();
  });

  test("an ended launch is not adopted", async () => {
    const { launchId } = await ready(under.db, { planeId: "dead" });
    await under.db.previews.transition(launchId, { from: ["ready"], to: "crashed" });
    expect(await under.db.previews.adopt(launchId, "dead", "alive")).toBeUndefined();
  });

  test("requests move the last one forward, never back, and change nothing else", async () => {
    const preview = await ready(under.db);
    const other = await ready(under.db, { name: "api", requestedPort: 4000 });
    const at = (seconds: number) => new Date(Date.UTC(2030, 0, 1, 0, 0, seconds));
    await under.db.previews.touch([
      { previewId: preview.id, at: at(5) },
      { previewId: preview.id, at: at(9) },
      { previewId: other.id, at: at(1) },
      { previewId: "removed meanwhile", at: at(1) },
    ]);
    await under.db.previews.touch([{ previewId: preview.id, at: at(7) }]);
    expect(await under.db.previews.byId(preview.id)).toEqual({ ...preview, lastRequestAt: at(9) });
    expect(await under.db.previews.byId(other.id)).toMatchObject({ lastRequestAt: at(1) });
    await under.db.previews.touch([]);
  });

  test("batches of requests in opposite orders do not block each other", async () => {
    const previews = [];
    for (let index = 0; index < 20; index += 1) previews.push(await claimed(under.db, { name: `web-${index}` }));
    const requests = previews.map(({ id }) => ({ previewId: id, at: new Date() }));
    const batches = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? requests : requests.toReversed()));
    const later = (index: number) => new Date(Date.now() + index * 1000);
    await Promise.all(
      batches.map((batch, index) =>
        under.db.previews.touch(batch.map((request) => ({ ...request, at: later(index) }))),
      ),
    );
    expect((await under.db.previews.byId(previews[0]!.id))?.lastRequestAt).toBeInstanceOf(Date);
  });
}
