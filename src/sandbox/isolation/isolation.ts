import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { shellWord } from "../../shell-word.ts";
import type { IsolationSupport } from "../driver.ts";
import { bubblewrapWords } from "./bubblewrap.ts";
import { callFilter } from "./call-filter.ts";
import { confinedStart } from "./confined-start.ts";
import { hiddenPaths } from "./hidden-paths.ts";
import { readablePaths } from "./readable-paths.ts";
import { tryHost } from "./try-host.ts";
import type { HostSupport } from "./try-host.ts";
import { workspaceIdentity } from "./workspace-identity.ts";

export interface Isolation {
  /** Tried for real when it is asked for first; what failed is tried again, since a host may be put right meanwhile. */
  support(): Promise<IsolationSupport>;
  /**
   * The command line that runs `command` in isolation, in `cwd` inside of `workspace`. Rejects with
   * `repo_dir_outside_workspace` where the workspace is a link now, or was reached by one.
   */
  wrap(launch: ConfinedLaunch): Promise<string>;
}

interface ConfinedLaunch {
  readonly command: string;
  readonly cwd: string;
  /** By its real path. */
  readonly workspace: string;
  /** Variables that wait to be set (confined-start.ts). */
  readonly waiting: readonly string[];
}

interface IsolationOptions {
  /** Files of launches; homes of projects are kept beside them. */
  readonly directory: string;
  /** Files and directories that no project may see. */
  readonly hidden: readonly string[];
  /** What launches inherit. */
  readonly env: Readonly<Record<string, string>>;
  /** Directory of stubs that goes first on PATH. */
  readonly wall: string;
  readonly platform: NodeJS.Platform;
}

/** The descriptor that the shell in front of bubblewrap opens for it. */
const filterDescriptor = 9;

/** Nothing is tried before it is needed: a plane whose launches are not confined starts without. */
export async function createIsolation(options: IsolationOptions): Promise<Isolation> {
  const { directory, env, wall, platform } = options;
  const home = env["HOME"] ?? "/root";
  const readable = readablePaths({ path: env["PATH"] ?? "", home, nodeExecutable: process.execPath });
  const isRoot = process.getuid?.() === 0;
  const filter = callFilter(process.arch);
  let writing: Promise<string> | undefined;
  const host = onceAvailable(() => tryHost({ platform, env, filtersCalls: filter !== undefined }));
  return {
    support: async () => (await host()).support,
    async wrap({ command, cwd, workspace, waiting }) {
      const { refusesAbstractSockets } = await host();
      const { identity, ...owner } = await workspaceIdentity(workspace);
      const filterFile = filter === undefined ? undefined : await (writing ??= writeFilter(directory, filter));
      const view = {
        workspace,
        cwd,
        home: await homeOf(directory, workspace, owner),
        readable,
        hidden: await hiddenPaths([directory, ...options.hidden]),
        wall,
        ...(filterFile === undefined ? {} : { filterDescriptor }),
        refusesAbstractSockets,
      };
      const outer = bubblewrapWords(view, { isRoot, owner }, existsSync);
      const words = [...outer, ...confinedStart({ workspace, identity, waiting, command })];
      const redirection = filterFile === undefined ? "" : ` ${filterDescriptor}<${shellWord(filterFile)}`;
      return `exec ${words.map(shellWord).join(" ")}${redirection}`;
    },
  };
}

/** Renamed into place: another plane may be reading it at this moment. */
async function writeFilter(directory: string, filter: Buffer): Promise<string> {
  const path = join(directory, `.calls-${process.arch}`);
  const fresh = `${path}-${process.pid}`;
  await writeFile(fresh, filter, { mode: 0o600 });
  await rename(fresh, path);
  return path;
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
function onceAvailable(attempt: () => Promise<HostSupport>): () => Promise<HostSupport> {
  let known: Promise<HostSupport> | undefined;
  return async () => {
    const trying = (known ??= attempt());
    const found = await trying.catch(() => undefined);
    if (found?.support.available !== true && known === trying) known = undefined;
    return await trying;
  };
}
