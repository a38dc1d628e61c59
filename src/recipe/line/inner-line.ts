import { matchesWildcard } from "../wildcard.ts";
import { printCommand, quoted } from "./shell-line.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";

/** A command line inside a word of a command: `concurrently "vite" "node api.js"`. */
export interface InnerLine {
  readonly line: string;
  /** The whole command with this line changed; `undefined` where its program could not take the change. */
  readonly rebuild: (line: string) => string | undefined;
}

export type Scripts = Readonly<Record<string, string>>;

/** The lines that are words of their own. */
export function wordLines(command: SimpleCommand, indices: readonly number[]): readonly InnerLine[] {
  return indices.flatMap((index) => {
    const line = command.words[index]?.value;
    return line === undefined ? [] : [{ line, rebuild: (changed) => withWord(command, index, [changed]) }];
  });
}

/** The command with other words in place of one. */
export function withWord(command: SimpleCommand, index: number, values: readonly string[]): string {
  const words = command.words.flatMap((word, at): readonly ShellWord[] =>
    at === index ? values.map((value) => ({ text: quoted(value), value })) : [word],
  );
  return printCommand({ ...command, words });
}

/** A word that is no flag. */
export interface Positional {
  readonly word: ShellWord;
  readonly index: number;
}

/** Those behind the program, without the values of its flags. */
export function positionals(words: readonly ShellWord[], start: number, valued: RegExp): readonly Positional[] {
  return words.flatMap((word, index) => {
    const isValue = valued.test(words[index - 1]?.text ?? "");
    return index <= start || isValue || word.text.startsWith("-") ? [] : [{ word, index }];
  });
}

/** `dev:*` stands for itself where no file is called so. */
export function literal({ text, value }: ShellWord): string {
  return value ?? (/^[\w:*.-]+$/.test(text) ? text : "");
}

/** Scripts that a pattern names: `*` stands for a part between colons, `**` for any. */
export function scriptNames(pattern: string, scripts: Scripts): readonly string[] {
  if (!pattern.includes("*")) return [pattern];
  return Object.keys(scripts).filter((name) => matchesWildcard(name, pattern, ":"));
}
