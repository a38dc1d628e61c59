import { matchesWildcard } from "../wildcard.ts";
import { programName } from "./program.ts";
import { printCommand, quoted } from "./shell-line.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";
import { shells } from "./wrappers.ts";

/** A command line inside a word of a command: `concurrently "vite" "node api.js"`. */
export interface InnerLine {
  readonly line: string;
  /** The whole command with this line changed; `undefined` where its program could not take the change. */
  readonly rebuild: (line: string) => string | undefined;
}

type Scripts = Readonly<Record<string, string>>;

/**
 * The command lines that the program of a command starts, side by side when they are several;
 * `undefined` for any other program. `start` is the index of the word that names it.
 */
export function innerLinesOf(
  command: SimpleCommand,
  start: number,
  scripts: Scripts,
): readonly InnerLine[] | undefined {
  const name = programName(command.words[start]?.value ?? "");
  if (shells.includes(name)) return shellLine(command, start);
  switch (name) {
    case "concurrently":
    case "conc":
      return concurrentLines(command, start, scripts);
    case "cross-env-shell":
      return lastWordLine(command);
    case "npm-run-all":
    case "npm-run-all2":
    case "run-p":
    case "run-s":
      return taskLines(command, start, scripts);
    default:
      return undefined;
  }
}

/** `sh -c "line"`, with flags in one word such as `-lc`. */
function shellLine(command: SimpleCommand, start: number): readonly InnerLine[] | undefined {
  const flag = command.words.findIndex(({ text }, index) => index > start && /^-[a-z]*c$/.test(text));
  return flag === -1 ? undefined : wordLines(command, [flag + 1]);
}

function lastWordLine(command: SimpleCommand): readonly InnerLine[] | undefined {
  return wordLines(command, [command.words.length - 1]);
}

function wordLines(command: SimpleCommand, indices: readonly number[]): readonly InnerLine[] {
  return indices.flatMap((index) => {
    const line = command.words[index]?.value;
    return line === undefined ? [] : [{ line, rebuild: (changed) => withWord(command, index, [changed]) }];
  });
}

function withWord(command: SimpleCommand, index: number, values: readonly string[]): string {
  const words = command.words.flatMap((word, at): readonly ShellWord[] =>
    at === index ? values.map((value) => ({ text: quoted(value), value })) : [word],
  );
  return printCommand({ ...command, words });
}

const concurrentlyValued =
  /^(?:-n|--names|-c|--prefix-colors|-p|--prefix|-l|--prefix-length|-m|--max-processes|-s|--success|--hide|--restart-tries|--restart-after|--default-input-target|-t|--timestamp-format|--name-separator|--kill-signal|--ks|--teardown|--kill-timeout|--cwd|--shell)$/;

function concurrentLines(command: SimpleCommand, start: number, scripts: Scripts): readonly InnerLine[] {
  return positionals(command.words, start, concurrentlyValued).flatMap(({ word, index }) => {
    const lines = spelledOut(literal(word), scripts);
    return lines.map((line, nth) => ({
      line,
      rebuild: (changed) => withWord(command, index, lines.with(nth, changed)),
    }));
  });
}

/** concurrently's short form: `npm:dev:*` is `npm run` of each script that the pattern names. */
function spelledOut(text: string, scripts: Scripts): readonly string[] {
  const [, runner, pattern, rest = ""] = /^(npm|pnpm|yarn|bun):(\S+)(.*)$/s.exec(text) ?? [];
  if (runner === undefined || pattern === undefined) return text === "" ? [] : [text];
  return scriptNames(pattern.replace(/\(![^)]*\)$/, ""), scripts).map((name) => `${runner} run ${name}${rest}`);
}

const npmRunAllValued = /^(?:--max-parallel|--npm-path)$/;

/** npm-run-all runs its tasks by npm: a word is a script's name or pattern, perhaps with arguments for it. */
function taskLines(command: SimpleCommand, start: number, scripts: Scripts): readonly InnerLine[] | undefined {
  if (command.words.some(({ text }, index) => index > start && (/\{[\d@*!]/.test(text) || text === "--")))
    return undefined;
  const groups = taskGroups(command.words, start);
  const last = groups.at(-1);
  const tasks = last?.parallel === true ? last.tasks : (last?.tasks.slice(-1) ?? []);
  return tasks.flatMap(({ word, index }) => {
    const [pattern = "", ...args] = literal(word).split(" ");
    const lines = scriptNames(pattern, scripts).map((script) => ["npm run", script, ...args].join(" "));
    return lines.map((line, nth) => ({
      line,
      rebuild: (changed) => rebuiltTasks(command, index, lines.with(nth, changed)),
    }));
  });
}

/** A task is what stands behind `npm run`; anything else, it cannot run. */
function rebuiltTasks(command: SimpleCommand, index: number, lines: readonly string[]): string | undefined {
  const prefix = "npm run ";
  if (!lines.every((line) => line.startsWith(prefix) && !/['"\\$&|;]/.test(line))) return undefined;
  return withWord(
    command,
    index,
    lines.map((line) => line.slice(prefix.length)),
  );
}

/** `dev:*` stands for itself where no file is called so. */
function literal({ text, value }: ShellWord): string {
  return value ?? (/^[\w:*.-]+$/.test(text) ? text : "");
}

interface TaskGroup {
  readonly parallel: boolean;
  readonly tasks: Positional[];
}

function taskGroups(words: readonly ShellWord[], start: number): readonly TaskGroup[] {
  const groups: TaskGroup[] = [{ parallel: programName(words[start]?.value ?? "") === "run-p", tasks: [] }];
  for (const [index, word] of words.entries()) {
    if (index <= start || npmRunAllValued.test(words[index - 1]?.text ?? "")) continue;
    if (/^(?:-p|--parallel)$/.test(word.text)) groups.push({ parallel: true, tasks: [] });
    else if (/^(?:-s|--sequential|--serial)$/.test(word.text)) groups.push({ parallel: false, tasks: [] });
    else if (!word.text.startsWith("-")) groups.at(-1)?.tasks.push({ word, index });
  }
  return groups.filter(({ tasks }) => tasks.length > 0);
}

interface Positional {
  readonly word: ShellWord;
  readonly index: number;
}

function positionals(words: readonly ShellWord[], start: number, valued: RegExp): readonly Positional[] {
  return words.flatMap((word, index) => {
    const isValue = valued.test(words[index - 1]?.text ?? "");
    return index <= start || isValue || word.text.startsWith("-") ? [] : [{ word, index }];
  });
}

/** Scripts that a pattern names: `*` stands for a part between colons, `**` for any. */
function scriptNames(pattern: string, scripts: Scripts): readonly string[] {
  if (!pattern.includes("*")) return [pattern];
  return Object.keys(scripts).filter((name) => matchesWildcard(name, pattern, ":"));
}
