import { join, relative } from "node:path/posix";
import { checkDependencies } from "./install-command.ts";
import type { ChosenCommand } from "./launch-search.ts";
import type { LaunchPlan, LaunchProblem } from "./launch-plan.ts";
import { findPackageManager } from "./package-manager.ts";
import type { ProjectFiles } from "./project-files.ts";
import { quoted } from "./line/shell-line.ts";

interface InstallPlan {
  readonly install?: LaunchPlan["install"] & object;
  readonly problems: readonly LaunchProblem[];
}

/** What to install before the launch in `path`, for npm packages and for Composer's; both leave a lock file to go by. */
export async function planInstall(files: ProjectFiles, chosen: ChosenCommand, path: string): Promise<InstallPlan> {
  const plans = [await npmPlan(files, chosen, path), await composerPlan(files, chosen)];
  const installs = plans.flatMap(({ install }) => install ?? []);
  const [first] = installs;
  return {
    problems: plans.flatMap(({ problems }) => problems),
    ...(first === undefined
      ? {}
      : { install: { ...first, command: installs.map(({ command }) => command).join(" && ") } }),
  };
}

/** A server of another language needs no npm packages, unless the line runs one of their scripts as well. */
async function npmPlan(files: ProjectFiles, { launch, within }: ChosenCommand, path: string): Promise<InstallPlan> {
  const { recipe } = launch;
  const otherLanguage = recipe !== undefined && !["node", "bun", "deno"].includes(recipe.runtime);
  if (recipe?.framework === "static") return { problems: [] };
  if (otherLanguage && !/\b(?:npm|pnpm|yarn|bun)\b/.test(launch.render(0))) return { problems: [] };
  const { directory } = launch.package.manifest === undefined ? within : launch.package;
  const manager = await findPackageManager(files, directory);
  const found = await checkDependencies(files, { directory, manager, recipe });
  if (found.state === "present") return { problems: [] };
  const away = relative(join("/", within.directory), join("/", found.directory));
  const command = away === "" ? found.command : `cd ${quoted(away)} && ${found.command}`;
  if (found.state === "installable") return { install: { command, packageManager: manager.name }, problems: [] };
  const message = `${found.missing} is not installed: run \`${command}\` in ${path}`;
  return { problems: [{ code: "dependencies_missing", message }] };
}

async function composerPlan(files: ProjectFiles, { launch, within }: ChosenCommand): Promise<InstallPlan> {
  if (launch.recipe?.runtime !== "php") return { problems: [] };
  const has = (name: string): Promise<boolean> => files.exists(join(within.directory, name));
  if (!(await has("composer.lock")) || (await has("vendor"))) return { problems: [] };
  return { install: { command: "composer install --no-interaction", packageManager: "composer" }, problems: [] };
}
