import { hostChecks } from "./failures/host-checks.ts";
import type { HostBlock } from "./failures/host-checks.ts";
import type { FailureCode, FailurePattern } from "./failures/failure-pattern.ts";
import { launchFailures } from "./failures/launch-failures.ts";
import { projectFailures } from "./failures/project-failures.ts";

/** What a failed launch shows of its cause. */
export interface FailureHint {
  readonly code: FailureCode;
  readonly message: string;
  /** The port that was taken, where the log names it. */
  readonly port?: number;
}

/** How the launch stands whose log is read. */
export interface LaunchEnd {
  readonly exitCode?: number;
  /** It lives and its port is open, but gives no HTTP answer. */
  readonly silent?: boolean;
}

const patterns = [...launchFailures, ...projectFailures];
const escapes = /\u001B\[[0-9;?]*[A-Za-z]/g;
const longestLine = 2000;

/** Causes that the last lines of a log show, one per code: first what kept the command from starting. */
export function problemsFromLog(lines: readonly string[], end: LaunchEnd = {}): readonly FailureHint[] {
  const plain = lines.map((line) => line.slice(0, longestLine).replaceAll(escapes, "").trim());
  const found = new Map<FailureCode, FailureHint>();
  for (const pattern of patterns) {
    if (found.has(pattern.code) || (pattern.onlyWhenSilent === true && end.silent !== true)) continue;
    const hint = firstHint(pattern, plain);
    if (hint !== undefined) found.set(pattern.code, hint);
  }
  // npm says so of a package manager as of any program
  if (found.has("package_manager_missing")) found.delete("command_not_found");
  const told = exitHint(end.exitCode);
  if (told !== undefined && (found.size === 0 || told.code === "out_of_memory") && !found.has(told.code))
    found.set(told.code, told);
  return [...found.values()];
}

/** What an exit code says by itself. */
function exitHint(exitCode: number | undefined): FailureHint | undefined {
  if (exitCode === 127)
    return { code: "command_not_found", message: "exit code 127: a program that the command names was not found" };
  if (exitCode === 137)
    return { code: "out_of_memory", message: "exit code 137: the command was killed, as when memory runs out" };
  return undefined;
}

function firstHint(pattern: FailurePattern, lines: readonly string[]): FailureHint | undefined {
  for (const line of lines) {
    if (!pattern.line.test(line) || pattern.unless?.test(line) === true) continue;
    const value = pattern.value
      ?.exec(line)
      ?.slice(1)
      .find((group) => group !== undefined);
    const message = value === undefined ? pattern.unnamed : (pattern.named ?? "").replace("$1", () => value);
    if (message === "") continue;
    const port = pattern.holdsPort === true && value !== undefined ? { port: Number(value) } : {};
    return { code: pattern.code, message, ...port };
  }
  return undefined;
}

/** Recognises the answer of a framework's host check; `bodyStart` is the first kilobyte or so of the body. */
export function hostBlockedBy(status: number, bodyStart: string, framework?: string): HostBlock | undefined {
  const fitting = hostChecks.filter(
    (each) =>
      each.status === status && each.body.test(bodyStart) && (!each.onlyWhenKnown || each.framework === framework),
  );
  const check = fitting.find((each) => each.framework === framework) ?? fitting[0];
  return check === undefined ? undefined : { framework: check.framework, setting: check.setting };
}
