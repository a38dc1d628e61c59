import { once } from "node:events";
import { access } from "node:fs/promises";
import { constants } from "node:fs";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import type { LaunchSpec } from "./driver.ts";
import type { LaunchFiles } from "./launch-files.ts";
import { commandVariable, recorder, supervisor, withoutShell } from "./launch-script.ts";
import { launchMarker } from "./process-view.ts";

/** Programs that put a process into a session of its own; absent on macOS. */
export interface SessionPrograms {
  readonly setsid?: string;
  readonly nohup?: string;
}

export async function findSessionPrograms(searchPath: string): Promise<SessionPrograms> {
  const [setsid, nohup] = await Promise.all([findProgram("setsid", searchPath), findProgram("nohup", searchPath)]);
  return { ...(setsid ? { setsid } : {}), ...(nohup ? { nohup } : {}) };
}

async function findProgram(name: string, searchPath: string): Promise<string | undefined> {
  for (const directory of [...searchPath.split(delimiter), "/usr/bin", "/bin"]) {
    const path = join(directory, name);
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found && directory) return path;
  }
  return undefined;
}

export interface LaunchContext {
  readonly files: LaunchFiles;
  readonly bootId: string;
  readonly programs: SessionPrograms;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a launch adds to the environment. Port and marker are not the caller's to change. */
export function launchEnv(spec: LaunchSpec): Record<string, string> {
  return { HOST: "0.0.0.0", ...spec.env, PORT: String(spec.port), [launchMarker]: spec.launchId };
}

/**
 * Starts the command in a session of its own and returns once it is recorded in the pid file, or
 * once its shell has ended without a record: then with the reason, where the system gave one.
 */
export async function startLaunch(spec: LaunchSpec, context: LaunchContext): Promise<Error | undefined> {
  const { files, bootId, programs, env } = context;
  const wrap = [programs.setsid, programs.nohup].filter((program) => program !== undefined);
  const script = ["-c", supervisor, "sh", files.directory, bootId, programs.setsid ?? "", recorder];
  const [file = "/bin/sh", ...args] = [...wrap, "/bin/sh", ...script];
  const child = execa(file, args, {
    cwd: spec.cwd,
    env: { ...env, [commandVariable]: withoutShell(spec.command) },
    extendEnv: false,
    stdin: "ignore",
    stderr: "ignore",
    // without setsid, the child leads its own session from the start
    detached: programs.setsid === undefined,
    cleanup: false,
    buffer: false,
    reject: false,
  });
  child.unref();
  const recorded = once(child.stdout, "readable").then(() => undefined);
  const result = await Promise.race([recorded, child]);
  // the supervisor keeps its end for as long as the command runs
  child.stdout.destroy();
  return result?.cause instanceof Error ? result.cause : undefined;
}
