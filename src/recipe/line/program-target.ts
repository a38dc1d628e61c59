import type { Package } from "../package.ts";
import type { Program } from "./program.ts";
import { printCommand } from "./shell-line.ts";
import type { SimpleCommand } from "./shell-line.ts";
import { changedWords } from "./target.ts";
import type { Edit, Target } from "./target.ts";

/** The program of a simple command, behind its wrappers. */
export function programTarget(command: SimpleCommand, program: Program, within: Package): Target {
  const at = program.names[0]?.at ?? program.start + 1;
  // behind a `--` of its own, a program reads no flags
  const isOpen = program.dashesAt === undefined && !command.words.slice(at).some(({ text }) => text === "--");
  return {
    program,
    words: command.words,
    assignments: program.assignments,
    package: within,
    env: {},
    ...(isOpen ? { tail: [] } : {}),
    edit: (edit) => printCommand(edited(command, { program, at, edit })),
  };
}

interface ProgramEdit {
  readonly program: Program;
  /** Index of its first argument. */
  readonly at: number;
  readonly edit: Edit;
}

/** New arguments go behind the program's own, but before a `--` of theirs; leading ones right behind its verb. */
function edited(command: SimpleCommand, { program, at, edit }: ProgramEdit): SimpleCommand {
  const { args, leading = [], change } = edit;
  const own = command.words.slice(at);
  const verb = own.findIndex(({ text }) => !text.startsWith("-"));
  const led = own.toSpliced(verb + 1, 0, ...leading.map((text) => ({ text })));
  const kept = change === undefined ? led : change.args(led);
  const dashes = kept.findIndex(({ text }) => text === "--");
  const all = kept.toSpliced(dashes === -1 ? kept.length : dashes, 0, ...args.map((text) => ({ text })));
  const variables = (change?.variables ?? []).map((text) => ({ text }));
  return {
    ...command,
    assignments: [...variables, ...changedWords(command.assignments, change)],
    words: [...changedWords(withDashes(command, program, at), change), ...all],
  };
}

/** The words before `at`, with the `--` that the wrapper wants before what it runs. */
export function withDashes({ words }: SimpleCommand, { dashesAt }: Program, at: number): SimpleCommand["words"] {
  const head = words.slice(0, at);
  return dashesAt === undefined ? head : head.toSpliced(dashesAt, 0, { text: "--" });
}
