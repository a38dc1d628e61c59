import { join } from "node:path/posix";
import { dependencyNames, readPackageJson } from "./package-json.ts";
import { upward } from "./package-manager.ts";
import type { PackageManager } from "./package-manager.ts";
import type { ProjectFiles } from "./project-files.ts";
import type { Recipe } from "./recipe.ts";

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
  /** A lock file says what to install: run `command` in `directory` (relative to the workspace root). */
  | { readonly state: "installable"; readonly command: string; readonly directory: string }
  /** The caller must run `command`: there is no lock file, or node_modules is there and lacks `missing`. */
  | { readonly state: "missing"; readonly missing: string; readonly command: string; readonly directory: string };

export interface DependencyQuestion {
  /** Directory of the package.json, relative to the workspace root. */
  readonly directory: string;
  readonly manager: PackageManager;
  readonly recipe: Recipe | undefined;
}

/** Whether the project's dependencies are installed, and the command that installs them. */
export async function checkDependencies(files: ProjectFiles, question: DependencyQuestion): Promise<Dependencies> {
  const { directory, manager } = question;
  const home = manager.lockDir ?? directory;
  const own = dependencyNames(await readPackageJson(files, directory));
  const shared = home === directory ? [] : dependencyNames(await readPackageJson(files, home));
  if (own.length + shared.length === 0) return { state: "present" };
  // pnpm gives each package of a workspace its own node_modules, the others hoist
  const homes = manager.name === "pnpm" && own.length > 0 ? [directory] : [directory, home];
  const command = manager.lockDir === undefined ? undefined : installCommands[manager.agent];
  const plain = plainCommands[manager.name] ?? `${manager.name} install`;
  if (await anyExists(files, homes, ["node_modules"])) {
    const missing = await missingProgram(files, question, own);
    if (missing === undefined) return { state: "present" };
    // an incomplete node_modules may be shared by a link: `npm ci` would empty it for everyone
    return { state: "missing", missing, command: command ?? plain, directory: home };
  }
  if (await anyExists(files, homes, [".pnp.cjs", ".pnp.loader.mjs"])) return { state: "present" };
  if (command !== undefined) return { state: "installable", command, directory: home };
  return { state: "missing", missing: "node_modules", command: plain, directory: home };
}

/** The dev server itself, where package.json names it and no node_modules has it. */
async function missingProgram(
  files: ProjectFiles,
  { directory, recipe }: DependencyQuestion,
  own: readonly string[],
): Promise<string | undefined> {
  if (recipe?.packageName === undefined || !own.includes(recipe.packageName)) return undefined;
  const programs = recipe.programs.map((program) => join("node_modules/.bin", program));
  return (await anyExists(files, upward(directory), programs)) ? undefined : recipe.packageName;
}

async function anyExists(files: ProjectFiles, folders: readonly string[], names: readonly string[]): Promise<boolean> {
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return (await Promise.all(paths.map((path) => files.exists(path)))).includes(true);
}
