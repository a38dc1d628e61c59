import { realpath, stat } from "node:fs/promises";
import { relative, resolve, sep } from "node:path";
import { PreviewError } from "../errors.ts";
import { isInside } from "../inside.ts";
import { quoted } from "../plain-words.ts";

/** The directory that a command runs in. */
export interface RepoDir {
  /** Absolute, with every symlink resolved. */
  readonly path: string;
  /** Relative to the workspace root, `/`-separated; `""` is the root. */
  readonly relativePath: string;
}

/**
 * Resolves the directory that a caller named against the workspace on this host. Throws
 * `repo_dir_outside_workspace` also when a symlink inside leads out, `repo_dir_missing` when there is
 * no such directory.
 */
export async function resolveRepoDir(workspaceRoot: string, named = "."): Promise<RepoDir> {
  const root = await realDirectory(workspaceRoot, `workspace ${workspaceRoot}`);
  const wanted = resolve(root, named);
  if (!isInside(wanted, root) && !isInside(wanted, workspaceRoot)) throw outside(named, workspaceRoot);
  const path = await realDirectory(wanted, `repoDir ${quoted(named)}`);
  if (!isInside(path, root)) throw outside(named, workspaceRoot);
  return { path, relativePath: relative(root, path).split(sep).join("/") };
}

async function realDirectory(path: string, label: string): Promise<string> {
  let found: { path: string; directory: boolean };
  try {
    const real = await realpath(path);
    found = { path: real, directory: (await stat(real)).isDirectory() };
  } catch (error) {
    throw missing(`${label} does not exist or cannot be opened`, error);
  }
  if (!found.directory) throw missing(`${label} is not a directory`);
  return found.path;
}

function missing(message: string, cause?: unknown): PreviewError {
  return new PreviewError("repo_dir_missing", message, {
    hint: "Name an existing directory, relative to the workspace root.",
    cause,
  });
}

function outside(named: string, workspaceRoot: string): PreviewError {
  return new PreviewError(
    "repo_dir_outside_workspace",
    `repoDir ${quoted(named)} leads out of the workspace ${workspaceRoot}`,
    {
      hint: "Name a directory inside the workspace; symlinks that leave it are refused.",
    },
  );
}
