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
  // yarn 1 drops a `--` and yarn 2 passes it on: none can be sent through yarn to an npm below
  if (inner === undefined || (run.runner === "yarn" && inner.separators.length > 0)) return undefined;
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
  const passed = passedArgs(runner, command.words.slice(explicit ? 3 : 2));
  return script === undefined || passed === undefined ? undefined : { runner, script, ...passed };
}

function ownScript(manifest: PackageJson | undefined, name: string): string | undefined {
  const scripts = manifest?.scripts ?? {};
  return Object.hasOwn(scripts, name) ? scripts[name] : undefined;
}

/**
 * What the script gets. npm eats flags before its first `--`, bun drops a leading `--`; pnpm and yarn 2
 * pass theirs on, and a program reads no flags behind it.
 */
function passedArgs(
  runner: ScriptRun["runner"],
  words: readonly ShellWord[],
): Pick<ScriptRun, "args" | "separators"> | undefined {
  const dashes = words.findIndex(({ text }) => text === "--");
  if (dashes === -1) {
    const eaten = runner === "npm";
    return { args: eaten ? words.filter(({ text }) => !text.startsWith("-")) : words, separators: eaten ? ["--"] : [] };
  }
  const args = words.slice(dashes + 1);
  const understood = runner === "npm" || (runner === "bun" && dashes === 0);
  return understood && args.every(({ text }) => text !== "--") ? { args, separators: [] } : undefined;
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
