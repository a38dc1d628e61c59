import { randomBytes } from "node:crypto";
import { chmod, chown, lchown, mkdir, readFile, readdir, realpath, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { canReach } from "./embedded-owner.ts";
import type { Owner } from "./run-program.ts";

/** Where databases of root planes live that their owner could not reach otherwise. */
const rootHomes = "/var/lib/dev-preview";

/**
 * The directory for everything of the server: the wanted one, made 0700 for the owner.
 *
 * As root every directory above it must let the owner pass. Our own state directory, the parent, is
 * opened to the owner's group for passing (0710); so are private directories of root's inside the
 * temporary directory. Where that is not enough, as under /root, the home is a new directory in
 * /var/lib/dev-preview, and a file `location` in the wanted directory names it: whoever deletes the
 * state directory gets a fresh database, as elsewhere.
 */
export async function makeHome(wanted: string, owner: Owner | undefined): Promise<string> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  const directory = await realpath(wanted);
  if (owner === undefined) {
    await chmod(directory, 0o700);
    return directory;
  }
  const home = (await readLocation(directory)) ?? (await findHome(directory, owner));
  await mkdir(home, { recursive: true, mode: 0o755 });
  await own(home, owner);
  return home;
}

async function findHome(directory: string, owner: Owner): Promise<string> {
  await letThrough(directory, owner);
  if (await canReach(directory, owner)) return directory;
  const home = join(rootHomes, randomBytes(8).toString("hex"));
  // of two planes at once the first one's name stays
  await writeFile(join(directory, "location"), home, { flag: "wx", mode: 0o600 }).catch(() => {
    // read back below
  });
  return (await readLocation(directory)) ?? home;
}

async function readLocation(directory: string): Promise<string | undefined> {
  const text = await readFile(join(directory, "location"), "utf8").catch(() => {
    // the usual case: the home is the wanted directory itself
    return "";
  });
  return text.startsWith(`${rootHomes}/`) ? text.trim() : undefined;
}

/** Opens the directories above that are root's alone and ours to open, the highest first. */
async function letThrough(directory: string, owner: Owner): Promise<void> {
  const temporary = await realpath(tmpdir());
  const ours: string[] = [dirname(directory)];
  for (let above = dirname(dirname(directory)); above.startsWith(`${temporary}/`); above = dirname(above)) {
    ours.unshift(above);
  }
  for (const path of ours) {
    const { mode, uid } = await stat(path);
    // 0700, or as we left it for this owner or a former one
    const rootsAlone = uid === 0 && (mode & 0o067) === 0;
    // nothing is gained by opening a directory below one that stays closed
    if (!rootsAlone || !(await canReach(path, owner))) continue;
    await chown(path, 0, owner.gid);
    await chmod(path, 0o710);
  }
}

async function own(home: string, owner: Owner): Promise<void> {
  await chmod(home, 0o700);
  const { uid } = await stat(home);
  if (uid === owner.uid) return;
  await chown(home, owner.uid, owner.gid);
  // the data of another user's server: there was no `postgres` when it was made, and now there is
  await ownAll(join(home, "data"), owner);
}

/** Never follows a link: the old owner may have left one. */
async function ownAll(directory: string, owner: Owner): Promise<void> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => {
    // nothing there yet
    return undefined;
  });
  if (entries === undefined) return;
  await lchown(directory, owner.uid, owner.gid);
  for (const entry of entries) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await ownAll(path, owner);
    else await lchown(path, owner.uid, owner.gid);
  }
}
