import { mkdir, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { resolveRepoDir } from "../../src/recipe/repo-dir.ts";
import { tempProject } from "./temp-project.ts";

describe("resolveRepoDir", () => {
  it.each([
    [undefined, ""],
    [".", ""],
    ["", ""],
    ["apps/web", "apps/web"],
    ["./apps/../apps/web/", "apps/web"],
    ["apps/wéb ✓", "apps/wéb ✓"],
  ])("finds %j inside the workspace", async (named, relativePath) => {
    await using project = await tempProject({ "apps/web/": "", "apps/wéb ✓/": "" });
    expect(await resolveRepoDir(project.root, named)).toEqual({ path: join(project.root, relativePath), relativePath });
  });

  it("takes an absolute path inside, also through a link to the workspace itself", async () => {
    await using project = await tempProject({ "web/": "" });
    const link = join(dirname(project.root), "link");
    await symlink(project.root, link);
    const expected = { path: join(project.root, "web"), relativePath: "web" };
    expect(await resolveRepoDir(project.root, join(project.root, "web"))).toEqual(expected);
    expect(await resolveRepoDir(link, join(link, "web"))).toEqual(expected);
    expect(await resolveRepoDir(link, "web")).toEqual(expected);
  });

  it("follows a symlink that stays inside", async () => {
    await using project = await tempProject({ "apps/web/": "" });
    await symlink("apps/web", join(project.root, "current"));
    expect(await resolveRepoDir(project.root, "current")).toMatchObject({ relativePath: "apps/web" });
  });

  it.each(["..", "../..", "web/../../project-2", "/", "/etc"])("refuses %s, outside the workspace", async (named) => {
    await using project = await tempProject({ "web/": "" });
    await mkdir(`${project.root}-2`);
    await expect(resolveRepoDir(project.root, named)).rejects.toMatchObject({ code: "repo_dir_outside_workspace" });
  });

  it.each(["web", "web/inner"])("refuses %s where a symlink leads out", async (named) => {
    await using other = await tempProject({ "inner/": "" });
    await using project = await tempProject({});
    await symlink(other.root, join(project.root, "web"));
    await expect(resolveRepoDir(project.root, named)).rejects.toMatchObject({ code: "repo_dir_outside_workspace" });
  });

  it.each(["missing", "file.txt", "file.txt/below", "dangling", "loop"])("refuses %s, no directory", async (named) => {
    await using project = await tempProject({ "file.txt": "" });
    await symlink("nowhere", join(project.root, "dangling"));
    await symlink("loop", join(project.root, "loop"));
    await expect(resolveRepoDir(project.root, named)).rejects.toMatchObject({ code: "repo_dir_missing" });
  });

  it("says that the workspace itself is missing", async () => {
    await using project = await tempProject({});
    const gone = join(project.root, "gone");
    await expect(resolveRepoDir(gone)).rejects.toMatchObject({
      code: "repo_dir_missing",
      message: expect.stringContaining(`workspace ${gone}`),
    });
  });
});
