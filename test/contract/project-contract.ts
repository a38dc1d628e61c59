import { expect, test } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import type { DatabaseUnderTest } from "./database-contract.ts";
import { claimed, newPreview, ready, registerProject, stop } from "./database-fixture.ts";

const demo = { org: "acme", slug: "demo", sandboxDriver: "local", workspaceRoot: "/work/demo" } as const;

export function projectContract(under: DatabaseUnderTest): void {
  test("a project is registered once, and a repeat returns it", async () => {
    const first = await under.db.projects.put(demo);
    expect(first).toMatchObject(demo);
    expect(first?.createdAt).toBeInstanceOf(Date);
    expect(first).not.toHaveProperty("active");
    expect(await under.db.projects.put(demo)).toEqual(first);
  });

  test("a slug that belongs to another org or workspace is a conflict, and stays as it was", async () => {
    await under.db.projects.put(demo);
    expect(await under.db.projects.put({ ...demo, org: "other" })).toBeUndefined();
    expect(await under.db.projects.put({ ...demo, workspaceRoot: "/elsewhere" })).toBeUndefined();
    expect(await under.db.projects.bySlug("acme", "demo")).toMatchObject(demo);
  });

  test("twenty concurrent registrations are one project", async () => {
    const projects = await Promise.all(Array.from({ length: 20 }, () => under.db.projects.put(demo)));
    expect(new Set(projects.map((project) => project?.id)).size).toBe(1);
  });

  test("a project is found by its own org only", async () => {
    const project = await under.db.projects.put(demo);
    expect(await under.db.projects.bySlug("acme", "demo")).toEqual(project);
    expect(await under.db.projects.bySlug("other", "demo")).toBeUndefined();
  });

  test("projects are listed by slug, those of one org", async () => {
    await registerProject(under.db, "beta");
    await registerProject(under.db, "alpha");
    await under.db.projects.put({ ...demo, org: "other" });
    expect((await under.db.projects.list("acme")).map(({ slug }) => slug)).toEqual(["alpha", "beta"]);
  });

  test("workspaces below a directory are told across orgs, without the directory itself and its neighbours", async () => {
    const put = (slug: string, workspaceRoot: string) =>
      under.db.projects.put({ org: slug, slug, sandboxDriver: "local", workspaceRoot });
    await put("repo", "/work/demo");
    await put("tree", "/work/demo/.trees/one");
    await put("deep", "/work/demo/apps/deep");
    await put("near", "/work/demo-2");
    await put("wild", "/work/dem%/x");
    expect(await under.db.projects.rootsBelow("/work/demo")).toEqual(["/work/demo/.trees/one", "/work/demo/apps/deep"]);
    expect(await under.db.projects.rootsBelow("/work/dem%")).toEqual(["/work/dem%/x"]);
    expect(await under.db.projects.rootsBelow("/work/demo/apps/deep")).toEqual([]);
    expect(await under.db.projects.rootsBelow("/")).toHaveLength(5);
  });

  test("a project whose previews have ended is removed with them", async () => {
    const preview = await ready(under.db);
    await stop(under.db, preview);
    expect(await under.db.projects.remove("acme", "demo")).toMatchObject({ id: preview.projectId });
    expect(await under.db.projects.bySlug("acme", "demo")).toBeUndefined();
    expect(await under.db.previews.byId(preview.id)).toBeUndefined();
  });

  test("a project with a live preview is not removed", async () => {
    const preview = await claimed(under.db);
    expect(await under.db.projects.remove("acme", "demo")).toBeUndefined();
    expect(await under.db.previews.byId(preview.id)).toMatchObject({ state: "starting" });
  });

  test("another org does not remove a project", async () => {
    await under.db.projects.put(demo);
    expect(await under.db.projects.remove("other", "demo")).toBeUndefined();
    expect(await under.db.projects.bySlug("acme", "demo")).toBeDefined();
  });

  test("a preview of a removed project cannot be claimed", async () => {
    const { id } = await registerProject(under.db);
    await under.db.projects.remove("acme", "demo");
    await expect(under.db.previews.claim(newPreview(id))).rejects.toMatchObject({ code: "project_not_found" });
  });

  test("a removal and a claim at the same time never leave a live preview without its project", async () => {
    const { id } = await registerProject(under.db);
    for (let round = 0; round < 15; round += 1) {
      const project = (await under.db.projects.bySlug("acme", "demo")) ?? (await registerProject(under.db));
      const preview = newPreview(project.id, { name: round % 2 === 0 ? "web" : `web-${round}` });
      const [claim, removed] = await Promise.all([
        under.db.previews.claim(preview).catch((error: unknown) => error),
        under.db.projects.remove("acme", "demo"),
      ]);
      if (removed === undefined) expect(claim).toMatchObject({ launchId: preview.launchId });
      else expect(claim instanceof PreviewError && claim.code).toBe("project_not_found");
      await under.db.previews.transition(preview.launchId, { from: ["starting"], to: "crashed" });
    }
    expect(id).toBeDefined();
  });

  test("a removal waits for a claim under way, and then finds the project in use", async () => {
    const { id } = await registerProject(under.db);
    const { admin } = under.fixture;
    let removal: Promise<unknown> | undefined;
    await admin.begin(async (claiming) => {
      await claiming`
        insert into dev_preview.previews (
          project_id, name, launch_id, sandbox_id, plane_id, command, repo_dir, ready_path, signed, requested_port)
        values (${id}, 'web', 'launch', 's', 'p', 'c', '/w', '/', true, 3000)`;
      removal = under.db.projects.remove("acme", "demo");
      const waiting = () =>
        admin`select 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
      await expect.poll(async () => (await waiting()).length, { timeout: 4_000 }).toBe(1);
    });
    expect(await removal).toBeUndefined();
    expect(await under.db.previews.byName(id, "web")).toMatchObject({ state: "starting" });
  });

  test("the active preview is recorded with the listener and cleared by stop", async () => {
    const preview = await ready(under.db, { requestedPort: 5173 });
    const { active } = (await under.db.projects.bySlug("acme", "demo"))!;
    expect(active).toMatchObject({ port: 5173, sandboxId: "local-test", signed: true });
    expect(active?.updatedAt).toBeInstanceOf(Date);
    await stop(under.db, preview);
    expect(await under.db.projects.bySlug("acme", "demo")).not.toHaveProperty("active");
  });

  test("a crash clears the active preview too", async () => {
    const { launchId } = await ready(under.db);
    await under.db.previews.transition(launchId, { from: ["ready"], to: "crashed" });
    expect(await under.db.projects.bySlug("acme", "demo")).not.toHaveProperty("active");
  });

  test("the end of one preview leaves another one active", async () => {
    const api = await ready(under.db, { name: "api", requestedPort: 4000 });
    await ready(under.db, { name: "web", requestedPort: 3000 });
    await stop(under.db, api);
    expect(await under.db.projects.bySlug("acme", "demo")).toMatchObject({ active: { port: 3000 } });
  });
}
