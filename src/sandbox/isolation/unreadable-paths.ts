import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * What below a directory not everybody may read: files, and directories as a whole. A confined launch runs as
 * the plane's user, or as root where that owns the workspace: to both it would be open. Of what goes meanwhile,
 * nothing is said; a link is judged where it leads, if that is here.
 */
export async function unreadablePaths(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []); // not ours to read either
  const found = await Promise.all(
    entries.map(async (entry) => {
      const path = join(directory, entry.name);
      const known = entry.isSymbolicLink() ? undefined : await lstat(path).catch(() => undefined);
      if (known === undefined) return [];
      const needed = known.isDirectory() ? othersReadAndEnter : othersRead;
      if ((known.mode & needed) !== needed) return [path];
      return known.isDirectory() ? await unreadablePaths(path) : [];
    }),
  );
  return found.flat();
}

const othersRead = 0o004;
const othersReadAndEnter = 0o005;
