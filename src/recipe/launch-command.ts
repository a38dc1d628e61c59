import { bindHost } from "./launch-env.ts";
import type { PackageJson } from "./package-json.ts";
import type { Recipe, RecipeFlag } from "./recipe.ts";
import { recipes } from "./recipes.ts";
import { findTarget } from "./script-target.ts";
import type { ScriptTarget } from "./script-target.ts";
import type { ShellWord } from "./shell-line.ts";

export interface LaunchCommand {
  readonly recipe?: Recipe;
  /** A port that the command line itself fixes. */
  readonly fixedPort?: number;
  render(port: number): string;
}

/**
 * Adds to a command line what its framework needs to bind our port on all interfaces. A line whose
 * last program is not known, or cannot safely be given arguments, is left as it is: then PORT and
 * HOST in the environment are all that it gets.
 */
export function launchCommand(line: string, manifest: PackageJson | undefined): LaunchCommand {
  const target = findTarget(line, manifest);
  const recipe = target === undefined ? undefined : recipeOf(target);
  if (target === undefined || recipe === undefined) return { render: (port) => fill(line, port) };
  const flags = recipe.flags.filter((flag) => isMissing(flag, target)).flatMap(printed);
  const added = flags.length === 0 ? [] : [...target.separators, ...flags];
  const fixedPort = fixedPortOf(recipe, target);
  return {
    recipe,
    ...(fixedPort === undefined ? {} : { fixedPort }),
    render: (port) => fill([line.trimEnd(), ...added].join(" "), port),
  };
}

function fill(text: string, port: number): string {
  return text.replaceAll("{port}", String(port));
}

function recipeOf({ program, args }: ScriptTarget): Recipe | undefined {
  const found = recipes.find(({ programs }) => programs.includes(program));
  if (found === undefined) return undefined;
  const subcommand = args.find(({ text }, index) => !text.startsWith("-") && !isFlag(args[index - 1]));
  return found.notServing.includes(subcommand?.value ?? "") ? undefined : found;
}

function isFlag(word: ShellWord | undefined): boolean {
  return word?.text.startsWith("-") === true && !word.text.includes("=");
}

/** Whether the flag must be added. A value that is filled in (`{port}`, `$PORT`) is already right. */
function isMissing(flag: RecipeFlag, target: ScriptTarget): boolean {
  const present = flagWords(flag, target.args);
  if (flag.value === undefined) return present.length === 0;
  if (present.some(({ text }) => isFilledIn(text))) return false;
  return flag.when === "always" || present.length > 0 || assigned(flag, target) !== undefined;
}

function printed(flag: RecipeFlag): readonly string[] {
  return flag.value === undefined ? [flag.names[0]] : [flag.names[0], flag.value.replace("{host}", bindHost)];
}

/** The words of the flag and of its value, wherever it is given. */
function flagWords(flag: RecipeFlag, args: readonly ShellWord[]): readonly ShellWord[] {
  return args.flatMap((word, index) => {
    if (flag.names.includes(word.text)) return args.slice(index, index + 2);
    return flag.names.some((name) => word.text.startsWith(`${name}=`)) ? [word] : [];
  });
}

function isFilledIn(text: string): boolean {
  return /\{port\}|\$PORT\b|\$\{PORT\b/.test(text);
}

function assigned(flag: RecipeFlag, target: ScriptTarget): ShellWord | undefined {
  const found = target.assignments.find(({ text }) => flag.env !== undefined && text.startsWith(`${flag.env}=`));
  return found === undefined || isFilledIn(found.text) ? undefined : found;
}

function fixedPortOf(recipe: Recipe, target: ScriptTarget): number | undefined {
  const flag = recipe.flags.find(({ value }) => value === "{port}");
  const words = flag === undefined ? [] : [assigned(flag, target), ...flagWords(flag, target.args)];
  const literal = words.flatMap((word) => word?.value?.match(/^(?:.*=)?(\d{2,5})$/)?.[1] ?? []).at(-1);
  const port = Number(literal);
  return port >= 1024 && port <= 65_535 ? port : undefined;
}
