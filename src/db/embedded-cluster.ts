import { chown, lstat, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Engine } from "./embedded-engine.ts";
import { unsupported } from "./embedded-owner.ts";
import { runProgram } from "./run-program.ts";
import type { Owner } from "./run-program.ts";

/** The one role, a superuser: nobody but the owner of the socket's directory gets in. */
export const clusterUser = "dev_preview";

/** Makes the data directory when there is none. It appears complete or not at all; of two planes at once, one's stays. */
export async function ensureCluster(engine: Engine, home: string, owner: Owner | undefined): Promise<string> {
  const directory = join(home, "data");
  if (await present(join(directory, "PG_VERSION"))) return directory;
  const fresh = await mkdtemp(join(home, "data.new-"));
  try {
    if (owner !== undefined) await chown(fresh, owner.uid, owner.gid);
    await initialise(engine, fresh, owner);
    await rename(fresh, directory).catch(async (error: unknown) => {
      if (!(await present(join(directory, "PG_VERSION")))) throw error;
    });
    return directory;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

async function initialise(engine: Engine, directory: string, owner: Owner | undefined): Promise<void> {
  const { exitCode, stderr } = await runProgram(engine.initdb, [...initdbOptions, "-D", directory], {
    owner,
    cwd: directory,
  }).catch((error: unknown) => {
    // the program exists, so what is missing is its loader: a C library other than glibc
    throw unsupported("initdb cannot be run", error);
  });
  if (exitCode !== 0) throw unsupported(`initdb ended with code ${exitCode}`, new Error(stderr));
}

const initdbOptions = [
  `--username=${clusterUser}`,
  "--auth=trust",
  "--encoding=UTF8",
  "--locale=C",
  "--no-instructions",
  // 8 MB less to write and to keep
  "--wal-segsize=1",
  // one call for the whole file system instead of one per file
  "--sync-method=syncfs",
];

/** Longest path of a Unix socket: 108 bytes on Linux, 104 on macOS, one of them the final NUL. */
const longestSocketPath = process.platform === "linux" ? 107 : 103;

/** Where the server's socket goes: beside the data, or when that path is too long in a short one under the OS's temporary directory. */
export async function socketDirectory(home: string, owner: Owner | undefined): Promise<string> {
  if (Buffer.byteLength(join(home, ".s.PGSQL.00000.lock")) <= longestSocketPath) return home;
  const digest = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const short = join(tmpdir(), `dev-preview-${digest}`);
  await mkdir(short, { mode: 0o700 }).then(
    () => owner && chown(short, owner.uid, owner.gid),
    () => {
      // it exists already, or cannot be made: the check below tells whether it can be trusted
    },
  );
  const entry = await lstat(short);
  if (entry.isDirectory() && entry.uid === (owner?.uid ?? process.geteuid?.()) && (entry.mode & 0o077) === 0)
    return short;
  throw unsupported(`${short} belongs to somebody else, so the socket has no safe place`);
}

async function present(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
