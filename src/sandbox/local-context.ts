import { stat } from "node:fs/promises";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { FamilyTracker } from "./family-tracker.ts";
import type { Isolation } from "./isolation/isolation.ts";
import type { LaunchBounds } from "./launch-bounds.ts";
import type { SessionPrograms } from "./launch.ts";
import type { PortRange } from "./port-lease.ts";
import type { ProcessView } from "./process-view.ts";
import type { Upstreams } from "./upstream.ts";

export interface LocalSandboxOptions {
  /** Where the files of launches live, `<directory>/<launchId>/`. Created 0700. */
  readonly directory: string;
  readonly portRange: PortRange;
  /** Bound of one launch's log. */
  readonly logMaxBytes: number;
  readonly logger: Logger;
  /** The plane's environment; what is the plane's own is not passed on. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  /** Files and directories that a confined launch must not see; the one of launches is among them anyway. */
  readonly hiddenPaths?: readonly string[];
  readonly platform?: NodeJS.Platform;
}

/** What the methods of one local sandbox share. */
export interface LocalContext extends LocalSandboxOptions {
  readonly id: string;
  readonly view: ProcessView;
  readonly tracker: FamilyTracker;
  /** The environment of whatever runs in the sandbox, with these variables added. */
  readonly envWith: (added: Readonly<Record<string, string>>) => Record<string, string>;
  /** The same for a confined launch. */
  readonly confinedEnvWith: LocalContext["envWith"];
  readonly isolation: Isolation;
  readonly bounds: LaunchBounds;
  readonly programs: SessionPrograms;
  readonly bootId: string;
  readonly upstreams: Upstreams;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

export async function requireDirectory(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new PreviewError("repo_dir_missing", `${cwd} is not a directory`, {
    hint: "Pass the directory of the project, or create it first.",
  });
}
