import type { PackageJson } from "./package-json.ts";
import { parseShellLine } from "./shell-line.ts";
import type { ShellWord, SimpleCommand } from "./shell-line.ts";

/** The program that ends up with what is added at the end of a command line. */
export interface ScriptTarget {
  readonly program: string;
  /** Its arguments, and the assignments in front of it. */
  readonly args: readonly ShellWord[];
  readonly assignments: readonly ShellWord[];
  /** What must stand before the added arguments: a `--` for each npm that would eat them. */
  readonly separators: readonly string[];
}

/** Programs that run the rest of their arguments as a command. */
const wrappers = new Set(["cross-env", "env", "exec", "npx", "bunx"]);
const runners = ["npm", "pnpm", "yarn", "bun"] as const;
const maxDepth = 4;

/**
 * Follows a command line to its last program, through package.json scripts (`npm run dev`) and
 * wrappers (`cross-env A=b vite`). `undefined` where arguments cannot be passed safely.
 */
export function findTarget(line: string, manifest: PackageJson | undefined, depth = 0): ScriptTarget | undefined {
  const last = parseShellLine(line)?.at(-1);
  if (last === undefined || depth > maxDepth) return undefined;
  const run = scriptRun(last, manifest);
  if (run === undefined) return unwrapped(last);
  const inner = findTarget(run.script, manifest, depth + 1);
  if (inner === undefined) return undefined;
  // yarn and bun drop a `--` of their own accord, so none can be sent through them to an npm below
  const needed = inner.separators.length > 0 || run.args.some(({ text }) => text === "--");
  if (needed && run.runner !== "npm" && run.runner !== "pnpm") return undefined;
  return { ...inner, args: [...inner.args, ...run.args], separators: [...run.separators, ...inner.separators] };
}

interface ScriptRun {
  readonly runner: (typeof runners)[number];
  /** Text of the script. */
  readonly script: string;
  /** Arguments that the command already passes to it. */
  readonly args: readonly ShellWord[];
  readonly separators: readonly string[];
}

/** `npm run dev`, `npm start`, `pnpm dev`, `yarn run dev`, `bun run dev`, with arguments of the script only. */
function scriptRun(command: SimpleCommand, manifest: PackageJson | undefined): ScriptRun | undefined {
  const runner = runners.find((name) => name === command.words[0]?.value);
  if (runner === undefined) return undefined;
  const verb = command.words[1]?.value ?? "";
  const explicit = verb === "run" || verb === "run-script";
  if (!explicit && (runner === "bun" || (runner === "npm" && verb !== "start"))) return undefined;
  const name = explicit ? command.words[2]?.value : verb;
  const script = name === undefined ? undefined : ownScript(manifest, name);
  if (script === undefined) return undefined;
  return { runner, script, ...passedArgs(runner, command.words.slice(explicit ? 3 : 2)) };
}

function ownScript(manifest: PackageJson | undefined, name: string): string | undefined {
  const scripts = manifest?.scripts ?? {};
  return Object.hasOwn(scripts, name) ? scripts[name] : undefined;
}

function passedArgs(runner: string, words: readonly ShellWord[]): Pick<ScriptRun, "args" | "separators"> {
  if (runner !== "npm") return { args: words, separators: [] };
  const dashes = words.findIndex(({ text }) => text === "--");
  return dashes === -1 ? { args: [], separators: ["--"] } : { args: words.slice(dashes + 1), separators: [] };
}

function unwrapped(command: SimpleCommand): ScriptTarget | undefined {
  const assignments = [...command.assignments];
  let words = command.words;
  while (wrappers.has(words[0]?.value ?? "")) {
    words = words.slice(1);
    while (/^(?:[A-Za-z_]\w*=|-y$|--yes$|--no-install$|--no$|--bun$)/.test(words[0]?.text ?? "")) {
      assignments.push(...words.slice(0, 1));
      words = words.slice(1);
    }
  }
  const [first, ...args] = words;
  if (first?.value === undefined) return undefined;
  return { program: programName(first.value), args, assignments, separators: [] };
}

/** `./node_modules/.bin/vite` is vite. */
function programName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
