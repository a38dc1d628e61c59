import { createHash } from "node:crypto";
import { chown, lstat, mkdir, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unsupported } from "./embedded-owner.ts";
import type { Owner } from "./run-program.ts";

/** It is part of the socket's name only. */
export const embeddedPort = 5432;

/** Longest path of a Unix socket: 108 bytes on Linux, 104 on macOS, one of them the final NUL. */
const longestPath = process.platform === "linux" ? 107 : 103;

/**
 * Where the server's socket goes: its home, or when that path is too long a short one under the
 * temporary directory. Either is 0700 and the owner's: who gets to the socket is superuser.
 */
export async function socketDirectory(home: string, owner: Owner | undefined): Promise<string> {
  if (Buffer.byteLength(join(home, `.s.PGSQL.${embeddedPort}`)) <= longestPath) return home;
  const digest = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const short = join(tmpdir(), `dev-preview-${digest}`);
  await mkdir(short, { mode: 0o700 }).then(
    () => (owner ? chown(short, owner.uid, owner.gid) : undefined),
    () => {
      // it exists already, or cannot be made: the check below tells whether it can be trusted
    },
  );
  const entry = await lstat(short);
  const trusted =
    entry.isDirectory() && entry.uid === (owner?.uid ?? process.geteuid?.()) && (entry.mode & 0o077) === 0;
  if (trusted) return short;
  throw unsupported(`${short} belongs to somebody else, so the socket has no safe place`);
}

/** Removes a short directory that is empty again. */
export async function removeSocketDirectory(site: {
  readonly home: string;
  readonly socketDirectory: string;
}): Promise<void> {
  if (site.socketDirectory === site.home) return;
  await rmdir(site.socketDirectory).catch(() => {
    // another plane has started the server meanwhile, or has removed it as well
  });
}
