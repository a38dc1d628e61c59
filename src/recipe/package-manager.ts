import { dirname, join } from "node:path/posix";
import { LOCKS } from "package-manager-detector/constants";
import { normalizeAgentVersion, resolveAgent } from "package-manager-detector/detect";
import type { Agent, AgentName } from "package-manager-detector";
import { readPackageJson } from "./package-json.ts";
import type { ProjectFiles } from "./project-files.ts";

export interface PackageManager {
  readonly name: AgentName;
  /** The name with the generation where that changes the commands (`yarn@berry`, `pnpm@6`). */
  readonly agent: Agent;
  /** Directory of the lock file, relative to the workspace root; absent without a lock file. */
  readonly lockDir?: string;
}

/** Files that mark a workspace but lock nothing. */
const markers = new Set(["pnpm-workspace.yaml", "aube-workspace.yaml"]);
const lockFiles = Object.entries(LOCKS).filter(([file]) => !markers.has(file));

/**
 * The package manager that the nearest lock file names, looking from `directory` up to the workspace
 * root; without one the nearest `packageManager` field, else npm. Of several lock files side by side
 * the one that `packageManager` names counts.
 */
export async function findPackageManager(files: ProjectFiles, directory: string): Promise<PackageManager> {
  const declared = await nearest(directory, (folder) => declaredIn(files, folder));
  const locked = await nearest(directory, (folder) => locksIn(files, folder));
  const name = locked?.found.find((each) => each === declared?.found.name) ?? locked?.found[0] ?? declared?.found.name;
  if (name === undefined) return { name: "npm", agent: "npm" };
  const version = declared?.found.name === name ? declared.found.version : undefined;
  const lockDir = locked?.folder;
  const guessed = version ?? (name === "yarn" ? await yarnVersion(files, lockDir ?? directory) : undefined);
  const agent = resolveAgent(name, guessed)?.agent ?? name;
  return lockDir === undefined ? { name, agent } : { name, agent, lockDir };
}

/** `a/b` gives `a/b`, `a` and the root `""`. */
export function upward(directory: string): readonly string[] {
  if (directory === "") return [""];
  const parent = dirname(directory);
  return [directory, ...upward(parent === "." ? "" : parent)];
}

async function nearest<Found>(
  directory: string,
  find: (folder: string) => Promise<Found | undefined>,
): Promise<{ folder: string; found: Found } | undefined> {
  for (const folder of upward(directory)) {
    const found = await find(folder);
    if (found !== undefined) return { folder, found };
  }
  return undefined;
}

async function locksIn(files: ProjectFiles, folder: string): Promise<readonly AgentName[] | undefined> {
  const present = await Promise.all(lockFiles.map(([file]) => files.exists(join(folder, file))));
  const names = lockFiles.filter((_, index) => present[index] === true).map(([, name]) => name);
  // deno.lock often lies beside another lock file, for a script or two
  return names.length === 0 ? undefined : names.toSorted((a, b) => Number(a === "deno") - Number(b === "deno"));
}

/** `"packageManager": "pnpm@9.1.0"`; a name that is not known counts as absent. */
async function declaredIn(
  files: ProjectFiles,
  folder: string,
): Promise<{ name: AgentName; version: string | undefined } | undefined> {
  const field = (await readPackageJson(files, folder))?.packageManager;
  const [name, version] = field?.replace(/^\^/, "").split("@") ?? [];
  const known = Object.values(LOCKS).find((each) => each === name);
  return known === undefined ? undefined : { name: known, version: normalizeAgentVersion(version) };
}

/** yarn 2 and later keep their settings in `.yarnrc.yml`, which yarn 1 does not know. */
async function yarnVersion(files: ProjectFiles, folder: string): Promise<string | undefined> {
  return (await files.exists(join(folder, ".yarnrc.yml"))) ? "2" : undefined;
}
