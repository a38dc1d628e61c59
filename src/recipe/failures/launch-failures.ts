import { programName } from "./failure-pattern.ts";
import type { FailurePattern } from "./failure-pattern.ts";

const packageManagers = "npm|npx|pnpm|pnpx|yarn|bun|bunx|corepack|deno|uv|poetry|pipenv|pdm|bundle|bundler|composer";

/** Why a command did not get as far as the project's own code. */
export const launchFailures: readonly FailurePattern[] = [
  {
    code: "port_in_use",
    line: /EADDRINUSE|address (?:is )?already in use|AddrInUse|\bport \d{2,5} (?:is|was) (?:already )?(?:in use|taken|used|occupied|not available)|port \d{2,5} (?:already in use|could not be used)|that port is already in use|is port \d{2,5} in use|already (?:running|listening) on port/i,
    // a server that moves on to another port
    unless: /\b(?:trying|using|attempting to use|instead)\b/i,
    value: /.*(?::|port |', )(\d{2,5})\b/i,
    named: "port $1 is already in use",
    unnamed: "the port is already in use",
    holdsPort: true,
  },
  {
    code: "second_instance",
    line: /another next dev server is (?:already )?running|unable to acquire lock at .*\.next|is another instance of next dev running|a server is already running.*\.pid/i,
    unnamed: "another copy of this dev server runs in the same directory",
  },
  {
    code: "package_manager_missing",
    line: new RegExp(
      String.raw`\b(?:${packageManagers}): (?:command )?not found\s*$|command not found: (?:${packageManagers})$|env: .?(?:${packageManagers}).?: no such file|spawn (?:${packageManagers}) ENOENT`,
      "i",
    ),
    value: new RegExp(String.raw`\b(${packageManagers})(?=: (?:command )?not found|.?: no such file| ENOENT|$)`, "i"),
    named: "the package manager $1 is not installed",
    unnamed: "the package manager is not installed",
  },
  {
    code: "package_manager_missing",
    line: /this project is configured to use (?:npm|pnpm|yarn|bun)|ERR_PNPM_BAD_PM_VERSION|defines "packageManager": "/i,
    value: /(?:configured to use |"packageManager": ")(npm|pnpm|yarn|bun)\b/i,
    named: "the project asks for a version of $1 that is not installed",
    unnamed: "the project asks for a version of its package manager that is not installed",
  },
  {
    code: "script_not_found",
    line: /missing script:|ERR_PNPM_NO_SCRIPT|script not found "|couldn't find a script named|^error command "[^"]*" not found/i,
    value: new RegExp(String.raw`(?:script:|found|named|command) ['"]?${programName}`, "i"),
    named: "package.json has no script $1",
    unnamed: "package.json has no such script",
  },
  {
    code: "script_not_found",
    line: /^(?:error:? )?(?:task not found|no such task):? /i,
    value: new RegExp(String.raw`(?:found|task):? ['"]?${programName}['"]?\s*$`, "i"),
    named: "there is no task $1",
    unnamed: "there is no such task",
  },
  {
    code: "command_not_found",
    line: /^\S*sh: (?:line )?(?:\d+: )?(?:exec: )?\S+: (?:command )?not found$|command not found: \S+$|^(?:error: )?\S+: command not found|spawn \S+ ENOENT/i,
    value: new RegExp(`(?:command not found: |spawn )${programName}|${programName}: (?:command )?not found(?!:)`, "i"),
    named: "program $1 was not found",
    unnamed: "a program that the command names was not found",
  },
  {
    code: "command_not_found",
    line: /ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL|env: .*: no such file or directory/i,
    value: new RegExp(String.raw`(?:command |env: )["'‘]${programName}["'’]`, "i"),
    named: "program $1 was not found",
    unnamed: "a program that the command names was not found",
  },
  {
    code: "waiting_for_input",
    line: /[?:]\s*[([](?:y\/n|yes\/no|y)[)\]]|^\s*[?◆]\s.*(?:›|»|\(use arrow keys\))|ok to proceed\?|^◆ {2}\S|^\s*[?◆] (?:would you like|do you want|which|select|choose)\b|press any key to continue/i,
    unnamed: "the command asks a question and waits for an answer, which nobody can give here",
  },
  {
    code: "tls_on_port",
    line: /https:\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]|\d+\.\d+\.\d+\.\d+):\d{2,5}/i,
    value: /https:\/\/[^/\s]*:(\d{2,5})/i,
    named: "the server speaks TLS on port $1",
    unnamed: "the server speaks TLS on its port",
    onlyWhenSilent: true,
  },
];
