import { chmod, cp, lstat, mkdtemp, readFile, readdir, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import * as z from "zod";

/** Links as the package lists them, relative to its root: `target` is to point at `source` beside it. */
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the library links that the package's install script would have made; false when they cannot be made. */
export async function linkLibraries(native: string): Promise<boolean> {
  const links = linkList.parse(JSON.parse(await readFile(join(native, "pg-symlinks.json"), "utf8")));
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (await exists(path)) continue;
    await symlink(basename(source), path).catch(() => {
      // a read-only package, or another plane was faster: the check below tells
    });
    if (!(await exists(path))) return false;
  }
  return true;
}

/** Copies the `native` folder to `copy`, complete and readable by everybody who gets there. Returns `copy`. */
export async function copyEngine(native: string, copy: string): Promise<string> {
  if (await exists(copy)) return copy;
  // under its package's layout, which the list of links is relative to
  const fresh = await mkdtemp(`${copy}.new-`);
  try {
    const freshNative = join(fresh, basename(native));
    await cp(native, freshNative, { recursive: true, verbatimSymlinks: true });
    await linkLibraries(freshNative);
    await openToAll(freshNative);
    await rename(freshNative, copy).catch(async (error: unknown) => {
      // two planes copied at once: both copies are equal, the first one stays
      if (!(await exists(copy))) throw error;
    });
    return copy;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

/** What the installing user's umask may have closed. */
async function openToAll(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o777) | 0o444 | executable(directory));
  }
}

function executable(directory: string): number {
  return basename(directory) === "bin" ? 0o111 : 0;
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
