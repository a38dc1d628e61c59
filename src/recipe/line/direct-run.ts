import { join } from "node:path/posix";
import { binFolders } from "./bin-folders.ts";
import { matchRecipe } from "./match-recipe.ts";
import type { Package } from "../package.ts";
import type { PackageJson } from "../package-json.ts";
import { upward } from "../package-manager.ts";
import type { PackageManager } from "../package-manager.ts";
import type { ProjectFiles } from "../project-files.ts";
import { onlyCommand, parseShellLine } from "./shell-line.ts";
import { findTargets } from "./targets.ts";
import type { Reading } from "./target.ts";

interface ScriptPlace {
  /** Name of the script in the package's manifest. */
  readonly script: string;
  readonly within: Package;
  readonly manager: PackageManager;
}

/** Whatever of npm's own settings changes how a script is run. */
const scriptSettings = /^[ \t]*(?:script-shell|node-options)[ \t]*=/m;
const npmVariable = /\bnpm_|\bINIT_CWD\b/;

/**
 * The script without npm in front of it, which saves its start (0.15 to 0.4 s) and some 67 MB for as
 * long as the server runs. Only where nobody can tell: npm, one command of a framework that we know,
 * no pre or post script, no setting that changes the shell, and nothing that reads npm's variables
 * beyond those of `scriptEnv`. pnpm, yarn and bun do more than run a script (checking dependencies,
 * resolution without node_modules, .env files), so they are never skipped.
 */
export async function directRun(reading: Reading, place: ScriptPlace): Promise<string | undefined> {
  const { script, within, manager } = place;
  const text = within.manifest?.scripts?.[script] ?? "";
  if (manager.agent !== "npm" || npmVariable.test(text) || hasHooks(within.manifest, script)) return undefined;
  if (onlyCommand(parseShellLine(text)) === undefined) return undefined;
  const [target, ...others] = await findTargets(reading, text, within);
  if (target === undefined || others.length > 0 || target.package !== within) return undefined;
  const recipe = (await matchRecipe(reading.packages, target))?.recipe;
  if (recipe?.packageName === undefined) return undefined;
  const { files } = reading.packages;
  const settings = upward(within.directory).map((folder) => join(folder, ".npmrc"));
  const configs = (recipe.configFiles ?? []).map((file) => join(within.directory, file));
  if ((await readAll(files, settings)).some((each) => scriptSettings.test(each))) return undefined;
  if ((await readAll(files, configs)).some((each) => npmVariable.test(each))) return undefined;
  return `PATH="${binFolders(within.directory)}:$PATH" ${text.trim()}`;
}

/** What `.env` files and tools expand most: `VITE_VERSION=$npm_package_version`. */
export function scriptEnv(script: string, manifest: PackageJson | undefined): Readonly<Record<string, string>> {
  return {
    npm_lifecycle_event: script,
    ...(manifest?.name === undefined ? {} : { npm_package_name: manifest.name }),
    ...(manifest?.version === undefined ? {} : { npm_package_version: manifest.version }),
  };
}

function hasHooks(manifest: PackageJson | undefined, script: string): boolean {
  const scripts = manifest?.scripts ?? {};
  return Object.hasOwn(scripts, `pre${script}`) || Object.hasOwn(scripts, `post${script}`);
}

async function readAll(files: ProjectFiles, paths: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map((path) => files.readText(path)));
  return texts.filter((text) => text !== undefined);
}
