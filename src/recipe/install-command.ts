import { join } from "node:path/posix";
import { dependencyNames, readPackageJson } from "./package-json.ts";
import type { PackageManager } from "./package-manager.ts";
import type { ProjectFiles } from "./project-files.ts";

/**
 * Installs exactly what the lock file says, development dependencies included even where
 * NODE_ENV=production is inherited: a dev server is one of them.
 */
const installCommands: Readonly<Record<string, string>> = {
  npm: "npm ci --include=dev --no-audit --no-fund",
  pnpm: "pnpm install --frozen-lockfile --prod=false",
  "pnpm@6": "pnpm install --frozen-lockfile --prod=false",
  yarn: "yarn install --frozen-lockfile --production=false --non-interactive",
  "yarn@berry": "yarn install --immutable",
  bun: "bun install --frozen-lockfile",
  deno: "deno install --frozen",
};

/** What `npm install` and its like are called, for a project without a lock file. */
const plainCommands: Readonly<Record<string, string>> = {
  npm: "npm install",
  pnpm: "pnpm install",
  yarn: "yarn install",
  bun: "bun install",
  deno: "deno install",
};

export type Dependencies =
  | { readonly state: "present" }
  /** A lock file is there: run `command` in `directory` (relative to the workspace root). */
  | { readonly state: "installable"; readonly command: string; readonly directory: string }
  /** The person or agent must run `command`. */
  | { readonly state: "missing"; readonly command: string; readonly directory: string };

/** Whether the project's dependencies are installed, and the command that installs them. */
export async function checkDependencies(
  files: ProjectFiles,
  { directory, manager }: { readonly directory: string; readonly manager: PackageManager },
): Promise<Dependencies> {
  const home = manager.lockDir ?? directory;
  const manifests = await Promise.all([...new Set([directory, home])].map((each) => readPackageJson(files, each)));
  if (manifests.flatMap(dependencyNames).length === 0) return { state: "present" };
  const places = [...new Set([directory, home])].flatMap((each) =>
    ["node_modules", ".pnp.cjs", ".pnp.loader.mjs"].map((name) => join(each, name)),
  );
  const present = await Promise.all(places.map((place) => files.exists(place)));
  if (present.includes(true)) return { state: "present" };
  const command = manager.lockDir === undefined ? undefined : installCommands[manager.agent];
  if (command !== undefined) return { state: "installable", command, directory: home };
  return { state: "missing", command: plainCommands[manager.name] ?? `${manager.name} install`, directory: home };
}
