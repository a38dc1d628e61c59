import { realpath, stat } from "node:fs/promises";
import { isInside } from "../../inside.ts";
import type { HiddenPath } from "./bubblewrap.ts";
import { unreadablePaths } from "./unreadable-paths.ts";

/** Of /etc, these hold secrets whatever their mode says. */
const secret = ["/etc/ssl/private", "/etc/sudoers.d", "/etc/ssh", "/etc/postgresql"];

/**
 * What no confined launch sees: these paths, as far as they are there, and what in /etc not everybody may read.
 * Looked up for each launch: a certificate's key, say, gets another real path when it is renewed. What lies in
 * a hidden directory is left out.
 */
export async function hiddenPaths(paths: readonly string[]): Promise<HiddenPath[]> {
  const named = await Promise.all([...paths, ...secret].map((path) => realpath(path).catch(() => undefined)));
  const all = [...named.filter((path) => path !== undefined), ...(await unreadablePaths("/etc"))];
  const outer = [...new Set(all)].filter((path) => !all.some((other) => other !== path && isInside(path, other)));
  const found = await Promise.all(
    outer.map(async (path) => {
      const known = await stat(path).catch(() => undefined);
      return known === undefined ? [] : [{ path, isDirectory: known.isDirectory() }];
    }),
  );
  return found.flat();
}
