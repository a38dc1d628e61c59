import { mkdir, realpath } from "node:fs/promises";
import { requireOwnDirectory } from "../state-dir.ts";
import { createCgroups } from "./cgroups/cgroups.ts";
import { readTables } from "./cgroups/find-places.ts";
import { createView } from "./create-view.ts";
import { buildDockerWall } from "./docker-wall.ts";
import type { Sandbox } from "./driver.ts";
import { createFamilyTracker } from "./family-tracker.ts";
import { confinedEnv, inheritedEnv, walledEnv } from "./host-env.ts";
import { localSandboxId } from "./host-id.ts";
import { createLaunchBounds } from "./launch-bounds.ts";
import { findSessionPrograms } from "./launch.ts";
import type { LocalContext, LocalSandboxOptions } from "./local-context.ts";
import { createIsolation } from "./isolation/isolation.ts";
import { execScript } from "./local-exec.ts";
import { logMethods } from "./local-logs.ts";
import { portMethods } from "./local-ports.ts";
import { processMethods } from "./local-processes.ts";
import { createUpstreamContext } from "./local-upstream.ts";
import { readBootId } from "./proc-stat.ts";
import { createUpstreams } from "./upstream.ts";

/**
 * Runs dev servers as bare processes of this host, on Linux (from /proc) and macOS (from ps and
 * lsof). They survive the sandbox: `close` ends scripts of `exec` that still run, and nothing else.
 */
export async function createLocalSandbox(options: LocalSandboxOptions): Promise<Sandbox> {
  const { directory, platform = process.platform } = options;
  const view = createView(platform);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  // a folder of it goes first on the PATH of everything that is launched
  requireOwnDirectory(directory, "Set DEV_PREVIEW_LAUNCHES_DIR to another directory.");
  const inherited = inheritedEnv(options.hostEnv);
  const wall = await buildDockerWall(directory);
  const isolation = await createIsolation({
    directory,
    hidden: options.hiddenPaths ?? [],
    env: inherited,
    wall,
    platform,
  });
  const tracker = createFamilyTracker(view);
  const closing = new AbortController();
  const context: LocalContext = {
    ...options,
    id: await localSandboxId(platform, await realpath(directory)),
    view,
    tracker,
    upstreams: createUpstreams(createUpstreamContext(view, tracker)),
    envWith: walledEnv(inherited, wall),
    confinedEnvWith: walledEnv(confinedEnv(inherited), wall),
    isolation,
    bounds: createLaunchBounds({ ...options, cgroups: createCgroups(readTables) }),
    programs: await findSessionPrograms(inherited["PATH"] ?? ""),
    bootId: platform === "linux" ? readBootId() : "",
    closing: closing.signal,
  };
  return {
    id: context.id,
    isolation: () => isolation.support(),
    ...processMethods(context),
    ...logMethods(context),
    ...portMethods(context),
    exec: (script, execOptions) => execScript(context, script, execOptions),
    close: async () => closing.abort(),
  };
}
