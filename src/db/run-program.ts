import { spawn } from "node:child_process";

/** The user that a program runs as, where it is not ours. */
export interface Owner {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly owner: Owner | undefined;
  readonly cwd: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ProgramResult {
  readonly exitCode: number;
  /** Standard error, the end of it. */
  readonly stderr: string;
}

const keptCharacters = 4_000;

/** Spawn options of every Postgres program: as its owner, with an environment of our making. */
export function programOptions(options: ProgramOptions) {
  const { owner, cwd, signal } = options;
  return {
    cwd,
    // nothing of ours (PG*, LD_*, secrets) reaches the server
    env: { LC_ALL: "C", TZ: "UTC", HOME: cwd },
    ...(owner && { uid: owner.uid, gid: owner.gid }),
    ...(signal && { signal }),
  };
}

/** Runs a program to its end. Rejects with a Node system error when it cannot be run, or with `AbortError`. */
export function runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...programOptions(options), stdio: ["ignore", "ignore", "pipe"] });
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = (stderr + text).slice(-keptCharacters);
    });
    child.once("error", reject);
    child.once("close", (code) => resolve({ exitCode: code ?? -1, stderr }));
  });
}
