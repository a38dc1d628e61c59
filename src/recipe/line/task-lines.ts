import { literal, scriptNames, withWord } from "./inner-line.ts";
import type { InnerLine, Positional, Scripts } from "./inner-line.ts";
import { programName } from "./program.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";

const npmRunAllValued = /^(?:--max-parallel|--npm-path)$/;

/** npm-run-all runs its tasks by npm: a word is a script's name or pattern, perhaps with arguments for it. */
export function taskLines(command: SimpleCommand, start: number, scripts: Scripts): readonly InnerLine[] | undefined {
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
