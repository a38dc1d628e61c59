import * as z from "zod";
import { oneLine } from "../plain-words.ts";

/** What can be wrong with a preview, by code: what it means, for `docs/problems.md`, and the fix that the agent is shown. */
export const problemTable = {
  launch_failed: {
    means: "The plane could not carry out the launch: its files, its shell or its database failed.",
    fix: "Call dev_preview_start again; when it persists, run `dev-preview doctor` and read the plane's log.",
  },
  limit_reached: {
    means:
      "A sleeping preview was visited, and a limit of the plane kept it from being started. The message names the limit.",
    fix: "Stop a preview that nobody needs, or wait; then visit the link again, or call dev_preview_start.",
  },
  exited: {
    means: "The command ended before it served, or later. Its exit code is in the message.",
    fix: "Read logTail, fix the cause in the project, then call dev_preview_start again.",
  },
  port_in_use: {
    means: "The port that was asked for, or that the server fixes, is held by the process that the message names.",
    fix: "Stop the process that holds the port, or start without `port`. A server that fixes its port itself must read PORT from the environment.",
  },
  bound_loopback_only: {
    means: "The server listens on 127.0.0.1 or ::1 alone.",
    fix: "The preview works here. To be reachable from another host, make the server listen on 0.0.0.0 (HOST is set).",
  },
  bound_other_port: {
    means: "The server listens on another port than the one it was given.",
    fix: "The preview follows the port really bound. Read PORT from the environment to get the one asked for.",
  },
  host_blocked: {
    means:
      "The framework answers the preview's host name with its refusal of unknown hosts. The message names the setting.",
    fix: "Allow the preview's host in the dev server's configuration, or remove its host check.",
  },
  dependencies_missing: {
    means: "The log names a package that is not installed, or node_modules is missing.",
    fix: "Install the project's dependencies (or set install: auto) and start again.",
  },
  install_failed: {
    means: "The installation that goes before the launch ended with an error, or took too long. logTail is its output.",
    fix: "Run the install command in the project, fix what it reports, then start again.",
  },
  no_dev_command: {
    means: "Neither the call nor a file of the project says what to start, and nothing that could be was recognised.",
    fix: "Pass `command`, or add a `dev` script to package.json or a dev-preview.json.",
  },
  script_not_found: {
    means: "The package manager or task runner knows no such script.",
    fix: "Pass a `command` that runs a script of package.json, or add the script.",
  },
  package_manager_missing: {
    means: "The project's package manager, or the version that it asks for, is not installed.",
    fix: "Install the package manager that the lock file or packageManager names (`corepack enable` for pnpm and yarn).",
  },
  command_not_found: {
    means: "The shell found no such program.",
    fix: "Install the program that the command names, or pass another `command`.",
  },
  second_instance: {
    means: "The framework allows one dev server in a directory, and one runs there already.",
    fix: "Stop the other copy, or show it with dev_preview_url and its port. A stale lock or pid file may be deleted.",
  },
  node_version: {
    means: "The Node version does not suit the project, in the words of a tool or by what it lacks.",
    fix: "Use the Node version that package.json (engines) or the message names, and install again with it.",
  },
  env_missing: {
    means: "The log asks for an environment variable or for an env file that does not exist.",
    fix: "Create the env file (often a copy of .env.example), or pass the variable in `env`.",
  },
  database_refused: {
    means: "The log shows that a database refuses the connection.",
    fix: "Start the database, or correct the address and credentials in the env file; then start again.",
  },
  out_of_memory: {
    means:
      "The kernel ended the command at the memory limit of its launch (`previewMemoryMb`); or the log says so; or the command was killed with SIGKILL, as a host does that runs out of memory.",
    fix: "At the limit: let the server take less, or have the operator raise it. Else give the server more memory (NODE_OPTIONS=--max-old-space-size=4096 in `env`), or stop other previews.",
  },
  syntax_error: {
    means: "The log shows a file of the project that cannot be parsed or compiled.",
    fix: "Correct the file that logTail names, then start again.",
  },
  app_crashed: {
    means: "The server ended with an error, and the watcher or wrapper that runs it lives on.",
    fix: "Read logTail and fix the cause. A watcher then starts the server by itself: dev_preview_url with waitSeconds waits for it.",
  },
  waiting_for_input: {
    means: "The last thing in the log is a question. Nobody can answer it: the input is empty.",
    fix: "Pass the flag that answers the question (often --yes), or answer it once in a terminal.",
  },
  tls_on_port: {
    means: "The port breaks off plain HTTP and answers a TLS handshake, or says that it wants TLS.",
    fix: "Serve plain HTTP in development (no --https, server.https or certificate plugin): the gateway's edge brings TLS.",
  },
  port_not_passed: {
    means: "The server takes its port from its arguments alone, and the command lets none through.",
    fix: "Pass `command` with {port} where the server's port belongs, or let the script hand its arguments on to the server.",
  },
  never_listened: {
    means: "The time for a start is over, and the command has opened no TCP port.",
    fix: "Pass the command that starts a server, or raise startTimeoutSeconds.",
  },
  no_http_answer: {
    means: "The port is open without an HTTP answer when the time for a start is over; or it has been closed since.",
    fix: "Read logTail. Pass the port or the command of an HTTP server, or a readyPath that answers in time.",
  },
  server_error: {
    means: "The server answers `readyPath` with a 5xx; causes that its log shows follow.",
    fix: "Read logTail and fix the application error.",
  },
  gateway_unreachable: {
    means: "The server answers when it is asked directly, and breaks off what comes through the gateway.",
    fix: "Make the server accept the header X-Preview-Origin; if it does, run `dev-preview doctor`.",
  },
} as const;

export type ProblemCode = keyof typeof problemTable;

export const problemSchema = z.object({
  code: z.enum(Object.keys(problemTable) as [ProblemCode, ...ProblemCode[]]),
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
  return { code, message: oneLine(message), fix: problemTable[code].fix };
}
