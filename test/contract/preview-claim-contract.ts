import { expect, test } from "vitest";
import { liveStates } from "../../src/preview/record.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, listenerOn, newPreview, ready, registerProject, someProcess, stop } from "./database-fixture.ts";

export function previewClaimContract(under: DatabaseUnderTest): void {
  test("a claim returns a starting preview as asked, with nothing known yet", async () => {
    const project = await registerProject(under.db);
    const expiresAt = new Date("2031-02-03T04:05:06.789Z");
    const asked = newPreview(project.id, { framework: "vite", env: { API_KEY: "s3cret" }, expiresAt, signed: false });
    const preview = await under.db.previews.claim(asked);
    expect(preview).toMatchObject({ ...asked, state: "starting", problems: [] });
    const keys = Object.keys(preview!);
    for (const unknown of [
      "port",
      "process",
      "listener",
      "exitCode",
      "httpStatus",
      "readyMs",
      "servesHtml",
      "stopRequestedAt",
    ])
      expect(keys).not.toContain(unknown);
  });

  test("what was not asked for is absent", async () => {
    const preview = await claimed(under.db);
    expect(preview).not.toHaveProperty("framework");
    expect(preview).not.toHaveProperty("expiresAt");
  });

  test("an environment with any characters comes back as it was", async () => {
    const env = { QUOTES: `a'b"c\\d`, LINES: "one\ntwo\t3", UNICODE: "päß 😀 \u2028", BRACES: '{"a":[1]}', EMPTY: "" };
    const { id } = await claimed(under.db, { env });
    expect((await under.db.previews.byId(id))?.env).toEqual(env);
  });

  test.each(liveStates)("a %s preview holds its name", async (state) => {
    const preview = await claimed(under.db);
    if (state !== "starting") await under.db.previews.transition(preview.launchId, { from: ["starting"], to: state });
    expect(await under.db.previews.claim(newPreview(preview.projectId))).toBeUndefined();
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ state, launchId: preview.launchId });
  });

  test.each(["crashed", "stopped"] as const)(
    "a %s preview is taken over: same id, new launch, blank",
    async (state) => {
      const old = await ready(under.db, { env: { OLD: "1" }, framework: "next" });
      await under.db.previews.transition(old.launchId, {
        from: ["ready"],
        to: state,
        exitCode: 3,
        servesHtml: true,
        problems: [{ code: "exited", message: "m", fix: "f" }],
      });
      const asked = newPreview(old.projectId, { requestedPort: 4000, planeId: "plane-2" });
      const preview = await under.db.previews.claim(asked);
      expect(preview).toMatchObject({ ...asked, id: old.id, state: "starting", problems: [], env: {} });
      for (const gone of [
        "port",
        "process",
        "listener",
        "exitCode",
        "framework",
        "servesHtml",
        "lastRequestAt",
        "stopRequestedAt",
      ])
        expect(preview).not.toHaveProperty(gone);
    },
  );

  test("a launch that was taken over can change nothing any more", async () => {
    const old = await claimed(under.db);
    await stop(under.db, old);
    const present = (await under.db.previews.claim(newPreview(old.projectId)))!;
    expect(await under.db.previews.recordProcess(old.launchId, someProcess)).toBeUndefined();
    expect(await under.db.previews.recordListener(old.launchId, listenerOn(3000))).toBeUndefined();
    expect(await under.db.previews.transition(old.launchId, { from: ["starting"], to: "crashed" })).toBeUndefined();
    expect(await under.db.previews.byId(present.id)).toEqual(present);
  });

  test("fifty concurrent claims of one name by two planes have one winner", async () => {
    const project = await registerProject(under.db);
    const other = await under.fixture.open();
    const claims = Array.from({ length: 50 }, (_, index) =>
      (index % 2 === 0 ? under.db : other).previews.claim(newPreview(project.id)),
    );
    const winners = (await Promise.all(claims)).filter((preview) => preview !== undefined);
    expect(winners).toHaveLength(1);
    expect(await under.db.previews.list(project.id, { includeStopped: true })).toEqual(winners);
  });

  test("fifty concurrent claims of an ended preview have one winner", async () => {
    const ended = await claimed(under.db);
    await stop(under.db, ended);
    const claims = Array.from({ length: 50 }, () => under.db.previews.claim(newPreview(ended.projectId)));
    const winners = (await Promise.all(claims)).filter((preview) => preview !== undefined);
    expect(winners.map(({ id }) => id)).toEqual([ended.id]);
  });

  test("different names and projects do not hold each other up", async () => {
    const [one, two] = [await registerProject(under.db, "one"), await registerProject(under.db, "two")];
    const claims = await Promise.all([
      ...Array.from({ length: 10 }, (_, index) =>
        under.db.previews.claim(newPreview(one.id, { name: `web-${index}` })),
      ),
      under.db.previews.claim(newPreview(two.id, { name: "web-1" })),
    ]);
    expect(claims.every((preview) => preview !== undefined)).toBe(true);
  });
}
