import { createHash } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { PreviewError } from "../errors.ts";

export interface WorkingTree {
  /** Absolute real path. */
  readonly root: string;
  /** The same for every client that works in this tree on this machine. */
  readonly slug: string;
}

const maxNameLength = 40;

/** What makes even the home directory a project, as in sandboxes where the two are one. */
const projectFiles = ["package.json", "dev-preview.json"];

/**
 * The working tree of the directory that a client runs in: the nearest ancestor with `.git` (in a
 * worktree that is a file, and each worktree is a project of its own), else the directory itself.
 * Throws `project_required` for the file system's root and for a home directory without a project:
 * a client that runs there was started elsewhere than in a project.
 */
export function findWorkingTree(directory: string): WorkingTree {
  const start = realPathOf(directory);
  const home = realPathOf(homedir());
  // A home directory kept in git (dotfiles) does not make one project of everything below it.
  const root = ancestors(start).find((path) => path !== home && existsSync(join(path, ".git"))) ?? start;
  const isElsewhere = dirname(root) === root || root === home;
  if (isElsewhere && !projectFiles.some((name) => existsSync(join(root, name)))) throw notAProject(root);
  return { root, slug: slugOf(root) };
}

/**
 * The package that a directory inside the tree belongs to, relative to the root: the nearest folder
 * with a project file. Undefined when that is the root itself, or none.
 */
export function packageFolderOf(tree: WorkingTree, directory: string): string | undefined {
  const start = realPathOf(directory);
  const inside = ancestors(start).filter((path) => path.startsWith(`${tree.root}/`));
  const folder = inside.find((path) => projectFiles.some((name) => existsSync(join(path, name))));
  return folder === undefined ? undefined : relative(tree.root, folder);
}

/** A directory that the caller named: itself, whatever it is. */
export function workingTreeAt(directory: string): WorkingTree {
  const root = realPathOf(directory);
  return { root, slug: slugOf(root) };
}

/** Asked at each call: the directory that a long-lived client was started in may be gone. */
export function currentDirectory(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new PreviewError("invalid_input", "the current directory does not exist any more", {
      hint: "Go to an existing directory, or pass --root <directory> (DEV_PREVIEW_ROOT).",
      cause,
    });
  }
}

function ancestors(path: string): string[] {
  const parent = dirname(path);
  return parent === path ? [path] : [path, ...ancestors(parent)];
}

function slugOf(root: string): string {
  const name = basename(root)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, maxNameLength)
    .replaceAll(/^-+|-+$/g, "");
  const hash = createHash("sha256").update(root).digest("hex").slice(0, 8);
  return `${name === "" ? "project" : name}-${hash}`;
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new PreviewError("invalid_input", `directory ${path} cannot be resolved`, {
      hint: "Pass --root (DEV_PREVIEW_ROOT) with an existing directory.",
      cause,
    });
  }
}

function notAProject(root: string): PreviewError {
  return new PreviewError("project_required", `${root} is not a project directory`, {
    hint: "Pass --root <directory> (DEV_PREVIEW_ROOT), or --project <slug> (DEV_PREVIEW_PROJECT) of a registered one.",
  });
}
