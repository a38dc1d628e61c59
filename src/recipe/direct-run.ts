import { join } from "node:path/posix";
import type { PackageJson } from "./package-json.ts";
import { upward } from "./package-manager.ts";
import type { PackageManager } from "./package-manager.ts";
import type { ProjectFiles } from "./project-files.ts";
import { recipes } from "./recipes.ts";
import { findTarget } from "./script-target.ts";
import { parseShellLine } from "./shell-line.ts";

export interface DirectRun {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

interface ScriptPlace {
  /** Name of the script in `manifest`. */
  readonly script: string;
  readonly manifest: PackageJson;
  readonly manager: PackageManager;
  /** Directory of the package.json, relative to the workspace root. */
  readonly directory: string;
}

/** Whatever of npm's own settings changes how a script is run. */
const scriptSettings = /^\s*(?:script-shell|node-options)\s*=/m;
const npmVariable = /\bnpm_|\bINIT_CWD\b/;

/**
 * The script without npm in front of it, which saves its start (0.15 to 0.4 s) and some 67 MB for as
 * long as the server runs. Only where nobody can tell: npm, one command of a framework that we know,
 * no pre or post script, no setting that changes the shell, and nothing that reads npm's variables
 * beyond those given here. pnpm, yarn and bun do more than run a script (checking dependencies,
 * resolution without node_modules, .env files), so they are never skipped.
 */
export async function directRun(files: ProjectFiles, place: ScriptPlace): Promise<DirectRun | undefined> {
  const { script, manifest, manager, directory } = place;
  const text = manifest.scripts?.[script] ?? "";
  if (manager.agent !== "npm" || npmVariable.test(text) || hasHooks(manifest, script)) return undefined;
  if (parseShellLine(text)?.length !== 1) return undefined;
  const target = findTarget(text, undefined);
  const recipe = recipes.find(({ programs }) => target !== undefined && programs.includes(target.program));
  if (recipe?.packageName === undefined) return undefined;
  const [settings, configs] = await Promise.all([
    readAll(
      files,
      upward(directory).map((folder) => join(folder, ".npmrc")),
    ),
    readAll(
      files,
      recipe.configFiles.map((file) => join(directory, file)),
    ),
  ]);
  const noticed = settings.some((each) => scriptSettings.test(each)) || configs.some((each) => npmVariable.test(each));
  if (noticed) return undefined;
  return { command: `PATH="${binFolders(directory)}:$PATH" ${text.trim()}`, env: scriptEnv(script, manifest) };
}

function hasHooks({ scripts = {} }: PackageJson, script: string): boolean {
  return Object.hasOwn(scripts, `pre${script}`) || Object.hasOwn(scripts, `post${script}`);
}

async function readAll(files: ProjectFiles, paths: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(paths.map((path) => files.readText(path)));
  return texts.filter((text) => text !== undefined);
}

/** The folders that npm puts in front of PATH: this package's and those of the packages around it. */
function binFolders(directory: string): string {
  return upward(directory)
    .map((_, level) => `$PWD/${"../".repeat(level)}node_modules/.bin`)
    .join(":");
}

/** What `.env` files and tools expand most: `VITE_VERSION=$npm_package_version`. */
function scriptEnv(script: string, { name, version }: PackageJson): Readonly<Record<string, string>> {
  return {
    npm_lifecycle_event: script,
    ...(name === undefined ? {} : { npm_package_name: name }),
    ...(version === undefined ? {} : { npm_package_version: version }),
  };
}
