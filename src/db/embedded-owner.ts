import { createHash } from "node:crypto";
import { chmod, chown, mkdir, readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { PreviewError } from "../errors.ts";
import type { Owner } from "./run-program.ts";

/** Where the database of a root plane lives when its own directory cannot be reached by the owner. */
const rootHome = "/var/lib/dev-preview";

const candidates = ["postgres", "nobody"];

/**
 * The user that the server runs as. Postgres refuses root, so a root plane lends it to `postgres` or
 * `nobody`; `undefined` means ourselves. initdb looks its user up by name, so an entry must exist.
 */
export async function chooseOwner(): Promise<Owner | undefined> {
  if (process.geteuid?.() !== 0) {
    requirePasswdEntry();
    return undefined;
  }
  const users = parsePasswd(await readFile("/etc/passwd", "utf8"));
  const owner = candidates.map((name) => users.get(name)).find((user) => user !== undefined);
  if (owner !== undefined) return owner;
  throw unsupported("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as");
}

/**
 * The directory for the database: the wanted one, made 0700 for the owner. As root every directory
 * above it must let the owner through: our own state directory (the parent, when it is root's and
 * nobody else's) is opened to the owner's group for passing only; where that is not enough, as under
 * /root, the database goes to /var/lib/dev-preview under a name made of the wanted path.
 */
export async function makeHome(wanted: string, owner: Owner | undefined): Promise<string> {
  await mkdir(wanted, { recursive: true, mode: 0o700 });
  if (owner === undefined) return own(wanted, undefined);
  await letThrough(dirname(wanted), owner);
  if (await canReach(wanted, owner)) return own(wanted, owner);
  const digest = createHash("sha256").update(wanted).digest("hex").slice(0, 16);
  const home = join(rootHome, digest);
  await mkdir(home, { recursive: true, mode: 0o755 });
  return own(home, owner);
}

/** True when the owner may pass every directory above `path`. ACLs are not asked: they can only be missed. */
export async function canReach(path: string, owner: Owner): Promise<boolean> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    const { mode, uid, gid } = await stat(directory);
    const bit = uid === owner.uid ? 0o100 : gid === owner.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (directory === dirname(directory)) return true;
  }
}

export function unsupported(message: string, cause?: unknown): PreviewError {
  return new PreviewError("database_unsupported", `the embedded database cannot run here: ${message}`, {
    hint: "Set DATABASE_URL to a PostgreSQL server (13 or newer).",
    cause,
  });
}

async function own(directory: string, owner: Owner | undefined): Promise<string> {
  await chmod(directory, 0o700);
  if (owner !== undefined) await chown(directory, owner.uid, owner.gid);
  return directory;
}

async function letThrough(directory: string, owner: Owner): Promise<void> {
  const { mode, uid } = await stat(directory);
  if (uid !== 0 || (mode & 0o077) !== 0) return;
  if (!(await canReach(directory, owner))) return;
  await chown(directory, 0, owner.gid);
  await chmod(directory, 0o710);
}

function requirePasswdEntry(): void {
  try {
    userInfo();
  } catch (error) {
    throw unsupported(`user id ${process.geteuid?.()} has no entry in the password database`, error);
  }
}

function parsePasswd(text: string): Map<string, Owner> {
  const users = new Map<string, Owner>();
  for (const line of text.split("\n")) {
    const [name, , uid, gid] = line.split(":");
    if (!name || !uid || !gid) continue;
    users.set(name, { name, uid: Number(uid), gid: Number(gid) });
  }
  return users;
}
