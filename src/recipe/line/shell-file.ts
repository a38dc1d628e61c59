import { join } from "node:path/posix";
import type { Package, Packages } from "../package.ts";
import { programName } from "./program.ts";
import type { Program } from "./program.ts";
import { programTarget } from "./program-target.ts";
import { parseShellLine } from "./shell-line.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";
import type { Target } from "./target.ts";
import { shells } from "./wrappers.ts";

/** A file of the project that a command has a shell run: `./dev.sh`, `sh scripts/dev.sh`. */
export interface ShellFile {
  /** What of it can be read, as one line. */
  readonly line: string;
  /** Its last command gets the arguments of the file. */
  readonly handsOn: boolean;
  /** The arguments that the command gives it. */
  readonly args: readonly ShellWord[];
}

/** `undefined` for a command that runs no such file, and for one whose last command cannot be read. */
export async function readShellFile(
  { files }: Packages,
  { words }: SimpleCommand,
  place: { readonly program: Program; readonly within: Package },
): Promise<ShellFile | undefined> {
  const { start } = place.program;
  const byShell = shells.includes(programName(words[start]?.value ?? ""));
  const at = byShell ? words.findIndex(({ text }, index) => index > start && !text.startsWith("-")) : start;
  const path = words[at]?.value ?? "";
  if (path === "" || path.startsWith("/") || !(byShell || path.includes("/"))) return undefined;
  const text = await files.readText(join(place.within.directory, path));
  if (text === undefined || !(byShell || /^#!.*\b(?:ba|da|z|k)?sh\b/.test(text))) return undefined;
  const line = readableLine(text);
  return line === undefined ? undefined : { line, handsOn: /(?:"\$@"|\$@)$/.test(line), args: words.slice(at + 1) };
}

/** No file that a person wrote to start a server; reading one takes more than its length. */
const longestFile = 16_384;

/** The commands that can be read; conditions and loops before the last one are passed over. */
function readableLine(text: string): string | undefined {
  if (text.length > longestFile) return undefined;
  const lines = text
    .replaceAll(/\\\r?\n/g, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  const readable = lines.filter((line) => parseShellLine(line.replace(/&$/, "")) !== undefined);
  return readable.length > 0 && readable.at(-1) === lines.at(-1)
    ? readable.join("\n").replaceAll("&\n", "& ")
    : undefined;
}

/** The target of a shell file, seen from the command that runs the file: what the file says cannot be changed. */
export function throughShellFile(
  target: Target,
  file: ShellFile,
  place: { readonly command: SimpleCommand; readonly program: Program; readonly within: Package },
): Target {
  const { tail, ...rest } = target;
  const outer = programTarget(place.command, place.program, place.within);
  const passes = file.handsOn && tail?.length === 0;
  return {
    ...rest,
    words: passes ? [...target.words, ...file.args] : target.words,
    assignments: [...outer.assignments, ...target.assignments],
    ...(passes && outer.tail !== undefined ? { tail: outer.tail } : {}),
    edit: (edit) => (passes && edit.change === undefined && edit.leading === undefined ? outer.edit(edit) : undefined),
  };
}
