import { join } from "node:path/posix";
import type { ProjectFiles } from "./project-files.ts";
import { matchesWildcard } from "./wildcard.ts";

const mostFolders = 400;
const deepest = 5;

/**
 * Directories below `root` that workspace patterns name (`apps/*`, `packages/**`, `!**\/test`), sorted.
 * Hidden ones and node_modules are never among them; of a huge tree the first few hundred are.
 */
export async function matchFolders(
  files: ProjectFiles,
  root: string,
  patterns: readonly string[],
): Promise<readonly string[]> {
  const found = new Set<string>();
  const walk = { files, found, listed: 0 };
  for (const pattern of patterns) {
    if (found.size >= mostFolders) break;
    if (!pattern.startsWith("!")) await expand(walk, root, segmentsOf(pattern));
  }
  const excluded = patterns.filter((pattern) => pattern.startsWith("!")).slice(0, mostFolders);
  const below = (folder: string): string => (root === "" ? folder : folder.slice(root.length + 1));
  const isExcluded = (folder: string, pattern: string): boolean =>
    matchesWildcard(below(folder), segmentsOf(pattern.slice(1)).join("/"), "/");
  return [...found].filter((folder) => !excluded.some((pattern) => isExcluded(folder, pattern))).toSorted();
}

interface Walk {
  readonly files: ProjectFiles;
  readonly found: Set<string>;
  /** How many directories were read so far. */
  listed: number;
}

async function expand(walk: Walk, folder: string, segments: readonly string[], depth = 0): Promise<void> {
  const [first, ...rest] = segments;
  if (first === undefined) return void walk.found.add(folder);
  if (!first.includes("*")) return await expand(walk, join(folder, first), rest, depth + 1);
  if (depth > deepest || walk.listed >= mostFolders) return;
  walk.listed += 1;
  if (first === "**") await expand(walk, folder, rest, depth + 1);
  for (const each of await walk.files.folders(folder)) {
    if (each === "node_modules" || each.startsWith(".")) continue;
    if (first === "**") await expand(walk, join(folder, each), segments, depth + 1);
    else if (matchesWildcard(each, first, "/")) await expand(walk, join(folder, each), rest, depth + 1);
  }
}

function segmentsOf(pattern: string): readonly string[] {
  return pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
}
