import { readFile, stat } from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname } from "node:path";
import { PreviewError } from "../errors.ts";
import type { Owner } from "./run-program.ts";

/** In this order: the first one that exists. */
const candidates = ["postgres", "nobody"];

/**
 * The user that the server runs as. Postgres refuses root, so a root plane lends it to `postgres` or
 * `nobody`; `undefined` means ourselves. initdb looks its user up by name, so an entry must exist.
 */
export async function chooseOwner(passwdFile = "/etc/passwd"): Promise<Owner | undefined> {
  if (process.geteuid?.() !== 0) {
    requirePasswdEntry();
    return undefined;
  }
  const users = parsePasswd(await readFile(passwdFile, "utf8"));
  const owner = candidates.map((name) => users.get(name)).find((user) => user !== undefined);
  if (owner !== undefined) return owner;
  throw unsupported("PostgreSQL does not run as root, and there is no user `postgres` or `nobody` to run it as");
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
