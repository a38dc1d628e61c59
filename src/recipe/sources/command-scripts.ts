import { resolveCommand } from "package-manager-detector/commands";
import { defaultName } from "./definition.ts";
import { directRun, scriptEnv } from "../line/direct-run.ts";
import type { ChosenCommand, LaunchSearch } from "../launch-search.ts";
import { findPackageManager } from "../package-manager.ts";
import type { PackageManager } from "../package-manager.ts";
import { readCommand } from "../read-command.ts";
import { fansOut } from "../line/targets.ts";

/** Names of scripts that start a dev server, the likeliest first. */
const scriptNames = ["dev", "start:dev", "develop", "start", "serve"];

/** Names that say less: such a script must be seen to serve. */
const otherNames = ["web", "docs:dev", "docs", "site:dev", "storybook"];

/**
 * The package.json script (or deno.json task) to run: the first of the usual names that serves, as far
 * as that can be told; for a preview of another name, its own script before them.
 */
export async function fromScripts(search: LaunchSearch): Promise<ChosenCommand | undefined> {
  const { within, name, reading } = search;
  const own = name === defaultName ? [] : [`dev:${name}`, `${name}:dev`, `start:${name}`, name];
  const manager = await findPackageManager(reading.packages.files, within.directory);
  for (const script of [...own, ...scriptNames, ...otherNames]) {
    const read = await readScript(search, manager, script);
    const usual = scriptNames.includes(script) && !own.includes(script);
    if (read !== undefined && (usual || read.launch.kind === "server")) return read;
  }
  return undefined;
}

/** `undefined` without such a script, and for one that serves nothing (`tsc --watch`), or only what pages need. */
async function readScript(
  search: LaunchSearch,
  manager: PackageManager,
  script: string,
): Promise<ChosenCommand | undefined> {
  const { within, reading } = search;
  const scripts = within.manifest?.scripts ?? {};
  if (!Object.hasOwn(scripts, script) || scripts[script]?.trim() === "") {
    if (!Object.hasOwn(await within.tasks(), script)) return undefined;
    return await ifServing(search, { line: `deno task ${script}`, env: {} });
  }
  const direct = await directRun(reading, { script, within, manager });
  return await ifServing(search, {
    line: direct ?? runScript(manager, script),
    env: scriptEnv(script, within.manifest),
  });
}

async function ifServing(
  search: LaunchSearch,
  found: { line: string; env: Readonly<Record<string, string>> },
): Promise<ChosenCommand | undefined> {
  const read = await readCommand(search, { ...found, source: "script" });
  return read.launch.kind === "tools" || read.launch.recipe?.serves === "assets" ? undefined : read;
}

function runScript({ agent, name }: PackageManager, script: string): string {
  const run = resolveCommand(agent, "run", [script]);
  return run === null ? `${name} run ${script}` : [run.command, ...run.args].join(" ");
}

/** Whether the dev script starts what the packages of the workspace call so (`turbo run dev`). */
export function scriptFansOut({ within }: LaunchSearch): boolean {
  const text = scriptNames.map((name) => within.manifest?.scripts?.[name]).find((each) => each !== undefined);
  return text !== undefined && fansOut(text, within);
}
