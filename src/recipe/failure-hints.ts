/** What a failed launch shows of its cause. */
export interface FailureHint {
  readonly code: "port_in_use" | "command_not_found" | "dependencies_missing" | "no_dev_command";
  readonly message: string;
  /** The port that was taken, where the log names it. */
  readonly port?: number;
}

interface LogPattern {
  readonly code: FailureHint["code"];
  readonly line: RegExp;
  /** Lines that look alike but tell of no failure. */
  readonly unless?: RegExp;
  /** Finds the one value that the message may carry, as `$1`. */
  readonly value?: RegExp;
  readonly named?: string;
  readonly unnamed: string;
}

/*
 * Output of a dev server is data and must not become a sentence of ours: these admit nothing but a
 * port, the name of a program or script, or the name of an npm package.
 */
const program = String.raw`([A-Za-z0-9][\w.@+:-]{0,60})`;
const dependency = String.raw`((?:@[a-z0-9][\w.-]{0,60}\/)?[a-z0-9][\w.-]{0,80})(?:\/[\w./-]*)?`;

const patterns: readonly LogPattern[] = [
  {
    code: "port_in_use",
    line: /EADDRINUSE|address already in use|\bport \d{2,5} (?:is|was) (?:already )?(?:in use|taken|used|occupied)|already (?:running|listening) on port/i,
    // a server that moves on to another port
    unless: /\b(?:trying|using|instead)\b/i,
    value: /.*(?::|port |', )(\d{2,5})\b/i,
    named: "port $1 is already in use",
    unnamed: "the port is already in use",
  },
  {
    code: "dependencies_missing",
    line: /node_modules missing, did you mean to install|cannot find module '[^']*\/node_modules\//i,
    unnamed: "node_modules is missing or incomplete",
  },
  {
    code: "dependencies_missing",
    line: /cannot find (?:module|package)|can't resolve|failed to resolve import/i,
    value: new RegExp(String.raw`(?:module|package|resolve|import) ['"]${dependency}['"]`, "i"),
    named: "package $1 is imported but not installed",
    // a path of the project's own that does not exist
    unnamed: "",
  },
  {
    code: "no_dev_command",
    line: /missing script:|ERR_PNPM_NO_SCRIPT|script not found "|couldn't find a script named|^error command "[^"]*" not found/i,
    value: new RegExp(String.raw`(?:script:|found|named|command) ['"]?${program}`, "i"),
    named: "package.json has no script $1",
    unnamed: "package.json has no such script",
  },
  {
    code: "command_not_found",
    line: /^\S*sh: (?:line )?(?:\d+: )?\S+: (?:command )?not found$|command not found: \S+$|^(?:error: )?\S+: command not found|spawn \S+ ENOENT/i,
    value: new RegExp(
      String.raw`(?:command not found: |spawn )${program}|${program}: (?:command )?not found(?!:)`,
      "i",
    ),
    named: "program $1 was not found",
    unnamed: "a program that the command names was not found",
  },
  {
    code: "command_not_found",
    line: /ERR_PNPM_RECURSIVE_EXEC_FIRST_FAIL|env: .*: no such file or directory/i,
    value: new RegExp(String.raw`(?:command |env: )["'‘]${program}["'’]`, "i"),
    named: "program $1 was not found",
    unnamed: "a program that the command names was not found",
  },
];

const escapes = /\u001B\[[0-9;?]*[A-Za-z]/g;
const longestLine = 2000;

/** Causes that the last lines of a log show, one per code, in the order of the table above. */
export function problemsFromLog(
  lines: readonly string[],
  ended: { readonly exitCode?: number } = {},
): readonly FailureHint[] {
  const plain = lines.map((line) => line.slice(0, longestLine).replaceAll(escapes, "").trim());
  const found = new Map<FailureHint["code"], FailureHint>();
  for (const pattern of patterns) {
    const hint = firstHint(pattern, plain);
    if (hint !== undefined && !found.has(pattern.code)) found.set(pattern.code, hint);
  }
  if (ended.exitCode === 127 && found.size === 0) {
    found.set("command_not_found", {
      code: "command_not_found",
      message: "exit code 127: a program that the command names was not found",
    });
  }
  return [...found.values()];
}

function firstHint(pattern: LogPattern, lines: readonly string[]): FailureHint | undefined {
  for (const line of lines) {
    if (!pattern.line.test(line) || pattern.unless?.test(line) === true) continue;
    const value = pattern.value
      ?.exec(line)
      ?.slice(1)
      .find((group) => group !== undefined);
    const message = value === undefined ? pattern.unnamed : (pattern.named ?? "").replace("$1", () => value);
    if (message === "") continue;
    const port = pattern.code === "port_in_use" && value !== undefined ? { port: Number(value) } : {};
    return { code: pattern.code, message, ...port };
  }
  return undefined;
}

/** A dev server that refuses the preview's host name, and the setting of the project that admits it. */
export interface HostBlock {
  readonly framework: string;
  readonly setting: string;
}

interface HostCheck extends HostBlock {
  readonly status: number;
  readonly body: RegExp;
  /** The text is so general that it counts only where the framework is known to run. */
  readonly onlyWhenKnown?: true;
}

const checks: readonly HostCheck[] = [
  {
    framework: "vite",
    setting: "server.allowedHosts in the Vite config",
    status: 403,
    body: /^\s*Blocked request\. This host \(.*\) is not allowed/i,
  },
  {
    framework: "angular",
    setting: "allowedHosts in the serve options of angular.json",
    status: 403,
    body: /<.*Blocked request\. This host \(.*\) is not allowed/is,
  },
  {
    framework: "webpack",
    setting: "devServer.allowedHosts in the webpack config",
    status: 403,
    body: /^\s*Invalid Host(?:\/Origin)? header\s*$/i,
  },
  {
    framework: "next",
    setting: "allowedDevOrigins in the Next config",
    status: 403,
    body: /^\s*Unauthorized\s*$/,
    onlyWhenKnown: true,
  },
];

/** Recognises the answer of a framework's host check; `bodyStart` is the first kilobyte or so of the body. */
export function hostBlockedBy(status: number, bodyStart: string, framework?: string): HostBlock | undefined {
  const check = checks.find(
    (each) =>
      each.status === status && each.body.test(bodyStart) && (!each.onlyWhenKnown || each.framework === framework),
  );
  return check === undefined ? undefined : { framework: check.framework, setting: check.setting };
}
