import { mkdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { PreviewError } from "./errors.ts";

/** Where everything that outlives a plane lies. The directory is 0700; secrets in it are 0600. */
export interface StateDir {
  readonly root: string;
  /** Bearer token of the control listener. */
  readonly tokenFile: string;
  /** Address and process of the running plane. */
  readonly planeFile: string;
  /** Ports that the plane listened on last time, so that links keep their origin. */
  readonly portsFile: string;
  readonly signingKeysFile: string;
  /** The local certificate authority: `<domain>.crt`, which people trust, and its key. */
  readonly authorityDir: string;
  /** Data of the embedded database. */
  readonly databaseDir: string;
  /** Files of launches: log, pid, exit code. */
  readonly launchesDir: string;
  /** Files of the browser that looks at previews, while it runs. */
  readonly browserDir: string;
  /** Log of a plane that a client started in the background. */
  readonly planeLog: string;
}

/** `$XDG_STATE_HOME/dev-preview`, by default `~/.local/state/dev-preview`. */
export function defaultStateDir(env: Readonly<Record<string, string | undefined>>): string {
  const base = env["XDG_STATE_HOME"];
  return join(base?.startsWith("/") ? base : join(homedir(), ".local", "state"), "dev-preview");
}

/** The paths alone; nothing is created. */
export function stateDir(root: string): StateDir {
  return {
    root,
    tokenFile: join(root, "token"),
    planeFile: join(root, "plane.json"),
    portsFile: join(root, "ports.json"),
    signingKeysFile: join(root, "signing-keys.json"),
    authorityDir: join(root, "authority"),
    databaseDir: join(root, "postgres"),
    launchesDir: join(root, "launches"),
    browserDir: join(root, "browser"),
    planeLog: join(root, "plane.log"),
  };
}

/** Creates the directory, or refuses one that others can change: it holds keys and tokens. */
export function ensureStateDir(root: string): StateDir {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  requireOwnDirectory(root, "Set DEV_PREVIEW_STATE_DIR to another directory.");
  return stateDir(root);
}

/** Throws `config_invalid` unless nobody but this user can put something into the directory. */
export function requireOwnDirectory(path: string, hint: string): void {
  const { uid, mode } = statSync(path);
  requireOwner(path, uid, hint);
  if ((mode & 0o022) === 0) return;
  throw new PreviewError(
    "config_invalid",
    `directory ${path} has mode ${(mode & 0o777).toString(8)}: others can write to it`,
    { hint: `Run chmod 700 ${path}. ${hint}` },
  );
}

/** Throws `config_invalid` for what belongs to another user, who decides what it holds whatever its mode says. */
export function requireOwner(path: string, uid: number, hint: string): void {
  if (process.geteuid === undefined || uid === process.geteuid()) return;
  throw new PreviewError("config_invalid", `${path} belongs to another user (uid ${uid})`, { hint });
}
