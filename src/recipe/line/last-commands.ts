import { join } from "node:path/posix";
import type { Package } from "../package.ts";
import type { ShellLine, SimpleCommand } from "./shell-line.ts";

/** A command that a line leaves running. */
export interface LastCommand {
  readonly command: SimpleCommand;
  readonly index: number;
  /** Where `cd` took it to. */
  readonly directory: string;
  /** Indices of the `export NAME=value` that it runs behind. */
  readonly exports: readonly number[];
}

/** What is only run when the server has ended: `vite || true`. */
const afterwards: ReadonlySet<string> = new Set(["true", "exit", "echo", ":", "wait"]);

/** Of each part between `&`, the command that runs last; of `vite | tee log` the one that serves. */
export function lastCommands(line: ShellLine, within: Package): readonly LastCommand[] {
  const found: LastCommand[] = [];
  let { directory } = within;
  let exports: readonly number[] = [];
  let last: LastCommand | undefined;
  let pipeStart = 0;
  for (const [index, { words }] of line.commands.entries()) {
    const [name, target] = [words[0]?.value, words[1]?.value];
    if (name === "cd" && target !== undefined && !target.startsWith("/")) directory = insideJoin(directory, target);
    if (name === "export") exports = [...exports, index];
    const operator = line.operators[index];
    if (operator === "|") continue;
    const command = line.commands[pipeStart];
    if (command !== undefined && (last === undefined || !afterwards.has(command.words[0]?.value ?? "")))
      last = { command, index: pipeStart, directory, exports };
    pipeStart = index + 1;
    if (operator !== undefined && operator !== "&") continue;
    if (last !== undefined) found.push(last);
    [last, directory, exports] = [undefined, within.directory, []];
  }
  return found;
}

/** Where a relative path leads, relative to the workspace root. */
export function insideJoin(directory: string, target: string): string {
  const joined = join(directory, target).replace(/\/$/, "");
  return joined === "." ? "" : joined;
}
