import { constants } from "node:fs";
import { lstat, open, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { PreviewError } from "../errors.ts";
import { isInside } from "../inside.ts";
import { resolveRepoDir } from "./repo-dir.ts";
import type { RepoDir } from "./repo-dir.ts";

/**
 * How a recipe reads a workspace. Paths are relative to the workspace root and `/`-separated; `""` is
 * the root itself. The workspace may be on another machine, so nothing else touches its files.
 */
export interface ProjectFiles {
  /** UTF-8 text of a regular file; `undefined` when there is none. */
  readText(path: string): Promise<string | undefined>;
  exists(path: string): Promise<boolean>;
  /** Names of the directories in a directory, sorted; none where there is no such directory inside. */
  folders(path: string): Promise<readonly string[]>;
  /** The directory that a caller named (relative to the root, or absolute); refused outside the workspace. */
  repoDir(named?: string): Promise<RepoDir>;
}

const maxBytes = 4 * 1024 * 1024;

/** A workspace on this host. Symlinks that lead out of the workspace are read as absent. */
export function localProjectFiles(root: string): ProjectFiles {
  return {
    readText: (path) => readInside(root, path),
    exists: (path) => existsInside(root, path),
    folders: (path) => foldersInside(root, path),
    repoDir: (named) => resolveRepoDir(root, named),
  };
}

async function readInside(root: string, path: string): Promise<string | undefined> {
  try {
    const file = await realInside(root, path);
    return file === undefined ? undefined : await readRegular(file);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw new PreviewError("project_file_invalid", `${path} cannot be read`, {
      hint: "Make the file readable by the user that runs the plane.",
      cause: error,
    });
  }
}

/** The path with every link followed, or `undefined` where that leaves the workspace. */
async function realInside(root: string, path: string): Promise<string | undefined> {
  const [real, file] = await Promise.all([realpath(root), realpath(join(root, path))]);
  return isInside(file, real) ? file : undefined;
}

/** O_NONBLOCK so that a FIFO cannot hold the plane, O_NOFOLLOW because the path was resolved before. */
async function readRegular(file: string): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
  try {
    const { size } = await handle.stat().then((found) => (found.isFile() ? found : { size: undefined }));
    if (size === undefined) return undefined;
    if (size > maxBytes) throw new RangeError(`${size} bytes, at most ${maxBytes} are read`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/**
 * The folder must lie inside; the last name may be a link to anywhere (a worktree that shares
 * node_modules), since nothing of its target is read, but not a dangling one.
 */
async function existsInside(root: string, path: string): Promise<boolean> {
  try {
    const folder = await realInside(root, join(path, ".."));
    if (folder === undefined && path !== "") return false;
    const found = await lstat(join(root, path));
    if (found.isSymbolicLink()) await stat(join(root, path));
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

/** Links to directories are left out: they could lead round in a circle. */
async function foldersInside(root: string, path: string): Promise<readonly string[]> {
  try {
    const folder = await realInside(root, path);
    const entries = folder === undefined ? [] : await readdir(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isDirectory() ? [entry.name] : [])).toSorted();
  } catch (error) {
    if (isAbsence(error)) return [];
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "ENOENT" || code === "ENOTDIR" || code === "ELOOP" || code === "EISDIR" || code === "ENXIO";
}
