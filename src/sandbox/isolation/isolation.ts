import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { shellWord } from "../../shell-word.ts";
import type { IsolationSupport } from "../driver.ts";
import { bubblewrapWords } from "./bubblewrap.ts";
import { readablePaths } from "./readable-paths.ts";

export interface Isolation {
  /** Tried for real when it is asked for first; what failed is tried again, since a host may be put right meanwhile. */
  support(): Promise<IsolationSupport>;
  /** The command line that runs `command` in isolation, in `cwd` inside of `workspace`. */
  wrap(launch: { command: string; cwd: string; workspace: string }): Promise<string>;
}

interface IsolationOptions {
  /** Files of launches; homes of projects are kept beside them. */
  readonly directory: string;
  /** Directories that no project may see. */
  readonly hidden: readonly string[];
  /** What launches inherit. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory of stubs that goes first on PATH. */
  readonly wall: string;
  readonly platform: NodeJS.Platform;
}

/** Nothing is tried before it is needed: a plane whose launches are not confined starts without. */
export async function createIsolation(options: IsolationOptions): Promise<Isolation> {
  const { directory, env, wall } = options;
  const home = env["HOME"] ?? "/root";
  const readable = readablePaths({ path: env["PATH"] ?? "", home, nodeExecutable: process.execPath });
  const hidden = await Promise.all([directory, ...options.hidden].map(realOrSame));
  const isRoot = process.getuid?.() === 0;
  return {
    support: onceAvailable(() => tryBubblewrap(options)),
    async wrap({ command, cwd, workspace }) {
      const owner = await stat(workspace);
      const view = { workspace, cwd, home: await homeOf(directory, workspace, owner), readable, hidden, wall };
      const words = bubblewrapWords(view, { isRoot, owner }, existsSync);
      return `exec ${[...words, "/bin/sh", "-c", command].map(shellWord).join(" ")}`;
    },
  };
}

async function homeOf(
  directory: string,
  workspace: string,
  { uid, gid }: { uid: number; gid: number },
): Promise<string> {
  const name = createHash("sha256").update(workspace).digest("hex").slice(0, 32);
  const home = join(directory, ".homes", name);
  await mkdir(home, { recursive: true, mode: 0o700 });
  if (process.getuid?.() === 0) await chown(home, uid, gid);
  return home;
}

/** Callers at once share a try. */
function onceAvailable(attempt: () => Promise<IsolationSupport>): () => Promise<IsolationSupport> {
  let known: Promise<IsolationSupport> | undefined;
  return async () => {
    const trying = (known ??= attempt());
    const found = await trying.catch(() => undefined);
    if (found?.available !== true && known === trying) known = undefined;
    return await trying;
  };
}

/** Kernels and containers may forbid what is installed. */
async function tryBubblewrap({ platform, env }: IsolationOptions): Promise<IsolationSupport> {
  if (platform !== "linux") return { available: false, reason: `projects cannot be kept apart on ${platform}` };
  const args = ["--unshare-user", "--unshare-pid", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"];
  const result = await execa("bwrap", args, { env, extendEnv: false, reject: false, timeout: 10_000, stdin: "ignore" });
  if (!result.failed) return { available: true };
  return {
    available: false,
    reason:
      result.code === "ENOENT"
        ? "bubblewrap is not installed (apt-get install bubblewrap)"
        : "bubblewrap does not run here (are user namespaces forbidden?)",
  };
}

async function realOrSame(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}
