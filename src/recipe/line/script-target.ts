import { relative } from "node:path/posix";
import type { Package } from "../package.ts";
import { binFolders } from "./bin-folders.ts";
import type { Program } from "./program.ts";
import { withDashes } from "./program-target.ts";
import type { ScriptRun } from "./script-run.ts";
import { changeTo, onlyCommand, parseShellLine, printCommand, quoted } from "./shell-line.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";
import { changedWords } from "./target.ts";
import type { Edit, Target } from "./target.ts";

/** A command that runs a script, which runs the target. */
export interface ScriptPlace {
  readonly command: SimpleCommand;
  /** The package manager, behind its wrappers. */
  readonly program: Program;
  readonly run: ScriptRun;
  /** The package that the command runs in, and the one whose script it is. */
  readonly within: Package;
  readonly owner: Package;
  /** The script's text can be run in place of the command. */
  readonly movable: boolean;
}

/** The target of a script, seen from the command that runs the script. */
export function throughScript(target: Target, place: ScriptPlace): Target {
  const { tail, ...rest } = target;
  const { command, program, run, movable } = place;
  // yarn 1 drops a `--` and yarn 2 passes it on: none can be sent through yarn to an npm below
  const passes = tail !== undefined && run.separators !== undefined && !(run.runner === "yarn" && tail.length > 0);
  const separators = passes && program.dashesAt === undefined ? [...(run.separators ?? []), ...tail] : undefined;
  return {
    ...rest,
    words: tail === undefined ? target.words : [...target.words, ...run.args],
    assignments: [...program.assignments, ...target.assignments],
    // turbo would keep every variable from the dev server that its configuration does not list
    env: run.runner === "turbo" ? { ...target.env, TURBO_ENV_MODE: "loose" } : target.env,
    ...(separators === undefined ? {} : { tail: separators }),
    edit(edit) {
      if (edit.change === undefined && edit.leading === undefined && separators !== undefined)
        return [printCommand(command), ...separators, ...edit.args].join(" ");
      const script = movable ? target.edit(edit) : undefined;
      return script === undefined ? undefined : inlined(script, place, edit);
    },
  };
}

/** The script's text in place of the command that runs it, with the programs of its packages at hand. */
function inlined(script: string, place: ScriptPlace, { change }: Edit): string {
  const { command, program, run, within, owner } = place;
  const args = change === undefined ? run.args : change.args(run.args);
  const line = [script, ...texts(args)].join(" ");
  const hook = hasHook(place) ? `${hookRunner(run)} run pre${run.script} && ` : "";
  const simple = hook === "" && onlyCommand(parseShellLine(line)) !== undefined;
  const set = [...texts(changedWords(command.assignments, change)), `PATH="${binFolders(owner.directory)}:$PATH"`].join(
    " ",
  );
  const text = simple ? `${set} ${line}` : `export ${set}; ${hook}${line}`;
  const away = relative(`/${within.directory}`, `/${owner.directory}`);
  const whole = away === "" ? text : `${changeTo(away)} || exit; ${text}`;
  if (program.start === 0) return whole === text && simple ? text : `(${whole})`;
  const wrapper = changedWords(withDashes(command, program, program.start), change);
  return [...texts(wrapper), "sh -c", quoted(whole)].join(" ");
}

function texts(words: readonly ShellWord[]): readonly string[] {
  return words.map(({ text }) => text);
}

/** Node runs a script alone. */
function hasHook({ run, owner }: ScriptPlace): boolean {
  return run.runner !== "node" && Object.hasOwn(owner.manifest?.scripts ?? {}, `pre${run.script}`);
}

/** turbo and lerna run the hooks of npm. */
function hookRunner({ runner }: ScriptRun): string {
  return runner === "turbo" || runner === "lerna" ? "npm" : runner;
}
