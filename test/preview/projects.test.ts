import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RequestContext } from "../../src/identity/context.ts";
import { createProjects } from "../../src/preview/projects.ts";
import { openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
afterAll(() => plane.close());

const other = (slug: string | undefined, org = "local") => ({
  principal: { kind: "bearer" as const, org, user: "dev", scopes: ["operator" as const] },
  requestId: "test",
  ...(slug === undefined ? {} : { projectSlug: slug }),
});
const wanted = { name: "web", signed: true, ifRunning: "reuse" as const, waitSeconds: 5 };

describe("a project", () => {
  it("is registered once, and again without change", async () => {
    const first = await plane.useCases.putProject(plane.context, "again", { workspaceRoot: plane.workspace });
    expect(await plane.useCases.putProject(plane.context, "again", { workspaceRoot: plane.workspace })).toEqual(first);
  });

  it("is refused under a slug that has another workspace", async () => {
    const elsewhere = join(plane.directory, "elsewhere");
    await mkdir(elsewhere, { recursive: true });
    await expect(plane.useCases.putProject(plane.context, "app", { workspaceRoot: elsewhere })).rejects.toMatchObject({
      code: "project_conflict",
    });
  });

  it("is refused in a workspace that is absent, a file, or the plane's own state", async () => {
    const file = join(plane.directory, "file");
    await writeFile(file, "");
    for (const workspaceRoot of [
      join(plane.directory, "absent"),
      file,
      plane.deps.settings.stateDir,
      join(plane.deps.settings.stateDir, "launches"),
    ]) {
      await expect(
        plane.useCases.putProject(plane.context, "bad", { workspaceRoot }),
        workspaceRoot,
      ).rejects.toMatchObject({ code: "invalid_input" });
    }
  });

  it("is registered by its real path", async () => {
    const link = join(plane.directory, "link");
    await symlink(plane.workspace, link);
    expect(await plane.useCases.putProject(plane.context, "linked", { workspaceRoot: link })).toMatchObject({
      workspaceRoot: plane.workspace,
    });
  });

  it("of another org answers exactly like one that does not exist", async () => {
    const errors = await Promise.all(
      [other("app", "strangers"), other("nowhere", "strangers")].map((context) =>
        plane.useCases.start(context, wanted).then(
          () => "allowed",
          (error: { code: string; message: string; hint: string }) =>
            JSON.stringify([error.code, error.message.replace(/"(app|nowhere)"/, '"…"'), error.hint]),
        ),
      ),
    );
    expect(errors[0]).toBe(errors[1]);
    expect(errors[0]).toContain("project_not_found");
  });

  it("has to be named", async () => {
    await expect(plane.useCases.list(other(undefined), { includeStopped: false })).rejects.toMatchObject({
      code: "project_required",
    });
  });

  it("is not removed while a preview is live, and takes its previews along afterwards", async () => {
    await plane.useCases.putProject(plane.context, "short", { workspaceRoot: plane.workspace });
    const context = other("short");
    const preview = await plane.useCases.start(context, { ...wanted, waitSeconds: 20, command: server("well") });
    await expect(plane.useCases.removeProject(context, "short")).rejects.toMatchObject({ code: "project_conflict" });
    await plane.useCases.stop(context, { all: true });
    await plane.useCases.removeProject(context, "short");
    expect(await plane.db.previews.byId(preview.previewId)).toBeUndefined();
    expect((await plane.fetch(preview.previewUrl!)).status).toBe(410);
  });
});

describe("a repo directory", () => {
  it("inside the workspace is where the command runs", async () => {
    await mkdir(join(plane.workspace, "apps/web app ü"), { recursive: true });
    const result = await plane.start({ name: "inside", repoDir: "apps/web app ü", command: server("well") });
    expect(result).toMatchObject({ status: "ready", repoDir: join(plane.workspace, "apps/web app ü") });
  });

  it.each(["..", "../elsewhere", "/etc", "escape", "apps/../../elsewhere"])(
    "outside the workspace is refused: %s",
    async (repoDir) => {
      await mkdir(join(plane.directory, "elsewhere"), { recursive: true });
      await symlink("/etc", join(plane.workspace, "escape")).catch(() => undefined); // made by the first case
      await expect(plane.start({ name: "outside", repoDir, command: server("well") })).rejects.toMatchObject({
        code: "repo_dir_outside_workspace",
      });
    },
  );

  it("that is missing is refused by name", async () => {
    await expect(plane.start({ repoDir: "nope", command: server("well") })).rejects.toMatchObject({
      code: "repo_dir_missing",
      message: expect.stringContaining("nope"),
    });
  });
});

describe("a key's project", () => {
  const key = (org: string, projects?: string[]) => ({
    principal: {
      kind: "key" as const,
      org,
      user: "ada",
      scopes: ["admin" as const],
      ...(projects === undefined ? {} : { projects }),
    },
    requestId: "test",
  });

  it("is one that it is bound to; any other one of its org answers as if it did not exist", async () => {
    const app = { ...key("local", ["app"]), projectSlug: "app" };
    const again = { ...app, projectSlug: "again" };
    expect((await plane.useCases.listProjects(app)).map(({ slug }) => slug)).toEqual(["app"]);
    expect(await plane.useCases.getProject(app, "app")).toMatchObject({ slug: "app" });
    expect(await plane.useCases.list(app, { includeStopped: true })).toMatchObject({ previews: expect.any(Array) });
    const refused = { code: "project_not_found" };
    await expect(plane.useCases.getProject(app, "again")).rejects.toMatchObject(refused);
    await expect(plane.useCases.removeProject(app, "again")).rejects.toMatchObject(refused);
    await expect(plane.useCases.list(again, { includeStopped: true })).rejects.toMatchObject(refused);
    await expect(plane.useCases.start(again, wanted)).rejects.toMatchObject(refused);
    await expect(plane.useCases.putProject(app, "again", { workspaceRoot: plane.workspace })).rejects.toMatchObject(
      refused,
    );
  });

  it("is registered below its org's folder only, and what lies elsewhere is refused like what does not exist", async () => {
    const orgs = join(plane.directory, "orgs");
    for (const folder of ["acme/shop", "globex/shop"]) await mkdir(join(orgs, folder), { recursive: true });
    await symlink(join(orgs, "globex", "shop"), join(orgs, "acme", "link"));
    const settings = { ...plane.deps.settings, orgWorkspaces: join(orgs, "{org}") };
    const { putProject } = createProjects({ ...plane.deps, settings });
    const put = (org: string, path: string) =>
      putProject(key(org), "shop-of-acme", { workspaceRoot: join(orgs, path) });
    for (const path of ["globex/shop", "acme", "acme/link", "acme/../globex/shop", "acme/absent", ".."])
      await expect(put("acme", path), path).rejects.toMatchObject({ code: "forbidden" });
    expect(await put("acme", "acme/shop")).toMatchObject({ org: "acme", workspaceRoot: join(orgs, "acme", "shop") });
    await expect(plane.useCases.putProject(key("acme"), "b", { workspaceRoot: plane.workspace })).rejects.toMatchObject(
      {
        code: "forbidden",
      },
    );
  });

  it("has no folder to be registered in where the org's name is a path", async () => {
    const orgs = join(plane.directory, "named");
    await mkdir(join(orgs, "globex", "shop"), { recursive: true });
    const settings = { ...plane.deps.settings, orgWorkspaces: join(orgs, "{org}") };
    const { putProject } = createProjects({ ...plane.deps, settings });
    for (const org of [".", "..", "globex/", "acme/../globex", "./globex", "globex/shop/..", "/"])
      await expect(putProject(key(org), "stolen", { workspaceRoot: join(orgs, "globex", "shop") }), org)
        .rejects //
        .toMatchObject({ code: "forbidden" });
    expect(await putProject(key("globex"), "own", { workspaceRoot: join(orgs, "globex", "shop") })).toMatchObject({
      org: "globex",
    });
  });

  it("is registered in no folder whose name only begins like its org's", async () => {
    const orgs = join(plane.directory, "prefixes");
    for (const folder of ["a/app", "ab/app"]) await mkdir(join(orgs, folder), { recursive: true });
    const settings = { ...plane.deps.settings, orgWorkspaces: join(orgs, "{org}") };
    const { putProject } = createProjects({ ...plane.deps, settings });
    const put = (org: string, path: string) => putProject(key(org), `of-${org}`, { workspaceRoot: join(orgs, path) });
    await expect(put("a", "ab/app")).rejects.toMatchObject({ code: "forbidden" });
    await expect(put("ab", "a/app")).rejects.toMatchObject({ code: "forbidden" });
    expect(await put("a", "a/app")).toMatchObject({ org: "a" });
  });

  it("neither lies in another one of its org nor holds one, unless the operator registered it so", async () => {
    const orgs = join(plane.directory, "nested");
    for (const folder of ["acme/shop/apps/web", "acme/shop-2"]) await mkdir(join(orgs, folder), { recursive: true });
    const settings = { ...plane.deps.settings, orgWorkspaces: join(orgs, "{org}") };
    const { putProject } = createProjects({ ...plane.deps, settings });
    const put = (slug: string, path: string, context: RequestContext = key("acme")) =>
      putProject(context, slug, { workspaceRoot: join(orgs, "acme", path) });
    await put("nest-apps", "shop/apps");
    const refused = { code: "project_conflict", hint: expect.stringContaining("repoDir") as string };
    await expect(put("nest-web", "shop/apps/web")).rejects.toMatchObject(refused);
    await expect(put("nest-shop", "shop")).rejects.toMatchObject(refused);
    for (const [slug, path] of [
      ["nest-apps", "shop/apps"],
      ["nest-same", "shop/apps"],
      ["nest-beside", "shop-2"],
    ] as const)
      expect(await put(slug, path)).toMatchObject({ slug });
    await put("nest-web", "shop/apps/web", other(undefined, "acme"));
    expect(await put("nest-web", "shop/apps/web")).toMatchObject({ slug: "nest-web" });
  });
});
