import type { Package, Packages } from "../package.ts";
import type { Workspace } from "../workspace.ts";
import type { Program } from "./program.ts";
import type { ShellWord } from "./shell-line.ts";

/** What command lines are read with. */
export interface Reading {
  readonly packages: Packages;
  readonly workspace: Workspace;
}

/** One program that a command line ends up running, through scripts and wrappers. */
export interface Target {
  readonly program: Program;
  /** Words of its own command, then arguments that scripts and package managers pass to it. */
  readonly words: readonly ShellWord[];
  /** What the commands on the way to it set for it, the shell's `NAME=value` and those of wrappers. */
  readonly assignments: readonly ShellWord[];
  /** The package that it runs in. */
  readonly package: Package;
  /** Variables that the programs in between need. */
  readonly env: Readonly<Record<string, string>>;
  /** What must stand before arguments at the end of the line; absent where those do not reach the program. */
  readonly tail?: readonly string[];
  /** The line with the edit; `undefined` where something in between would not let it through. */
  edit(edit: Edit): string | undefined;
}

/** What is to change at one program of a command line. */
export interface Edit {
  /** Added behind the program's own arguments. */
  readonly args: readonly string[];
  /** Put before them, right behind its verb; no package manager passes arguments there. */
  readonly leading?: readonly string[];
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

/** The assignments among words, and of the rest nothing, with the change. */
export function changedWords(words: readonly ShellWord[], change: Change | undefined): readonly ShellWord[] {
  return change === undefined ? words : words.map((word) => change.assignment(word));
}
