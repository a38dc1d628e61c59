import { chown, lstat, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { embeddedPort } from "./embedded-socket.ts";

/** What a running server says of itself in `postmaster.pid`. */
export interface Postmaster {
  readonly pid: number;
  readonly socketDirectory: string;
  readonly ready: boolean;
}

/** The server that the data directory's lock file names, whether it lives or not. */
export async function readPostmaster(dataDirectory: string): Promise<Postmaster | undefined> {
  const lines = (await readLockFile(dataDirectory)).split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, socketDirectory: lines[4] ?? "", ready: lines[7]?.trim() === "ready" };
}

/**
 * True when the process is this data directory's server. A pid alone proves nothing: it may be a
 * zombie, or belong to a stranger since a reboot. On Linux the command line tells (a zombie has none).
 */
export async function isServing(pid: number, dataDirectory: string): Promise<boolean> {
  if (!exists(pid)) return false;
  if (process.platform !== "linux") return true;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => {
    // it ended between the two looks
    return "";
  });
  return commandLine.split("\0").includes(dataDirectory);
}

export async function hasSocket(server: Pick<Postmaster, "socketDirectory">): Promise<boolean> {
  return lstat(join(server.socketDirectory, `.s.PGSQL.${embeddedPort}`)).then(
    () => true,
    () => false,
  );
}

/** True for a zombie too. */
export function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/**
 * Makes a new server believe what `isServing` found: that the lock file's pid is nobody. The server
 * itself goes by the pid alone and would never start while a zombie that nobody reaps (no init in a
 * container) or a stranger has it. Only the pid is changed: the rest of the file is what the server
 * finds survivors of the old one by, and refuses to start beside them.
 */
export async function disownLockFile(dataDirectory: string, socketDirectory: string): Promise<void> {
  const text = await readLockFile(dataDirectory);
  const path = join(dataDirectory, "postmaster.pid");
  const { uid, gid } = await stat(path);
  await writeFile(`${path}.new`, text.replace(/^[0-9]+/, String(impossiblePid)), { mode: 0o600 });
  await chown(`${path}.new`, uid, gid);
  await rename(`${path}.new`, path);
  await rm(join(socketDirectory, `.s.PGSQL.${embeddedPort}.lock`), { force: true });
}

/** Above every pid_max. */
const impossiblePid = 2 ** 31 - 1;

function readLockFile(dataDirectory: string): Promise<string> {
  return readFile(join(dataDirectory, "postmaster.pid"), "utf8").catch(() => {
    // no lock file: no server (one that cannot be read shows when the server is started)
    return "";
  });
}
