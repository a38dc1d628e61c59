import {
  assigned,
  fixedPort,
  leadingArguments,
  missingArguments,
  mustReplace,
  needsArguments,
  takesPortArgument,
  withoutOurs,
} from "./arguments.ts";
import type { Call } from "./arguments.ts";
import { isKnownProgram, matchRecipe } from "./match-recipe.ts";
import type { Package } from "../package.ts";
import type { Recipe } from "../recipe.ts";
import { findTargets } from "./targets.ts";
import type { Change, Edit, Reading, Target } from "./target.ts";
import { tools } from "./wrappers.ts";

export interface LaunchCommand {
  readonly recipe?: Recipe;
  /** The package that the server runs in. */
  readonly package: Package;
  /** A port that the command line itself fixes. */
  readonly fixedPort?: number;
  /** The server needs arguments for its port, and the line lets none through. */
  readonly unpassed: boolean;
  /** Other programs of the line may listen as well, each on a port of its own. */
  readonly company: boolean;
  /** Ports of the other servers that the line starts, where they are known. */
  readonly secondPorts: readonly number[];
  /** Variables that the programs before the server need. */
  readonly env: Readonly<Record<string, string>>;
  /** What the line does: it serves, as far as is known it does not, or nobody knows. */
  readonly kind: "server" | "tools" | "unknown";
  render(port: number): string;
}

/**
 * Gives a command line what its framework needs to bind our port on all interfaces. Of several
 * servers the front end gets the port, and the others keep theirs. A line whose programs are not
 * known, or cannot safely be given arguments, is left as it is: then the environment is all it gets.
 */
export async function launchCommand(reading: Reading, line: string, within: Package): Promise<LaunchCommand> {
  const targets = await findTargets(reading, line, within);
  const servers = (await Promise.all(targets.map((target) => serverOf(reading, target)))).filter(
    (server) => server !== undefined,
  );
  const chosen = servers.toSorted((a, b) => rank(b) - rank(a))[0];
  if (chosen === undefined) {
    const kind = targets.length > 0 && targets.every(isTool) ? "tools" : "unknown";
    const nothing = { unpassed: false, company: false, secondPorts: [], env: {} };
    return { package: within, ...nothing, kind, render: (port) => fill(line, port) };
  }
  const others = servers.filter((server) => server !== chosen);
  const unknown = targets.filter((target) => !isTool(target) && !servers.some((server) => server.target === target));
  const sole = others.length + unknown.length === 0 || isOneOfEquals(chosen, others);
  const text = editedLine(line, chosen, sole);
  const port = fixedPort(chosen.recipe, chosen.call);
  return {
    recipe: chosen.recipe,
    package: chosen.target.package,
    ...(port === undefined ? {} : { fixedPort: port }),
    unpassed: text === undefined,
    company: text !== undefined && !sole,
    secondPorts: secondPortsOf(chosen, others),
    env: chosen.target.env,
    kind: "server",
    render: (leased) => fill(text ?? line, leased),
  };
}

interface Server {
  readonly target: Target;
  readonly recipe: Recipe;
  /** How the program is called at present. */
  readonly call: Call;
}

async function serverOf({ packages }: Reading, target: Target): Promise<Server | undefined> {
  const known = await matchRecipe(packages, target);
  if (known === undefined) return undefined;
  const call = { args: target.words.slice(known.at), assignments: target.assignments };
  return { target, recipe: known.recipe, call };
}

/** Front ends first. */
function rank({ recipe }: Server): number {
  return ["assets", "files", "api", "docs", "pages"].indexOf(recipe.serves);
}

/** A program that serves nothing, or one that could but does something else here (`vite build`). */
function isTool({ program }: Target): boolean {
  return program.names.some(({ name }) => tools.has(name) || isKnownProgram(name));
}

/**
 * The line with all that the server needs; `undefined` where it cannot be given. `sole`: nothing else
 * runs that could take the port from the environment.
 */
function editedLine(line: string, server: Server, sole: boolean): string | undefined {
  const { target, recipe, call } = server;
  const edit = editOf(recipe, call, { pin: !sole });
  const variables = !sole && recipe.variable === "PORT" && !takesPortArgument(recipe) ? ["PORT={port}"] : [];
  const stale = staleAssignment(recipe, call);
  if (variables.length === 0 && !stale && !mustReplace(recipe, call)) {
    const plain = isNoEdit(edit) ? line : target.edit(edit);
    return plain === undefined ? whenUnpassed(line, server) : aside(plain, sole);
  }
  const replaced = target.edit({ ...edit, change: changeOf(recipe, variables) });
  if (replaced !== undefined) return aside(replaced, sole);
  return withoutReplacing(line, server, edit);
}

function editOf(recipe: Recipe, call: Call, options: { pin: boolean }): Edit {
  const args = missingArguments(recipe, call, options);
  const leading = leadingArguments(recipe, call);
  return leading.length === 0 ? { args } : { args, leading };
}

function isNoEdit({ args, leading }: Edit): boolean {
  return args.length === 0 && leading === undefined;
}

/** What was to be replaced stays; only a program that takes the last of two arguments bears that. */
function withoutReplacing(line: string, server: Server, edit: Edit): string | undefined {
  if (server.recipe.repeated === "replaced") return undefined;
  return (isNoEdit(edit) ? undefined : server.target.edit(edit)) ?? whenUnpassed(line, server);
}

/** A server that takes its port from the environment needs no arguments, unless a port of its own is fixed. */
function whenUnpassed(line: string, { recipe, call }: Server): string | undefined {
  return needsArguments(recipe) || fixedPort(recipe, call) !== undefined ? undefined : line;
}

/** With the port in its arguments, the variable would only lead other servers to the same port. */
function aside(line: string, sole: boolean): string {
  return sole ? line : `unset PORT; ${line}`;
}

/** Several servers of the project's own code: which one is meant nobody knows, and each may read PORT. */
function isOneOfEquals({ recipe }: Server, others: readonly Server[]): boolean {
  return !takesPortArgument(recipe) && others.some((other) => other.recipe.serves === recipe.serves);
}

/** A port that the line sets in the variable, where no argument of ours overrules it. */
function staleAssignment(recipe: Recipe, call: Call): boolean {
  return assigned([recipe.variable], call).length > 0;
}

function changeOf(recipe: Recipe, variables: readonly string[]): Change {
  const name = recipe.variable;
  const value = name === undefined ? undefined : (recipe.env[name] ?? "{port}");
  return {
    args: (words) => withoutOurs(recipe, words),
    assignment: (word) =>
      name !== undefined && word.text.startsWith(`${name}=`) && !word.text.includes("$PORT")
        ? { text: `${name}=${value}` }
        : word,
    variables,
  };
}

function secondPortsOf({ recipe }: Server, others: readonly Server[]): readonly number[] {
  const known = others.map((other) => fixedPort(other.recipe, other.call) ?? other.recipe.defaultPort);
  return [...new Set([...(recipe.secondPorts ?? []), ...known.filter((port) => port !== undefined)])];
}

function fill(text: string, port: number): string {
  return text.replaceAll("{port}", String(port));
}
