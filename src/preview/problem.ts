import * as z from "zod";
import { oneLine } from "../plain-words.ts";

/**
 * What can be wrong with a preview, by code. The text after each code is the fix shown to the
 * agent; `docs/problems.md` says the same at length.
 */
export const problemFixes = {
  launch_failed: "Call dev_preview_start again; when it persists, run `dev-preview doctor` and read the plane's log.",
  exited: "Read logTail, fix the cause in the project, then call dev_preview_start again.",
  port_in_use: "Stop the process that holds the port, or start without `port` to get a free one.",
  bound_loopback_only:
    "The preview works here. To be reachable from another host, make the server listen on 0.0.0.0 (HOST is set).",
  bound_other_port:
    "The preview follows the port really bound. Read PORT from the environment to get the one asked for.",
  host_blocked: "Allow the preview's host in the dev server's configuration, or remove its host check.",
  dependencies_missing: "Install the project's dependencies (or set install: auto) and start again.",
  install_failed: "Run the install command in the project, fix what it reports, then start again.",
  no_dev_command: "Pass `command`, or add a `dev` script to package.json or a dev-preview.json.",
  script_not_found: "Pass a `command` that runs a script of package.json, or add the script.",
  package_manager_missing:
    "Install the package manager that the lock file or packageManager names (`corepack enable` for pnpm and yarn).",
  command_not_found: "Install the program that the command names, or pass another `command`.",
  second_instance:
    "Stop the other copy, or show it with dev_preview_url and its port. A stale lock or pid file may be deleted.",
  node_version: "Use the Node version that package.json (engines) or the message names, and install again with it.",
  env_missing: "Create the env file (often a copy of .env.example), or pass the variable in `env`.",
  database_refused: "Start the database, or correct the address and credentials in the env file; then start again.",
  out_of_memory:
    "Give the server more memory (NODE_OPTIONS=--max-old-space-size=4096 in `env`), or stop other previews.",
  syntax_error: "Correct the file that logTail names, then start again.",
  app_crashed:
    "Read logTail and fix the cause. A watcher then starts the server by itself: dev_preview_url with waitSeconds waits for it.",
  waiting_for_input: "Pass the flag that answers the question (often --yes), or answer it once in a terminal.",
  tls_on_port:
    "Serve plain HTTP in development (no --https, server.https or certificate plugin): the gateway's edge brings TLS.",
  port_not_passed:
    "Pass `command` with {port} where the server's port belongs, or let the script hand its arguments on to the server.",
  never_listened:
    "The process ran but opened no TCP port. Pass the command that starts a server, or raise startTimeoutSeconds.",
  no_http_answer: "The port accepts connections but does not answer HTTP. Check the protocol (TLS?) and readyPath.",
  server_error: "The server answers with a 5xx. Read logTail and fix the application error.",
  gateway_unreachable: "The server answers directly but not through the gateway. Run `dev-preview doctor`.",
} as const;

export type ProblemCode = keyof typeof problemFixes;

export const problemSchema = z.object({
  code: z.enum(Object.keys(problemFixes) as [ProblemCode, ...ProblemCode[]]),
  /** What was observed, with values. */
  message: z.string(),
  /** What to do about it. */
  fix: z.string(),
});

export type Problem = z.infer<typeof problemSchema>;

const refusals: ReadonlySet<ProblemCode> = new Set(["host_blocked", "tls_on_port"]);
const bindings: ReadonlySet<ProblemCode> = new Set(["bound_loopback_only", "bound_other_port", "port_not_passed"]);

/** False where the server answers, but refuses to show the app. */
export function isUsable({ code }: Problem): boolean {
  return !refusals.has(code);
}

/** How the server is bound: as true after a fault as before it. */
export function isOfBinding({ code }: Problem): boolean {
  return bindings.has(code);
}

export function isSameTrouble(one: readonly Problem[], other: readonly Problem[]): boolean {
  return (
    one.length === other.length &&
    one.every(({ code, message }, index) => code === other[index]?.code && message === other[index].message)
  );
}

/** A message may name a path or a command of the project: it stays one line, of a bounded length. */
export function problem(code: ProblemCode, message: string): Problem {
  return { code, message: oneLine(message), fix: problemFixes[code] };
}
