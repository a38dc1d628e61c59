import { positionals, withWord, wordLines } from "./inner-line.ts";
import type { InnerLine } from "./inner-line.ts";
import type { SimpleCommand } from "./shell-line.ts";

/** A program that watches files, and runs the line in one of its flags again and again. */
interface Watcher {
  readonly programs: readonly string[];
  readonly flags: readonly string[];
  /** Its other flags that take a value in the next word; given where a further word would end the line. */
  readonly valued?: RegExp;
}

const watchers: readonly Watcher[] = [
  {
    programs: ["nodemon"],
    flags: ["-x", "--exec"],
    valued: /^(?:-x|--exec|-w|--watch|-e|--ext|-i|--ignore|-d|--delay|-s|--signal|--config|--cwd)$/,
  },
  { programs: ["tsup"], flags: ["--onSuccess"] },
  { programs: ["tsdown"], flags: ["--on-success", "--onSuccess"] },
  { programs: ["tsc-watch"], flags: ["--onSuccess", "--onFirstSuccess"] },
  { programs: ["chokidar"], flags: ["-c", "--command"] },
];

/**
 * The line that a watcher runs: `tsup --watch --onSuccess "node dist/main.js"`. `undefined` for any other
 * program, and for one that puts a word of its own behind the line (`nodemon --exec ts-node main.ts`).
 */
export function watchedLine(command: SimpleCommand, start: number, name: string): readonly InnerLine[] | undefined {
  const watcher = watchers.find(({ programs }) => programs.includes(name));
  if (watcher === undefined) return undefined;
  if (watcher.valued !== undefined && positionals(command.words, start, watcher.valued).length > 0) return undefined;
  const behind = command.words.findIndex(({ text }, index) => index > start && watcher.flags.includes(text));
  return behind === -1 ? attachedLine(command, watcher.flags) : wordLines(command, [behind + 1]);
}

/** `--onSuccess="node dist/main.js"` */
function attachedLine(command: SimpleCommand, flags: readonly string[]): readonly InnerLine[] | undefined {
  for (const [index, { value }] of command.words.entries()) {
    const flag = flags.find((each) => value?.startsWith(`${each}=`));
    if (flag === undefined || value === undefined) continue;
    const rebuild = (line: string): string => withWord(command, index, [`${flag}=${line}`]);
    return [{ line: value.slice(flag.length + 1), rebuild }];
  }
  return undefined;
}
