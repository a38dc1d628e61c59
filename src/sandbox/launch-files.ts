import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { PreviewError } from "../errors.ts";
import type { ProcessIdentity } from "./driver.ts";

/** The files of one launch, `<directory>/<launchId>/`, mode 0700: they outlive the plane. */
export interface LaunchFiles {
  readonly directory: string;
  /** Output of the command, appended. */
  readonly log: string;
  /** `<pid> <session> <start time>`, written before the command runs. */
  readonly pid: string;
  /** Exit code of the command (128 + signal), written when it has ended. */
  readonly exit: string;
  /** Control groups of the launch, one directory per line; absent where it has none. */
  readonly groups: string;
  /** There once the kernel ended a process of the launch for want of memory, and the groups are gone. */
  readonly outOfMemory: string;
}

const safeId = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;

/** The launch id becomes a file name: anything that could leave the directory is refused. */
export function launchFiles(root: string, launchId: string): LaunchFiles {
  if (!safeId.test(launchId)) {
    throw new PreviewError("invalid_input", `launch id ${JSON.stringify(launchId)} is not a plain name`, {
      hint: "Use letters, digits, - and _.",
    });
  }
  const directory = join(root, launchId);
  const file = (name: string) => join(directory, name);
  return {
    directory,
    log: file("log"),
    pid: file("pid"),
    exit: file("exit"),
    groups: file("groups"),
    outOfMemory: file("out-of-memory"),
  };
}

/** Rejects with EEXIST when the launch id was used before: a launch happens once. */
export async function createLaunchFiles(files: LaunchFiles): Promise<void> {
  await mkdir(files.directory, { mode: 0o700 });
  const log = await open(files.log, "a", 0o600);
  await log.close();
}

export async function readRecordedProcess(files: LaunchFiles): Promise<ProcessIdentity | undefined> {
  const text = await readIfPresent(files.pid);
  const [, pid, session, startTime] = /^(\d+) (\d+) (.+)\n$/.exec(text ?? "") ?? [];
  return startTime === undefined ? undefined : { pid: Number(pid), session: Number(session), startTime };
}

/** `undefined` until the command has ended, and for ever when its supervisor was killed. */
export async function readExitCode(files: LaunchFiles): Promise<number | undefined> {
  const match = /^(\d+)\n$/.exec((await readIfPresent(files.exit)) ?? "");
  return match ? Number(match[1]) : undefined;
}

export async function deleteLaunchFiles(files: LaunchFiles): Promise<void> {
  await rm(files.directory, { recursive: true, force: true });
}

export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "latin1");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
