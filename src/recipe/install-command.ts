import { join } from "node:path/posix";
import { dependencyNames, readPackageJson } from "./package-json.ts";
import type { PackageJson } from "./package-json.ts";
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
  const manifest = await readPackageJson(files, directory);
  const home = await lockHome(files, question, manifest);
  const own = dependencyNames(manifest);
  const shared = home === undefined ? [] : dependencyNames(await readPackageJson(files, home));
  if (own.length + shared.length === 0) return { state: "present" };
  const apart = manager.name === "pnpm" && own.length > 0 && !(await isHoisted(files, home, own));
  const places = apart ? [directory] : [directory, home ?? directory];
  const install = home === undefined ? undefined : installCommands[manager.agent];
  const repair = {
    command: install ?? plainCommands[manager.name] ?? `${manager.name} install`,
    directory: home ?? directory,
  };
  if (await anyExists(files, places, ["node_modules"])) {
    const missing = await missingProgram(files, question, own);
    // an incomplete node_modules may be shared by a link: `npm ci` would empty it for everyone
    return missing === undefined ? { state: "present" } : { state: "missing", missing, ...repair };
  }
  if (await anyExists(files, places, [".pnp.cjs", ".pnp.loader.mjs"])) return { state: "present" };
  return install === undefined
    ? { state: "missing", missing: "node_modules", ...repair }
    : { state: "installable", ...repair };
}

/** pnpm gives each package of a workspace its own node_modules, unless it is told to hoist as the others do. */
async function isHoisted(files: ProjectFiles, home: string | undefined, own: readonly string[]): Promise<boolean> {
  if (home === undefined) return false;
  const there = await Promise.all(own.map((name) => files.exists(join(home, "node_modules", name))));
  return !there.includes(false);
}

/**
 * Directory of the lock file that covers this package: its own, or one above that is the root of a
 * workspace. Another package's lock file above says nothing about this one.
 */
async function lockHome(
  files: ProjectFiles,
  { directory, manager }: DependencyQuestion,
  manifest: PackageJson | undefined,
): Promise<string | undefined> {
  const { lockDir } = manager;
  if (lockDir === undefined || lockDir === directory || manifest === undefined) return lockDir;
  const above = await readPackageJson(files, lockDir);
  const covers = above?.workspaces !== undefined || (await anyExists(files, [lockDir], ["pnpm-workspace.yaml"]));
  return covers ? lockDir : undefined;
}

/** The dev server itself, where package.json names it and no node_modules has it. */
async function missingProgram(
  files: ProjectFiles,
  { directory, recipe }: DependencyQuestion,
  own: readonly string[],
): Promise<string | undefined> {
  if (recipe?.packageName === undefined || !own.includes(recipe.packageName)) return undefined;
  const programs = (recipe.commands[0]?.programs ?? []).map((program) => join("node_modules/.bin", program));
  return (await anyExists(files, upward(directory), programs)) ? undefined : recipe.packageName;
}

async function anyExists(files: ProjectFiles, folders: readonly string[], names: readonly string[]): Promise<boolean> {
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return (await Promise.all(paths.map((path) => files.exists(path)))).includes(true);
}
