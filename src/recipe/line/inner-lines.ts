import { literal, positionals, scriptNames, withWord, wordLines } from "./inner-line.ts";
import type { InnerLine, Scripts } from "./inner-line.ts";
import { programName } from "./program.ts";
import type { SimpleCommand } from "./shell-line.ts";
import { taskLines } from "./task-lines.ts";
import { watchedLine } from "./watched-line.ts";
import { shells } from "./wrappers.ts";

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
      return watchedLine(command, start, name);
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
