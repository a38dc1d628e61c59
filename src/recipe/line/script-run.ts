import type { ShellWord, SimpleCommand } from "./shell-line.ts";
import { programName } from "./program.ts";

/** A command that runs a script of a package. */
export interface ScriptRun {
  readonly runner: Runner;
  readonly script: string;
  /** Where the package is: a directory relative to this one, or the name or path of a workspace package. */
  readonly directory?: string;
  readonly workspace?: string;
  /** Arguments that the command already passes to the script. */
  readonly args: readonly ShellWord[];
  /** What must stand before added arguments; absent when none can be passed. */
  readonly separators?: readonly string[];
  /** Index of the script's name: where there is no such script, some runners run the program of that name. */
  readonly at: number;
}

/** A command that runs a script in many packages, of which it may name some. */
export interface FanOut {
  readonly script: string;
  readonly filters: readonly string[];
}

export type Runner = "npm" | "pnpm" | "yarn" | "bun" | "deno" | "turbo" | "lerna" | "node";

interface RunnerRules {
  readonly runner: Runner;
  /** Words that stand before the name of a script; without one the name may come at once. */
  readonly verbs: readonly string[];
  readonly verbNeeded: boolean;
  /** Scripts that have a verb of their own: `npm start`. */
  readonly ownVerbs: readonly string[];
  /** Flags that name a directory, a workspace package, and other flags with a value. */
  readonly directory: readonly string[];
  readonly workspace: readonly string[];
  readonly valued: readonly string[];
  /** Flags with which every package is meant. */
  readonly everywhere: readonly string[];
}

const rules: readonly RunnerRules[] = [
  {
    runner: "npm",
    verbs: ["run", "run-script", "rum", "urn"],
    verbNeeded: true,
    ownVerbs: ["start"],
    directory: ["--prefix", "-C"],
    workspace: ["-w", "--workspace"],
    valued: ["--loglevel", "--script-shell"],
    everywhere: ["-ws", "--workspaces"],
  },
  {
    runner: "pnpm",
    verbs: ["run", "run-script"],
    verbNeeded: false,
    ownVerbs: [],
    directory: ["-C", "--dir"],
    workspace: ["-F", "--filter", "--filter-prod"],
    valued: ["--loglevel", "--reporter", "--workspace-concurrency"],
    everywhere: ["-r", "--recursive", "--parallel"],
  },
  {
    runner: "yarn",
    verbs: ["run"],
    verbNeeded: false,
    ownVerbs: [],
    directory: ["--cwd"],
    workspace: [],
    valued: [],
    everywhere: [],
  },
  {
    runner: "bun",
    verbs: ["run"],
    verbNeeded: false,
    ownVerbs: [],
    directory: ["--cwd"],
    workspace: ["--filter", "-F"],
    valued: ["--env-file", "--config", "-c"],
    everywhere: ["--workspaces"],
  },
  {
    runner: "deno",
    verbs: ["task"],
    verbNeeded: true,
    ownVerbs: [],
    directory: ["--cwd"],
    workspace: ["-f", "--filter"],
    valued: ["-c", "--config"],
    everywhere: ["-r", "--recursive"],
  },
  {
    runner: "turbo",
    verbs: ["run", "watch"],
    verbNeeded: false,
    ownVerbs: [],
    directory: ["--cwd"],
    workspace: ["--filter", "-F"],
    valued: ["--env-mode", "--concurrency", "--log-order", "--ui", "--output-logs", "--log-prefix", "--cache-dir"],
    everywhere: [],
  },
  {
    runner: "lerna",
    verbs: ["run"],
    verbNeeded: true,
    ownVerbs: [],
    directory: [],
    workspace: ["--scope"],
    valued: ["--concurrency", "--ignore"],
    everywhere: [],
  },
];

/**
 * Reads `npm run dev`, `pnpm --filter web dev`, `yarn workspace web dev`, `turbo run dev --filter=web`
 * and their like; `start` is the index of the word that names the runner.
 */
export function scriptRunOf({ words }: SimpleCommand, start: number): ScriptRun | FanOut | undefined {
  const name = programName(words[start]?.value ?? "");
  const rule = rules.find(({ runner }) => runner === name);
  if (rule === undefined) return nodeRun(name, words, start) ?? nxRunMany(name, words.slice(start));
  const [verb, member] = [words[start + 1]?.value, words[start + 2]?.value];
  if (rule.runner === "yarn" && verb === "workspaces") return { script: lastWord(words), filters: [] };
  const within = rule.runner === "yarn" && verb === "workspace" ? member : undefined;
  const read = readOptions(rule, words, start + (within === undefined ? 1 : 3));
  if (read === undefined) return undefined;
  const filters = [...read.filters, ...(within === undefined ? [] : [within])];
  const [only, ...others] = filters.filter((filter) => !filter.startsWith("!"));
  const everywhere = read.everywhere || rule.runner === "turbo" || rule.runner === "lerna";
  if (others.length > 0 || (everywhere && only === undefined) || /[*[{]/.test(only ?? ""))
    return { script: read.script, filters };
  return {
    runner: rule.runner,
    script: read.script,
    at: read.at,
    ...passed(rule.runner, words.slice(read.at + 1), read.others),
    ...(read.directory === undefined ? {} : { directory: read.directory }),
    ...(only === undefined ? {} : { workspace: only.replace(/^\.{3}\^?|\^?\.{3}$/g, "") }),
  };
}

interface ReadOptions {
  readonly script: string;
  readonly at: number;
  readonly directory?: string;
  readonly filters: readonly string[];
  readonly everywhere: boolean;
  /** Words behind the script's name that are neither flags nor their values. */
  readonly others: readonly ShellWord[];
}

/** The runner's own words: flags before the script's name, and behind it those of runners that read on there. */
function readOptions(rule: RunnerRules, words: readonly ShellWord[], from: number): ReadOptions | undefined {
  const filters: string[] = [];
  const others: ShellWord[] = [];
  let directory: string | undefined;
  let everywhere = false;
  let verb = false;
  let script: { name: string; at: number } | undefined;
  for (let at = from; at < words.length; at += 1) {
    const word = words[at];
    if (word === undefined || word.text === "--" || (script !== undefined && !readsOn(rule.runner))) break;
    if (word.text.startsWith("-")) {
      const [name = "", attached] = word.text.split(/=(.*)/s);
      const value = attached ?? words[at + 1]?.value;
      const takes = [rule.directory, rule.workspace, rule.valued].find((names) => names.includes(name));
      if (rule.everywhere.includes(name)) everywhere = true;
      if (takes === rule.directory) directory = value;
      if (takes === rule.workspace && value !== undefined) filters.push(value);
      if (takes !== undefined && attached === undefined) at += 1;
    } else if (script !== undefined) others.push(word);
    else if (word.value === undefined) return undefined;
    else if (!verb && rule.verbs.includes(word.value)) verb = true;
    else if (verb || !rule.verbNeeded || rule.ownVerbs.includes(word.value)) script = { name: word.value, at };
    else return undefined;
  }
  // several tasks of turbo at once are none that arguments could be for
  if (script === undefined || (rule.runner === "turbo" && others.length > 0)) return undefined;
  const found = { script: script.name, at: script.at, filters, everywhere, others };
  return directory === undefined ? found : { ...found, directory };
}

/** Runners that take flags of their own also behind the script's name. */
function readsOn(runner: Runner): boolean {
  return runner === "npm" || runner === "turbo" || runner === "lerna" || runner === "node";
}

function lastWord(words: readonly ShellWord[]): string {
  return words.findLast(({ text }) => !text.startsWith("-"))?.value ?? "";
}

function nxRunMany(name: string, words: readonly ShellWord[]): FanOut | undefined {
  if (name !== "nx" || words[1]?.value !== "run-many") return undefined;
  const target = words.findIndex(({ text }) => /^(?:-t|--targets?)$/.test(text));
  const attached = words.find(({ text }) => /^(?:-t|--targets?)=/.test(text))?.text.split("=")[1];
  return { script: attached ?? (target === -1 ? undefined : words[target + 1]?.value) ?? "serve", filters: [] };
}

/** `node --run dev`, among Node's own flags. */
function nodeRun(name: string, words: readonly ShellWord[], start: number): ScriptRun | undefined {
  if (name !== "node") return undefined;
  const flag = words.findIndex(({ text }, index) => index > start && !/^-(?!-run(?:=|$))/.test(text));
  const [word, next] = [words[flag], words[flag + 1]];
  if (word?.text.startsWith("--run") !== true) return undefined;
  const attached = word.text.startsWith("--run=");
  const script = attached ? word.value?.slice("--run=".length) : next?.value;
  const at = attached ? flag : flag + 1;
  return script === undefined ? undefined : { runner: "node", script, at, ...passed("node", words.slice(at + 1), []) };
}

/**
 * What the script gets. npm eats flags before its first `--`, bun drops a leading `--`; pnpm and yarn 2
 * pass theirs on, and a program reads no flags behind it.
 */
function passed(
  runner: Runner,
  words: readonly ShellWord[],
  others: readonly ShellWord[],
): Pick<ScriptRun, "args" | "separators"> {
  const dashes = words.findIndex(({ text }) => text === "--");
  if (dashes === -1) return readsOn(runner) ? { args: others, separators: ["--"] } : { args: words, separators: [] };
  const args = words.slice(dashes + 1);
  const understood = readsOn(runner) || (runner === "bun" && dashes === 0);
  if (!understood) return { args: words };
  return args.some(({ text }) => text === "--") ? { args } : { args, separators: [] };
}
