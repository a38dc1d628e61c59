import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findWorkingTree, packageFolderOf, workingTreeAt } from "../../src/client/working-tree.ts";
import { slugSchema } from "../../src/preview/contract.ts";

let dir: string;
beforeEach(() => {
  dir = realpathSync(mkdtempSync(join(tmpdir(), "dpp-tree-")));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(dir, { recursive: true, force: true });
});

const make = (path: string) => {
  mkdirSync(join(dir, path), { recursive: true });
  return join(dir, path);
};
const hash = (path: string) => createHash("sha256").update(path).digest("hex").slice(0, 8);

describe("the working tree of a directory", () => {
  it("is the nearest ancestor with .git", () => {
    const repo = make("shop");
    make("shop/.git");
    expect(findWorkingTree(make("shop/packages/web/src"))).toEqual({ root: repo, slug: `shop-${hash(repo)}` });
  });

  it("is the worktree, not the repository that it belongs to", () => {
    make("shop/.git");
    const worktree = make("shop/trees/feature");
    writeFileSync(join(worktree, ".git"), "gitdir: ../../.git/worktrees/feature\n");
    expect(findWorkingTree(make("shop/trees/feature/src")).root).toBe(worktree);
    expect(findWorkingTree(join(dir, "shop")).root).toBe(join(dir, "shop"));
  });

  it("is the directory itself where there is no repository", () => {
    const plain = make("plain/inner");
    expect(findWorkingTree(plain).root).toBe(plain);
  });

  it("is the same by whatever link one comes", () => {
    const repo = make("shop");
    make("shop/.git");
    symlinkSync(repo, join(dir, "link"));
    expect(findWorkingTree(join(dir, "link"))).toEqual(findWorkingTree(repo));
    expect(workingTreeAt(join(dir, "link"))).toEqual(findWorkingTree(repo));
  });

  it("is refused for the root of the file system", () => {
    expect(() => findWorkingTree("/")).toThrow(expect.objectContaining({ code: "project_required" }));
  });

  it("is refused for the home directory, unless a project is there or it was named", () => {
    vi.stubEnv("HOME", dir);
    const refusal = expect.objectContaining({ code: "project_required" });
    expect(() => findWorkingTree(dir)).toThrow(refusal);
    expect(workingTreeAt(dir).root).toBe(dir);
    writeFileSync(join(dir, "package.json"), "{}");
    expect(findWorkingTree(dir).root).toBe(dir);
  });

  it("is not a home directory kept in git", () => {
    vi.stubEnv("HOME", dir);
    make(".git");
    const plain = make("code/app");
    expect(findWorkingTree(plain).root).toBe(plain);
  });

  it("is refused for a directory that does not exist", () => {
    expect(() => workingTreeAt(join(dir, "nothing"))).toThrow(expect.objectContaining({ code: "invalid_input" }));
  });
});

describe("its slug", () => {
  it.each([
    ["My Shop (v2)", "my-shop-v2"],
    ["___", "project"],
    ["Größe", "gr-e"],
    ["a".repeat(80), "a".repeat(40)],
    [`${"a".repeat(39)}--b`, "a".repeat(39)],
    [".hidden", "hidden"],
  ])("of %s is a DNS label that starts with %s", (name, start) => {
    const root = make(name);
    const { slug } = workingTreeAt(root);
    expect(slug).toBe(`${start}-${hash(root)}`);
    expect(slugSchema.safeParse(slug).success).toBe(true);
  });

  it("differs for two trees of one name", () => {
    expect(workingTreeAt(make("a/web")).slug).not.toBe(workingTreeAt(make("b/web")).slug);
  });
});

describe("the package of a directory", () => {
  it.each([
    ["apps/web", "apps/web"],
    ["apps/web/src/deep", "apps/web"],
    ["apps", undefined],
    [".", undefined],
  ])("of %s is %s", (directory, expected) => {
    const root = realpathSync(mkdtempSync(join(tmpdir(), "tree-")));
    mkdirSync(join(root, "apps/web/src/deep"), { recursive: true });
    mkdirSync(join(root, ".git"));
    writeFileSync(join(root, "package.json"), "{}");
    writeFileSync(join(root, "apps/web/package.json"), "{}");
    const here = join(root, directory);
    expect(packageFolderOf(findWorkingTree(here), here)).toBe(expected);
    rmSync(root, { recursive: true });
  });
});
