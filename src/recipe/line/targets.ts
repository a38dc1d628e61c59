import { join } from "node:path/posix";
import { upward } from "../package-manager.ts";
import type { Package } from "../package.ts";
import type { InnerLine } from "./inner-line.ts";
import { innerLinesOf } from "./inner-lines.ts";
import { insideJoin, lastCommands } from "./last-commands.ts";
import type { LastCommand } from "./last-commands.ts";
import { programOf } from "./program.ts";
import type { Program } from "./program.ts";
import { programTarget } from "./program-target.ts";
import { patternLines } from "./script-pattern.ts";
import { scriptRunOf } from "./script-run.ts";
import type { FanOut, ScriptRun } from "./script-run.ts";
import { throughScript } from "./script-target.ts";
import { readShellFile, throughShellFile } from "./shell-file.ts";
import { groupIn, joint, parseShellLine, printCommand } from "./shell-line.ts";
import type { ShellLine, ShellWord, SimpleCommand } from "./shell-line.ts";
import { changedWords } from "./target.ts";
import type { Reading, Target } from "./target.ts";

const maxDepth = 6;

/**
 * The programs that a command line leaves running: of each part that `&` puts side by side, the last
 * command. Through package.json scripts of this and other packages, wrappers, and runners of several
 * commands. Empty where the line cannot be read.
 */
export async function findTargets(
  reading: Reading,
  line: string,
  within: Package,
  depth = 0,
): Promise<readonly Target[]> {
  const parsed = depth > maxDepth ? undefined : parseShellLine(line);
  const found: Target[] = [];
  for (const last of parsed === undefined ? [] : lastCommands(parsed, within)) {
    const { command, directory } = last;
    const place = directory === within.directory ? within : await reading.packages.at(directory);
    const targets = await targetsOf({ reading, within: place, depth }, command);
    found.push(...targets.map((target) => (parsed === undefined ? target : inLine(target, parsed, last))));
  }
  return found;
}

/** Whether the line runs a script in packages that it does not name one by one: `turbo run dev`. */
export function fansOut(line: string, within: Package, depth = 0): boolean {
  const parsed = depth > maxDepth ? undefined : parseShellLine(line);
  const commands = parsed === undefined ? [] : lastCommands(parsed, within);
  return commands.some(({ command }) => {
    const group = groupIn(command);
    if (group !== undefined) return fansOut(group, within, depth + 1);
    const program = programOf(command);
    const run = program === undefined ? undefined : scriptRunOf(command, program.start);
    if (run === undefined || isFanOut(run)) return run !== undefined;
    if (run.directory !== undefined || run.workspace !== undefined) return false;
    const script = manifestScript(within, run.script);
    return script === undefined ? isFanOut(scriptRunOf(command, run.at)) : fansOut(script, within, depth + 1);
  });
}

function isFanOut(run: ScriptRun | FanOut | undefined): run is FanOut {
  return run !== undefined && "filters" in run;
}

/** The target seen from the line that its command stands in. */
function inLine(target: Target, line: ShellLine, { index, exports }: LastCommand): Target {
  const { tail, ...rest } = target;
  const isLast = index === line.commands.length - 1;
  return {
    ...rest,
    assignments: [...exports.flatMap((at) => exported(line.commands[at])), ...target.assignments],
    ...(isLast && tail !== undefined ? { tail } : {}),
    edit(edit) {
      const text = target.edit(edit);
      if (text === undefined) return undefined;
      return line.commands
        .map((command, at) => {
          const words = exports.includes(at) ? changedWords(command.words, edit.change) : command.words;
          return joint(line.operators[at - 1]) + (at === index ? text : printCommand({ ...command, words }));
        })
        .join("");
    },
  };
}

function exported(command: SimpleCommand | undefined): readonly ShellWord[] {
  return (command?.words ?? []).filter(({ text }) => /^\w+=/.test(text));
}

interface Place {
  readonly reading: Reading;
  readonly within: Package;
  readonly depth: number;
}

async function targetsOf(place: Place, command: SimpleCommand, from = 0): Promise<readonly Target[]> {
  const group = groupIn(command);
  if (group !== undefined) return await innerTargets(place, [inGroup(command, group)], []);
  const program = programOf(command, from);
  if (program === undefined) return [];
  const run = scriptRunOf(command, program.start);
  if (isFanOut(run)) return [];
  const scripts = place.within.manifest?.scripts ?? {};
  const several = run === undefined ? undefined : patternLines(run, scripts, isBare(command, program));
  if (several !== undefined) return await innerTargets(place, several, program.assignments);
  if (run !== undefined) return await scriptTargets(place, command, { run, program });
  const inner = innerLinesOf(command, program.start, scripts);
  if (inner !== undefined) return await innerTargets(place, inner, program.assignments);
  return await fileTargets(place, command, program);
}

/** Nothing is set for it, and nothing stands before it. */
function isBare({ assignments, redirections }: SimpleCommand, { start }: Program): boolean {
  return start === 0 && assignments.length === 0 && redirections.length === 0;
}

function inGroup(command: SimpleCommand, line: string): InnerLine {
  return { line, rebuild: (changed) => printCommand({ ...command, words: [{ text: `(${changed})` }] }) };
}

async function innerTargets(
  { reading, within, depth }: Place,
  lines: readonly InnerLine[],
  assignments: readonly ShellWord[],
): Promise<readonly Target[]> {
  const found = await Promise.all(
    lines.map(async ({ line, rebuild }) => {
      const targets = await findTargets(reading, line, within, depth + 1);
      return targets.map((target) => inWord(target, assignments, rebuild));
    }),
  );
  return found.flat();
}

/** The programs of a shell file, or the program itself. */
async function fileTargets(place: Place, command: SimpleCommand, program: Program): Promise<readonly Target[]> {
  const { reading, within, depth } = place;
  const file = await readShellFile(reading.packages, command, { program, within });
  if (file === undefined) return [programTarget(command, program, within)];
  const targets = await findTargets(reading, file.line, within, depth + 1);
  return targets.map((target) => throughShellFile(target, file, { command, program, within }));
}

/** Arguments at the end of the line belong to the program around it. */
function inWord(target: Target, assignments: readonly ShellWord[], rebuild: InnerLine["rebuild"]): Target {
  const { tail: _tail, ...rest } = target;
  return {
    ...rest,
    assignments: [...assignments, ...target.assignments],
    edit(edit) {
      const line = target.edit(edit);
      return line === undefined ? undefined : rebuild(line);
    },
  };
}

async function scriptTargets(
  place: Place,
  command: SimpleCommand,
  { run, program }: { run: ScriptRun; program: Program },
): Promise<readonly Target[]> {
  const { reading, within, depth } = place;
  const owner = await ownerOf(place, run);
  if (owner === undefined) return [];
  const script = await scriptOf(owner, run);
  if (script === undefined) return owner === within ? await programInstead(place, command, { run, program }) : [];
  const line = script === "wireit" ? (owner.manifest?.wireit?.[run.script]?.command ?? script) : script;
  const targets = await findTargets(reading, line, owner, depth + 1);
  // a service of wireit is started by wireit alone, and without node_modules only yarn finds the programs
  const movable = line === script && !(await isPlugAndPlay(place.reading, owner));
  return targets.map((target) => throughScript(target, { command, program, run, within, owner, movable }));
}

async function isPlugAndPlay({ packages }: Reading, { directory }: Package): Promise<boolean> {
  const found = await Promise.all(upward(directory).map((folder) => packages.files.exists(join(folder, ".pnp.cjs"))));
  return found.includes(true);
}

/** Where there is no such script, bun runs the file of that name, and yarn, pnpm and bun the program. */
async function programInstead(
  place: Place,
  command: SimpleCommand,
  { run, program }: { run: ScriptRun; program: Program },
): Promise<readonly Target[]> {
  if (run.runner === "bun" && /[./]/.test(run.script)) return [programTarget(command, program, place.within)];
  return ["yarn", "pnpm", "bun"].includes(run.runner) ? await targetsOf(place, command, run.at) : [];
}

async function scriptOf(owner: Package, { runner, script }: ScriptRun): Promise<string | undefined> {
  const tasks = runner === "deno" ? await owner.tasks() : {};
  return Object.hasOwn(tasks, script) ? tasks[script] : manifestScript(owner, script);
}

function manifestScript({ manifest }: Package, name: string): string | undefined {
  const scripts = manifest?.scripts ?? {};
  return Object.hasOwn(scripts, name) ? scripts[name] : undefined;
}

async function ownerOf({ reading, within }: Place, run: ScriptRun): Promise<Package | undefined> {
  const directory = run.directory === undefined ? within.directory : insideJoin(within.directory, run.directory);
  if (run.workspace !== undefined) return await reading.workspace.find(run.workspace, directory);
  return directory === within.directory ? within : await reading.packages.at(directory);
}
