import { execFileSync } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localProjectFiles } from "../../src/recipe/project-files.ts";
import { readOnce } from "../../src/recipe/read-once.ts";
import { tempProject } from "./temp-project.ts";

describe("localProjectFiles", () => {
  it("reads files inside, and nothing where there is none", async () => {
    await using project = await tempProject({ "a/b.txt": "täxt", "folder/": "" });
    const files = localProjectFiles(project.root);
    expect(await files.readText("a/b.txt")).toBe("täxt");
    expect(await files.readText("a/c.txt")).toBeUndefined();
    expect(await files.readText("a/b.txt/c")).toBeUndefined();
    expect(await files.readText("folder")).toBeUndefined();
  });

  it("follows a link that stays inside, and none that leaves", async () => {
    await using other = await tempProject({ "secret.txt": "secret" });
    await using project = await tempProject({ "a.txt": "a" });
    await symlink("a.txt", join(project.root, "inside"));
    await symlink(join(other.root, "secret.txt"), join(project.root, "outside"));
    await symlink(other.root, join(project.root, "folder"));
    const files = localProjectFiles(project.root);
    expect(await files.readText("inside")).toBe("a");
    expect(await files.readText("outside")).toBeUndefined();
    expect(await files.readText("folder/secret.txt")).toBeUndefined();
    expect(await files.readText("../project/a.txt")).toBe("a");
    expect(await files.readText("../../etc/passwd")).toBeUndefined();
  });

  it("does not wait for a FIFO", async () => {
    await using project = await tempProject({});
    execFileSync("mkfifo", [join(project.root, "package.json")]);
    expect(await localProjectFiles(project.root).readText("package.json")).toBeUndefined();
  });

  it("refuses a file that is larger than any project file", async () => {
    await using project = await tempProject({ "package.json": " ".repeat(5 * 1024 * 1024) });
    await expect(localProjectFiles(project.root).readText("package.json")).rejects.toMatchObject({
      code: "project_file_invalid",
    });
  });

  it("tells what exists: files, folders, links that lead anywhere, but not dangling ones", async () => {
    await using other = await tempProject({ "inner.txt": "" });
    await using project = await tempProject({ "a/b.txt": "" });
    await symlink(other.root, join(project.root, "shared"));
    await symlink("nowhere", join(project.root, "dangling"));
    const files = localProjectFiles(project.root);
    expect(await Promise.all(["a", "a/b.txt", "shared", ""].map((path) => files.exists(path)))).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(await files.folders("")).toEqual(["a"]);
    expect(await files.folders("..")).toEqual([]);
    expect(await files.folders("a/b.txt")).toEqual([]);
    expect(await Promise.all(["c", "dangling", "shared/inner.txt", ".."].map((path) => files.exists(path)))).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });
});

describe("readOnce", () => {
  it("looks at each path once, however many ask for it", async () => {
    await using project = await tempProject({ "a.txt": "first" });
    const files = readOnce(localProjectFiles(project.root));
    expect(await files.readText("a.txt")).toBe("first");
    await writeFile(join(project.root, "a.txt"), "second");
    expect(await files.readText("a.txt")).toBe("first");
    expect(await readOnce(localProjectFiles(project.root)).readText("a.txt")).toBe("second");
  });
});
