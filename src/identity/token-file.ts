import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { PreviewError } from "../errors.ts";
import { requireOwner } from "../state-dir.ts";

const tokenBytes = 32;
const minTokenLength = 24;

/**
 * The bearer token kept in `path` (mode 0600), made on first use. The file appears with its content
 * in one step (a private file is linked to its name), so that of two processes which race one wins
 * and both return the same token, and no reader ever sees an empty file.
 */
export function ensureToken(path: string): string {
  const present = readToken(path);
  if (present !== undefined) return present;
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  writePrivate(draft, `${randomBytes(tokenBytes).toString("base64url")}\n`);
  try {
    linkSync(draft, path);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const token = readToken(path);
  if (token === undefined) throw refused(path, "vanished while it was made", "Start again.");
  return token;
}

/** The token in `path`; undefined when there is no file. Throws `config_invalid` for a file that others own or can read. */
export function readToken(path: string): string | undefined {
  const file = openIfPresent(path);
  if (file === undefined) return undefined;
  try {
    const { uid, mode: bits } = fstatSync(file);
    requireOwner(path, uid, "Delete it, then restart the plane: a new token is made.");
    const mode = bits & 0o777;
    if ((mode & 0o077) !== 0)
      throw refused(
        path,
        `has mode ${mode.toString(8)}: others can use it`,
        `Delete it, then restart the plane: a new token is made.`,
      );
    return parseToken(path, readFileSync(file, "utf8"));
  } finally {
    closeSync(file);
  }
}

function openIfPresent(path: string): number | undefined {
  try {
    // A link could point at somebody else's file: it is not followed.
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw refused(path, "cannot be read", "It must be a plain file that belongs to you, with mode 600.", error);
  }
}

function parseToken(path: string, text: string): string {
  const token = text.trim();
  if (token.length >= minTokenLength && /^[A-Za-z0-9._~+/=-]+$/.test(token)) return token;
  throw refused(path, "does not hold a token", "Delete it, then restart the plane: a new token is made.");
}

function writePrivate(path: string, text: string): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function refused(path: string, what: string, hint: string, cause?: unknown): PreviewError {
  return new PreviewError("config_invalid", `token file ${path} ${what}`, { hint, cause });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
