import { chown, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "./embedded-engine.ts";
import { unsupported } from "./embedded-owner.ts";
import { runProgram } from "./run-program.ts";
import type { Owner } from "./run-program.ts";

/** The one role, a superuser: nobody but the owner of the socket's directory gets in. */
export const clusterUser = "dev_preview";
export const clusterDatabase = "postgres";

/**
 * Makes the data directory. It appears complete or not at all; of two planes at once, one's stays.
 * Nothing is flushed to disk: that is for `flushCluster`, while the server already runs.
 */
export async function createCluster(engine: Engine, dataDirectory: string, owner: Owner | undefined): Promise<void> {
  await sweep(dataDirectory);
  const fresh = await mkdtemp(`${dataDirectory}${unfinished}`);
  try {
    if (owner !== undefined) await chown(fresh, owner.uid, owner.gid);
    await initialise(engine, fresh, owner);
    await rename(fresh, dataDirectory).catch(async (error: unknown) => {
      if (!(await hasCluster(dataDirectory))) throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}

export async function hasCluster(dataDirectory: string): Promise<boolean> {
  return stat(join(dataDirectory, "PG_VERSION")).then(
    () => true,
    () => false,
  );
}

/** Writes a new cluster's files through to the disk, which the server does only for what it changes. */
export async function flushCluster(engine: Engine, dataDirectory: string, owner: Owner | undefined): Promise<void> {
  await runProgram(engine.initdb, ["--sync-only", "-D", dataDirectory], { owner, cwd: dataDirectory });
}

const unfinished = ".new-";
const abandonedAfterMs = 600_000;

const initdbOptions = [
  `--username=${clusterUser}`,
  "--auth=trust",
  "--encoding=UTF8",
  "--locale=C",
  "--no-instructions",
  "--no-sync",
  // 8 MB less to write and to keep
  "--wal-segsize=1",
];

async function initialise(engine: Engine, directory: string, owner: Owner | undefined): Promise<void> {
  const { exitCode, stderr } = await runProgram(engine.initdb, [...initdbOptions, "-D", directory], {
    owner,
    cwd: directory,
  }).catch((error: unknown) => {
    // the file exists, so what is missing is its loader: a C library other than glibc
    throw unsupported("initdb cannot be run", error);
  });
  if (exitCode !== 0) throw unsupported(`initdb ended with code ${exitCode}`, new Error(stderr));
}

/** Removes what a killed start left behind. */
async function sweep(dataDirectory: string): Promise<void> {
  const home = join(dataDirectory, "..");
  for (const name of await readdir(home)) {
    const path = join(home, name);
    if (!path.startsWith(`${dataDirectory}${unfinished}`)) continue;
    const { mtimeMs } = await stat(path);
    // by the system's clock, as the file's time is
    if (Date.now() - mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}
