import { join, relative } from "node:path/posix";
import { binFolders } from "./bin-folders.ts";
import { innerLinesOf } from "./inner-lines.ts";
import { upward } from "../package-manager.ts";
import type { Package, Packages } from "../package.ts";
import { programOf } from "./program.ts";
import type { Program } from "./program.ts";
import { scriptRunOf } from "./script-run.ts";
import type { FanOut, ScriptRun } from "./script-run.ts";
import { joint, parseShellLine, printCommand, quoted } from "./shell-line.ts";
import type { ShellLine, ShellWord, SimpleCommand } from "./shell-line.ts";
import type { Workspace } from "../workspace.ts";

/** What is to change at one program of a command line. */
export interface Edit {
  /** Added behind the program's own arguments. */
  readonly args: readonly string[];
  /**
   * Changes to what the script itself says. Then the script's text is run in place of the package
   * manager that would run it.
   */
  readonly change?: Change;
}

export interface Change {
  /** Of the words behind the program's name. */
  args(words: readonly ShellWord[]): readonly ShellWord[];
  /** Of each `NAME=value`, the shell's or a wrapper's. */
  assignment(word: ShellWord): ShellWord;
  /** Set for the program alone. */
  readonly variables: readonly string[];
}

/** One program that a command line ends up running, through scripts and wrappers. */
export interface Target {
  readonly program: Program;
  /** Words of its own command, then arguments that scripts and package managers pass to it. */
  readonly words: readonly ShellWord[];
  /** The package that it runs in. */
  readonly package: Package;
  /** Variables that the programs in between need. */
  readonly env: Readonly<Record<string, string>>;
  /** What must stand before arguments at the end of the line; absent where those do not reach the program. */
  readonly tail?: readonly string[];
  /** The line with the edit; `undefined` where something in between would not let it through. */
  edit(edit: Edit): string | undefined;
}

export interface Reading {
  readonly packages: Packages;
  readonly workspace: Workspace;
}

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
  if (parsed === undefined) return [];
  const found: Target[] = [];
  for (const { index, directory } of lastCommands(parsed, within)) {
    const command = parsed.commands[index];
    if (command === undefined) continue;
    const place = directory === within.directory ? within : await reading.packages.at(directory);
    const targets = await targetsOf(reading, command, place, depth);
    found.push(...targets.map((target) => inLine(target, parsed, index)));
  }
  return found;
}

/** Whether the line runs a script in packages that it does not name one by one: `turbo run dev`. */
export function fansOut(line: string): FanOut | undefined {
  const last = parseShellLine(line)?.commands.at(-1);
  const run = last === undefined ? undefined : scriptRunOf(last);
  return run !== undefined && "filters" in run ? run : undefined;
}

/** Of each part between `&`, the command that runs last, and the directory that `cd` took it to. */
function lastCommands(line: ShellLine, within: Package): readonly { index: number; directory: string }[] {
  const found: { index: number; directory: string }[] = [];
  let directory = within.directory;
  // of `vite | tee log`, the first is the one that serves
  let pipeStart = 0;
  for (const [index, { words }] of line.commands.entries()) {
    const [name, target] = [words[0]?.value, words[1]?.value];
    if (name === "cd" && target !== undefined && !target.startsWith("/")) directory = insideJoin(directory, target);
    const operator = line.operators[index];
    if (operator === "|") continue;
    if (operator === undefined || operator === "&") found.push({ index: pipeStart, directory });
    if (operator === "&") directory = within.directory;
    pipeStart = index + 1;
  }
  return found;
}

function insideJoin(directory: string, target: string): string {
  const joined = join(directory, target).replace(/\/$/, "");
  return joined === "." ? "" : joined;
}

/** The target seen from the line that its command stands in. */
function inLine(target: Target, line: ShellLine, index: number): Target {
  const { tail, ...rest } = target;
  const isLast = index === line.commands.length - 1;
  return {
    ...rest,
    ...(isLast && tail !== undefined ? { tail } : {}),
    edit(edit) {
      const text = target.edit(edit);
      if (text === undefined) return undefined;
      return line.commands
        .map((command, at) => joint(line.operators[at - 1]) + (at === index ? text : printCommand(command)))
        .join("");
    },
  };
}

async function targetsOf(
  reading: Reading,
  command: SimpleCommand,
  within: Package,
  depth: number,
): Promise<readonly Target[]> {
  const run = scriptRunOf(command);
  if (run !== undefined && "filters" in run) return [];
  if (run !== undefined) return await scriptTargets(reading, { command, run, within }, depth);
  const inner = innerLinesOf(command, within.manifest?.scripts ?? {});
  if (inner === undefined) return programTarget(command, within);
  const found = await Promise.all(
    inner.map(async ({ line, rebuild }) => {
      const targets = await findTargets(reading, line, within, depth + 1);
      return targets.map((target) => inWord(target, rebuild));
    }),
  );
  return found.flat();
}

/** Arguments at the end of the line belong to the program around it. */
function inWord(target: Target, rebuild: (line: string) => string | undefined): Target {
  const { program, words, package: place, env } = target;
  return {
    program,
    words,
    package: place,
    env,
    edit(edit) {
      const line = target.edit(edit);
      return line === undefined ? undefined : rebuild(line);
    },
  };
}

function programTarget(command: SimpleCommand, within: Package, from = 0): readonly Target[] {
  const program = programOf(command, from);
  const at = program?.names[0]?.at;
  if (program === undefined || at === undefined) return [];
  // behind a `--` of its own, a program reads no flags
  const isOpen = program.dashesAt === undefined && !command.words.slice(at).some(({ text }) => text === "--");
  return [
    {
      program,
      words: command.words,
      package: within,
      env: {},
      ...(isOpen ? { tail: [] } : {}),
      edit: ({ args, change }) => printCommand(edited(command, { program, at, args, change })),
    },
  ];
}

interface ProgramEdit {
  readonly program: Program;
  /** Index of its first argument. */
  readonly at: number;
  readonly args: readonly string[];
  readonly change: Change | undefined;
}

/** New arguments go behind the program's own, but before a `--` of theirs. */
function edited(command: SimpleCommand, { program, at, args, change }: ProgramEdit): SimpleCommand {
  const own = command.words.slice(at);
  const kept = change === undefined ? own : change.args(own);
  const dashes = kept.findIndex(({ text }) => text === "--");
  const all = kept.toSpliced(dashes === -1 ? kept.length : dashes, 0, ...args.map((text) => ({ text })));
  const head = command.words.slice(0, at).map((word) => (change === undefined ? word : change.assignment(word)));
  const { dashesAt } = program;
  return {
    ...command,
    assignments: [
      ...(change?.variables ?? []).map((text) => ({ text })),
      ...command.assignments.map((word) => (change === undefined ? word : change.assignment(word))),
    ],
    words: [...(dashesAt === undefined ? head : head.toSpliced(dashesAt, 0, { text: "--" })), ...all],
  };
}

interface ScriptPlace {
  readonly command: SimpleCommand;
  readonly run: ScriptRun;
  readonly within: Package;
}

async function scriptTargets(reading: Reading, place: ScriptPlace, depth: number): Promise<readonly Target[]> {
  const { command, run, within } = place;
  const owner = await ownerOf(reading, run, within);
  const script = owner === undefined ? undefined : scriptOf(owner, run);
  if (owner === undefined) return [];
  if (script === undefined) return owner === within ? programInstead(command, run, within) : [];
  const line = script === "wireit" ? (owner.manifest?.wireit?.[run.script]?.command ?? script) : script;
  const targets = await findTargets(reading, line, owner, depth + 1);
  // a service of wireit is started by wireit alone, and without node_modules only yarn finds the programs
  const movable = line === script && !(await isPlugAndPlay(reading, owner));
  return targets.map((target) => throughScript(target, place, { owner, movable }));
}

async function isPlugAndPlay({ packages }: Reading, { directory }: Package): Promise<boolean> {
  const found = await Promise.all(upward(directory).map((folder) => packages.files.exists(join(folder, ".pnp.cjs"))));
  return found.includes(true);
}

/** Where there is no such script, bun runs the file of that name, and yarn, pnpm and bun the program. */
function programInstead(command: SimpleCommand, run: ScriptRun, within: Package): readonly Target[] {
  if (run.runner === "bun" && /[./]/.test(run.script)) return programTarget(command, within);
  return ["yarn", "pnpm", "bun"].includes(run.runner) ? programTarget(command, within, run.at) : [];
}

function scriptOf(owner: Package, { runner, script }: ScriptRun): string | undefined {
  const scripts = runner === "deno" ? { ...owner.manifest?.scripts, ...owner.tasks } : (owner.manifest?.scripts ?? {});
  return Object.hasOwn(scripts, script) ? scripts[script] : undefined;
}

async function ownerOf(
  { packages, workspace }: Reading,
  run: ScriptRun,
  within: Package,
): Promise<Package | undefined> {
  const directory = run.directory === undefined ? within.directory : insideJoin(within.directory, run.directory);
  if (run.workspace !== undefined) return await workspace.find(run.workspace, directory);
  return directory === within.directory ? within : await packages.at(directory);
}

function throughScript(target: Target, place: ScriptPlace, script: { owner: Package; movable: boolean }): Target {
  const { tail, words, ...rest } = target;
  const { command, run } = place;
  // yarn 1 drops a `--` and yarn 2 passes it on: none can be sent through yarn to an npm below
  const passes = tail !== undefined && run.separators !== undefined && !(run.runner === "yarn" && tail.length > 0);
  const separators = passes ? [...(run.separators ?? []), ...tail] : undefined;
  return {
    ...rest,
    words: tail === undefined ? words : [...words, ...run.args],
    // turbo would keep every variable from the dev server that its configuration does not list
    env: run.runner === "turbo" ? { ...target.env, TURBO_ENV_MODE: "loose" } : target.env,
    ...(separators === undefined ? {} : { tail: separators }),
    edit(edit) {
      if (edit.change === undefined && separators !== undefined)
        return [printCommand(command), ...separators, ...edit.args].join(" ");
      const inner = script.movable ? target.edit(edit) : undefined;
      const args = edit.change === undefined ? run.args : edit.change.args(run.args);
      return inner === undefined
        ? undefined
        : inlined([inner, ...args.map(({ text }) => text)].join(" "), place, script.owner);
    },
  };
}

/** The script's text in place of the command that runs it, with the programs of its packages at hand. */
function inlined(line: string, { run, within }: ScriptPlace, owner: Package): string {
  const hooked = Object.hasOwn(owner.manifest?.scripts ?? {}, `pre${run.script}`);
  const simple = !hooked && parseShellLine(line)?.commands.length === 1;
  const path = `PATH="${binFolders(owner.directory)}:$PATH"`;
  const text = simple
    ? `${path} ${line}`
    : `export ${path}; ${hooked ? `${hookRunner(run)} run pre${run.script} && ` : ""}${line}`;
  const away = relative(`/${within.directory}`, `/${owner.directory}`);
  if (away !== "") return `(cd ${quoted(away)} || exit; ${text})`;
  return simple ? text : `(${text})`;
}

function hookRunner({ runner }: ScriptRun): string {
  return runner === "turbo" || runner === "lerna" ? "npm" : runner;
}
