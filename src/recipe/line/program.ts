import type { ShellWord, SimpleCommand } from "./shell-line.ts";
import { wrappers } from "./wrappers.ts";
import type { Wrapper } from "./wrappers.ts";

/** The program that a command ends up running, behind its wrappers. */
export interface Program {
  /** What it may be called, the most particular first: `@11ty/eleventy` and `eleventy`. */
  readonly names: readonly ProgramName[];
  /** Index of the word that names it. */
  readonly start: number;
  /** Of the shell and of wrappers like cross-env. */
  readonly assignments: readonly ShellWord[];
  /** Index of the word before which a `--` must stand for flags to reach the program. */
  readonly dashesAt?: number;
}

export interface ProgramName {
  readonly name: string;
  /** Index of its first argument among the words of the command. */
  readonly at: number;
}

/** `undefined` where the program is not told by reading the line. */
export function programOf({ words, assignments }: SimpleCommand, from = 0): Program | undefined {
  const inner = unwrap(words, from);
  const names = inner === undefined ? [] : namesOf(words, inner.at);
  if (inner === undefined || names.length === 0) return undefined;
  const found = [...assignments, ...words.slice(0, inner.at).filter(({ text }) => isAssignment(text))];
  return {
    names,
    start: inner.at,
    assignments: found,
    ...(inner.dashesAt === undefined ? {} : { dashesAt: inner.dashesAt }),
  };
}

interface Unwrapped {
  readonly at: number;
  readonly dashesAt?: number;
}

function unwrap(words: readonly ShellWord[], at: number): Unwrapped | undefined {
  const wrapper = wrapperAt(words, at);
  if (wrapper === undefined) return behindDashes(words, at) ?? { at };
  const next = skipOptions(words, at + 1, wrapper);
  const inner = next.at >= words.length ? undefined : unwrap(words, next.at);
  if (inner === undefined || wrapper.wantsDashes === undefined || next.dashes) return inner;
  return { dashesAt: next.at, ...inner };
}

function wrapperAt(words: readonly ShellWord[], at: number): Wrapper | undefined {
  const name = programName(words[at]?.value ?? "");
  const verb = words.slice(at + 1).find(({ text }) => !text.startsWith("-"))?.value ?? "";
  return wrappers.find(
    ({ programs, verbs }) => programs.includes(name) && (verbs === undefined || verbs.includes(verb)),
  );
}

function skipOptions(words: readonly ShellWord[], from: number, wrapper: Wrapper): { at: number; dashes: boolean } {
  let at = from;
  let verb = wrapper.verbs === undefined;
  for (; at < words.length; at += 1) {
    const text = words[at]?.text ?? "";
    if (text === "--") return { at: at + 1, dashes: true };
    if (wrapper.valued?.includes(text) === true) at += 1;
    else if (!text.startsWith("-") && !isAssignment(text)) {
      if (verb) break;
      verb = true;
    }
  }
  return { at, dashes: false };
}

/** `doppler run -- vite`: whatever takes a command behind `--` passes its arguments on. */
function behindDashes(words: readonly ShellWord[], at: number): Unwrapped | undefined {
  const dashes = words.findIndex(({ text }, index) => index > at && text === "--");
  const secretRunners = ["doppler", "infisical", "op", "varlock", "chamber", "teller", "aws-vault", "with-env"];
  const known = secretRunners.includes(programName(words[at]?.value ?? ""));
  return known && dashes !== -1 && dashes + 1 < words.length ? unwrap(words, dashes + 1) : undefined;
}

/** An interpreter that runs a program known by name is that program. */
function namesOf(words: readonly ShellWord[], at: number): readonly ProgramName[] {
  const value = words[at]?.value;
  if (value === undefined || value === "") return [];
  const name = programName(value);
  const scoped = /^@[\w.-]+\/[\w.-]+/.exec(value)?.[0];
  const script = scriptOf(name, words, at + 1);
  if (script !== undefined) return [script];
  return [...(scoped === undefined ? [] : [{ name: scoped, at: at + 1 }]), { name, at: at + 1 }];
}

const pythonName = /^(?:python|pypy)[\d.]*$/;

function scriptOf(interpreter: string, words: readonly ShellWord[], from: number): ProgramName | undefined {
  if (pythonName.test(interpreter)) {
    const module = words.findIndex(({ text }, index) => index >= from && text === "-m");
    const named = words[module + 1]?.value;
    if (module !== -1 && named !== undefined) return { name: named, at: module + 2 };
  }
  const at = words.findIndex(({ text }, index) => index >= from && isScriptPath(interpreter, text));
  const path = words[at]?.value;
  return path === undefined ? undefined : { name: programName(path).replace(/\.[cm]?js$/, ""), at: at + 1 };
}

/** The file that makes an interpreter another program. */
function isScriptPath(interpreter: string, text: string): boolean {
  if (pythonName.test(interpreter)) return /(?:^|\/)manage\.py$/.test(text);
  switch (interpreter) {
    case "node":
    case "bun":
      return text.includes("node_modules/") && !text.startsWith("-");
    case "php":
      return text === "artisan" || text === "./artisan";
    case "ruby":
      return /(?:^|\/)bin\/\w+$/.test(text);
    case "deno":
      return text.startsWith("npm:");
    default:
      return false;
  }
}

/** `./node_modules/.bin/vite`, `vite@8` and `npm:vite` are vite, `python3.12` is python3. */
export function programName(path: string): string {
  const base = path.slice(path.lastIndexOf("/") + 1).replace(/^npm:/, "");
  const name = base.replace(/(?!^)@[^/]*$/, "");
  return /^python3[\d.]+$/.test(name) ? "python3" : name;
}

function isAssignment(text: string): boolean {
  return /^[A-Za-z_]\w*=/.test(text);
}
