import { dirname, join } from "node:path/posix";
import { dependsOnAny } from "../depends-on.ts";
import type { Package, Packages } from "../package.ts";
import type { Program } from "./program.ts";
import type { CommandSign, Recipe } from "../recipe.ts";
import { recipes } from "../recipes.ts";
import type { ShellWord } from "./shell-line.ts";

/** A program as a recipe knows it. */
export interface KnownProgram {
  readonly recipe: Recipe;
  /** Index of its first argument among the words of its command. */
  readonly at: number;
}

export interface RunProgram {
  readonly program: Program;
  readonly words: readonly ShellWord[];
  /** The package that it runs in. */
  readonly package: Package;
}

/** The recipe of a program that serves, `undefined` for one that is not known, or does something else. */
export async function matchRecipe(packages: Packages, run: RunProgram): Promise<KnownProgram | undefined> {
  for (const { name, at } of run.program.names) {
    const args = run.words.slice(at);
    for (const recipe of recipes) {
      for (const sign of recipe.commands) {
        if (sign.programs.includes(name) && (await holds(packages, run.package, sign, args))) return { recipe, at };
      }
    }
  }
  return undefined;
}

/** Whether a recipe knows the program, whatever it does here. */
export function isKnownProgram(name: string): boolean {
  return recipes.some(({ commands }) => commands.some(({ programs }) => programs.includes(name)));
}

async function holds(
  packages: Packages,
  within: Package,
  sign: CommandSign,
  args: readonly ShellWord[],
): Promise<boolean> {
  if (sign.verbs !== undefined && !hasVerb(sign.verbs, args)) return false;
  if (sign.notVerbs?.includes(firstWord(args)) === true) return false;
  if (sign.argument !== undefined && !args.some(({ text }) => sign.argument?.test(text))) return false;
  if (!(await dependsOnAny(within, sign.packages))) return false;
  return sign.source === undefined || (await hasSource(packages, within, sign.source, args));
}

/** Any word counts: which flags take a value, only the program knows. */
function hasVerb(verbs: readonly string[], args: readonly ShellWord[]): boolean {
  if (args.some(({ value }) => value !== undefined && value !== "" && verbs.includes(value))) return true;
  return verbs.includes("") && firstWord(args) === "";
}

function firstWord(args: readonly ShellWord[]): string {
  const found = args.find(({ text }, index) => !text.startsWith("-") && !isSpacedFlag(args[index - 1]));
  return found?.value ?? "";
}

function isSpacedFlag(word: ShellWord | undefined): boolean {
  return word?.text.startsWith("-") === true && !word.text.includes("=");
}

async function hasSource(
  packages: Packages,
  within: Package,
  source: CommandSign["source"] & object,
  args: readonly ShellWord[],
): Promise<boolean> {
  for (const file of args.flatMap(({ value }) => sourceFiles(value ?? ""))) {
    for (const pattern of source.files) {
      const path = pattern.replace("{file}", file).replace("{folder}", dirname(file));
      if (source.content.test((await packages.files.readText(join(within.directory, path))) ?? "")) return true;
    }
  }
  return false;
}

/** `server.ts` is a file; `main:app` and `src.main:app` name one as Python does. */
function sourceFiles(argument: string): readonly string[] {
  if (/^[\w./@-]+\.(?:[cm]?[jt]sx?|py)$/.test(argument)) return [argument];
  const module = /^([\w.]+):\w+/.exec(argument)?.[1];
  const path = module?.replaceAll(".", "/");
  return path === undefined ? [] : [`${path}.py`, `${path}/__init__.py`];
}
