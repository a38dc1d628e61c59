import { bindHost } from "../launch-env.ts";
import type { Recipe, RecipeArgument } from "../recipe.ts";
import { quoted } from "./shell-line.ts";
import type { ShellWord } from "./shell-line.ts";

/** How a program is called: its arguments, and the variables that the line sets for it. */
export interface Call {
  readonly args: readonly ShellWord[];
  readonly assignments: readonly ShellWord[];
}

/**
 * The arguments to add, with `{port}` still in them. With `pin`, also those that are otherwise left
 * to the environment. A value that is filled in (`{port}`, `$PORT`) is already right.
 */
export function missingArguments(recipe: Recipe, call: Call, options: { pin: boolean }): readonly string[] {
  return recipe.arguments
    .filter((argument) => !hasPlace(argument) && isMissing(argument, call, options.pin))
    .flatMap(printed);
}

/** The arguments to put before the program's own. */
export function leadingArguments(recipe: Recipe, call: Call): readonly string[] {
  return recipe.arguments
    .filter((argument) => hasPlace(argument) && wordsOf(argument, call.args).length === 0)
    .flatMap(printed);
}

/** Whether something in the call must go before ours can be added. */
export function mustReplace(recipe: Recipe, call: Call): boolean {
  return recipe.arguments.some((argument) => {
    const present = wordsOf(argument, call.args);
    if (argument.kind === "unwanted") return present.length > 0;
    if (present.length === 0 || present.some(isFilledIn)) return false;
    return argument.kind === "address" || (recipe.repeated === "replaced" && argument.value !== undefined);
  });
}

/**
 * The arguments without those that a recipe adds itself; switches and what is filled in stay, and what
 * has its place is changed there.
 */
export function withoutOurs(recipe: Recipe, args: readonly ShellWord[]): readonly ShellWord[] {
  return recipe.arguments.reduce(withoutArgument, args);
}

function withoutArgument(args: readonly ShellWord[], argument: RecipeArgument): readonly ShellWord[] {
  if (argument.kind === "flag" && argument.value === undefined) return args;
  const present = wordsOf(argument, args);
  if (present.some(isFilledIn)) return args;
  const ours = hasPlace(argument) ? printed(argument).map((text) => ({ text })) : [];
  return args.flatMap((word) => (word === present[0] ? ours : present.includes(word) ? [] : [word]));
}

function hasPlace(argument: RecipeArgument): boolean {
  return argument.kind === "flag" && argument.inPlace === true;
}

/** Whether an argument carries the port. Otherwise the environment alone does. */
export function takesPortArgument(recipe: Recipe): boolean {
  return recipe.arguments.some(carriesPort);
}

function carriesPort(argument: RecipeArgument): boolean {
  return argument.kind !== "unwanted" && argument.value?.includes("{port}") === true;
}

/** Whether it needs arguments to bind where we ask: the environment is not enough. */
export function needsArguments(recipe: Recipe): boolean {
  return recipe.arguments
    .filter(carriesPort)
    .some((argument) => argument.kind === "address" || (argument.kind === "flag" && argument.when === "always"));
}

/** The port that the call itself fixes: the last that it names. */
export function fixedPort(recipe: Recipe, call: Call): number | undefined {
  const carriers = recipe.arguments.filter(carriesPort);
  const variables = [recipe.variable, ...carriers.map((each) => (each.kind === "flag" ? each.variable : undefined))];
  const words = [...assigned(variables, call), ...carriers.flatMap((argument) => wordsOf(argument, call.args))];
  const literal = words.flatMap(({ value }) => value?.match(/^(?:.*[=:]|-[A-Za-z])?(\d{2,5})\/?$/)?.[1] ?? []).at(-1);
  const port = Number(literal);
  return port >= 1024 && port <= 65_535 ? port : undefined;
}

/** The call's values of these variables, unless they are filled in. */
export function assigned(variables: readonly (string | undefined)[], call: Call): readonly ShellWord[] {
  return call.assignments.filter(
    (word) => variables.some((name) => name !== undefined && word.text.startsWith(`${name}=`)) && !isFilledIn(word),
  );
}

function isMissing(argument: RecipeArgument, call: Call, pin: boolean): boolean {
  if (argument.kind === "unwanted") return false;
  const present = wordsOf(argument, call.args);
  if (argument.kind === "flag" && argument.value === undefined) return present.length === 0;
  if (present.some(isFilledIn)) return false;
  if (argument.kind === "address" || argument.when === "always") return true;
  return (pin && carriesPort(argument)) || present.length > 0 || assigned([argument.variable], call).length > 0;
}

function printed(argument: RecipeArgument): readonly string[] {
  if (argument.kind === "unwanted") return [];
  const value = argument.value === undefined ? undefined : filled(argument.value);
  if (argument.kind === "address") return value === undefined ? [] : [value];
  if (value === undefined) return [argument.names[0]];
  return argument.joined === true ? [`${argument.names[0]}=${value}`] : [argument.names[0], value];
}

function filled(value: string): string {
  return value.includes("{port}") ? value.replace("{host}", bindHost) : quoted(value.replace("{host}", bindHost));
}

/** The words of an argument and of its value, wherever it is given. */
function wordsOf(argument: RecipeArgument, args: readonly ShellWord[]): readonly ShellWord[] {
  if (argument.kind === "address") return addressWords(argument.matches, args);
  return args.flatMap((word, index) => {
    if (argument.names.includes(word.text)) return [word, ...valueWords(argument, args[index + 1])];
    return argument.names.some((name) => isAttached(word.text, name)) ? [word] : [];
  });
}

function valueWords(argument: Exclude<RecipeArgument, { kind: "address" }>, next: ShellWord | undefined): ShellWord[] {
  const takes = argument.kind === "flag" ? argument.value !== undefined : argument.valued === true;
  return takes && next !== undefined && !next.text.startsWith("-") ? [next] : [];
}

/** `--port=3000`, `-p3000`. */
function isAttached(text: string, name: string): boolean {
  if (text.startsWith(`${name}=`)) return true;
  return /^-[A-Za-z]$/.test(name) && text.startsWith(name) && /^\d+$/.test(text.slice(name.length));
}

/** The last word that looks like one and is no flag. */
function addressWords(matches: RegExp, args: readonly ShellWord[]): readonly ShellWord[] {
  return args.filter((word) => matches.test(word.text) || (!word.text.startsWith("-") && isFilledIn(word))).slice(-1);
}

function isFilledIn({ text }: ShellWord): boolean {
  return /\{port\}|\$PORT\b|\$\{PORT\b/.test(text);
}
