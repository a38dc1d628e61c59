import { hostChecks } from "./failures/host-checks.ts";
import type { HostBlock } from "./failures/host-checks.ts";
import type { FailureCode, FailurePattern } from "./failures/failure-pattern.ts";
import { launchFailures } from "./failures/launch-failures.ts";
import { projectFailures } from "./failures/project-failures.ts";
import { restarts } from "./failures/restarts.ts";

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
  /** Its command runs on. */
  readonly alive?: boolean;
  /** It lives and its port is open, but gives no HTTP answer. */
  readonly silent?: boolean;
}

const patterns = [...launchFailures, ...projectFailures];
const escapes = /\u001B\[[0-9;?]*[A-Za-z]/g;
const longestLine = 2000;

/** Causes that the last lines of a log show of the present run, one per code: first what kept the command from starting. */
export function problemsFromLog(lines: readonly string[], end: LaunchEnd = {}): readonly FailureHint[] {
  const plain = presentRun(lines).map(plainText);
  const found = new Map<FailureCode, FailureHint>();
  for (const pattern of patterns) {
    if (found.has(pattern.code) || !applies(pattern, end) || (pattern.onlyWhenAlive === true && found.size > 0))
      continue;
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

/** The lines since a watcher last started the server again. */
export function presentRun(lines: readonly string[]): readonly string[] {
  return lines.slice(lines.findLastIndex((line) => restarts.some((restart) => restart.test(plainText(line)))) + 1);
}

function plainText(line: string): string {
  return line.slice(0, longestLine).replaceAll(escapes, "").trim();
}

function applies({ onlyWhenSilent, onlyWhenAlive }: FailurePattern, { silent, alive }: LaunchEnd): boolean {
  return (onlyWhenSilent !== true || silent === true) && (onlyWhenAlive !== true || alive === true);
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

/** Whether this is how a server that speaks TLS alone answers plain HTTP: those of Go, nginx and Apache do. */
export function asksForTls(status: number, bodyStart: string): boolean {
  return status === 400 && tlsWanted.test(bodyStart);
}

const tlsWanted =
  /client sent an HTTP request to an HTTPS server|plain HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL-enabled/i;

/** Recognises the answer of a framework's host check; `bodyStart` is the first kilobyte or so of the body. */
export function hostBlockedBy(status: number, bodyStart: string, framework?: string): HostBlock | undefined {
  const fitting = hostChecks.filter(
    (each) =>
      each.status === status && each.body.test(bodyStart) && (!each.onlyWhenKnown || each.framework === framework),
  );
  const check = fitting.find((each) => each.framework === framework) ?? fitting[0];
  return check === undefined ? undefined : { framework: check.framework, setting: check.setting };
}
