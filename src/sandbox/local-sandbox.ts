import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, realpath, stat } from "node:fs/promises";
import { systemClock } from "../clock.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { redact } from "../redact.ts";
import { buildDockerWall } from "./docker-wall.ts";
import type { Inspection, LaunchSpec, ProcessIdentity, Sandbox, ExecResult } from "./driver.ts";
import { runScript } from "./exec.ts";
import { createFamilyTracker } from "./family-tracker.ts";
import type { FamilyTracker } from "./family-tracker.ts";
import { findLaunch } from "./find-launch.ts";
import { inheritedEnv, walledEnv } from "./host-env.ts";
import { localSandboxId } from "./host-id.ts";
import {
  createLaunchFiles,
  deleteLaunchFiles,
  launchFiles,
  readExitCode,
  readRecordedProcess,
} from "./launch-files.ts";
import { findSessionPrograms, launchEnv, startLaunch } from "./launch.ts";
import type { SessionPrograms } from "./launch.ts";
import { readLogLines } from "./log-reader.ts";
import { trimLog } from "./log-store.ts";
import { plainLine } from "./plain-line.ts";
import { createPortLease } from "./port-lease.ts";
import type { PortRange } from "./port-lease.ts";
import { readBootId } from "./proc-stat.ts";
import { createProcView } from "./proc-view.ts";
import { launchMarker } from "./process-view.ts";
import type { ProcessEntry, ProcessView } from "./process-view.ts";
import { createPsView } from "./ps-view.ts";
import { stopFamily } from "./stop.ts";
import { createUpstream } from "./upstream.ts";
import type { UpstreamContext } from "./upstream.ts";

export interface LocalSandboxOptions {
  /** Where the files of launches live, `<directory>/<launchId>/`. Created 0700. */
  readonly directory: string;
  readonly portRange: PortRange;
  /** Bound of one launch's log. */
  readonly logMaxBytes: number;
  readonly logger: Logger;
  /** The plane's environment; what is the plane's own is not passed on. */
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
}

/** How long a script that has to end may tidy up. */
const execGraceMs = 1_000;

/**
 * Runs dev servers as bare processes of this host, on Linux (from /proc) and macOS (from ps and
 * lsof). They survive the sandbox: `close` ends scripts of `exec` that still run, and nothing else.
 */
export async function createLocalSandbox(options: LocalSandboxOptions): Promise<Sandbox> {
  const { directory, platform = process.platform } = options;
  const view = createView(platform);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const inherited = inheritedEnv(options.hostEnv);
  const context: LocalContext = {
    ...options,
    view,
    tracker: createFamilyTracker(view),
    envWith: walledEnv(inherited, await buildDockerWall(directory)),
    programs: await findSessionPrograms(inherited["PATH"] ?? ""),
    bootId: platform === "linux" ? readBootId() : "",
    closing: new AbortController(),
  };
  return {
    id: await localSandboxId(platform, await realpath(directory)),
    ...processMethods(context),
    ...logMethods(context),
    ...portMethods(context),
    exec: (script, execOptions) => execScript(context, script, execOptions),
    close: async () => context.closing.abort(),
  };
}

interface LocalContext extends LocalSandboxOptions {
  readonly view: ProcessView;
  readonly tracker: FamilyTracker;
  /** The environment of whatever runs in the sandbox, with these variables added. */
  readonly envWith: (added: Readonly<Record<string, string>>) => Record<string, string>;
  readonly programs: SessionPrograms;
  readonly bootId: string;
  readonly closing: AbortController;
}

function createView(platform: NodeJS.Platform): ProcessView {
  if (platform === "linux" && existsSync("/proc/self/stat")) return createProcView();
  if (platform === "darwin") return createPsView();
  throw new PreviewError("sandbox_unsupported", `dev servers cannot be run and watched on this system (${platform})`, {
    hint: "Use Linux with /proc mounted, or macOS; on Windows run the plane inside WSL.",
  });
}

type ProcessMethods = Pick<Sandbox, "launch" | "find" | "inspect" | "stop" | "isAlive" | "forget">;

function processMethods(context: LocalContext): ProcessMethods {
  const { view, tracker, directory } = context;
  const find = (launchId: string) => findLaunch(context, launchId, launchFiles(directory, launchId));
  const forgetProcesses = (launchId: string) => {
    tracker.forget(launchId);
    view.forget(launchId);
  };
  return {
    launch: (spec) => launch(context, spec),
    find,
    inspect: (launchId, process) => inspect(context, launchId, process),
    async stop(launchId, process, { graceMs }) {
      await stopFamily(context, { launchId, root: process ?? (await find(launchId)), graceMs });
      forgetProcesses(launchId);
    },
    async isAlive({ pid, startTime }) {
      const entry = await view.identify(pid);
      return entry?.alive === true && entry.startTime === startTime;
    },
    async forget(launchId) {
      forgetProcesses(launchId);
      await deleteLaunchFiles(launchFiles(directory, launchId));
    },
  };
}

async function launch(context: LocalContext, spec: LaunchSpec): Promise<ProcessIdentity> {
  const files = launchFiles(context.directory, spec.launchId);
  await requireDirectory(spec.cwd);
  await createLaunchFiles(files).catch((cause: unknown) => {
    throw launchFailed(spec.launchId, "its files could not be created", cause);
  });
  const cause = await startLaunch(spec, { ...context, files, env: context.envWith(launchEnv(spec)) });
  const recorded = await readRecordedProcess(files);
  if (recorded) return recorded;
  await stopFamily(context, { launchId: spec.launchId, root: undefined, graceMs: 0 });
  throw launchFailed(spec.launchId, "its shell did not run or could not record itself", cause);
}

async function requireDirectory(cwd: string): Promise<void> {
  const found = await stat(cwd).catch(() => undefined);
  if (found?.isDirectory()) return;
  throw new PreviewError("repo_dir_missing", `${cwd} is not a directory`, {
    hint: "Pass the directory of the project, or create it first.",
  });
}

function launchFailed(launchId: string, what: string, cause: unknown): PreviewError {
  return new PreviewError("launch_failed", `launch ${launchId} was not started: ${what}`, {
    hint: "Check the free space and the permissions of the state directory, then start again.",
    cause,
  });
}

async function inspect(context: LocalContext, launchId: string, process: ProcessIdentity): Promise<Inspection> {
  const members = await context.tracker.members(launchId, process);
  const rootAlive = members.some(({ pid, startTime }) => pid === process.pid && startTime === process.startTime);
  const exitCode = rootAlive ? undefined : await readExitCode(launchFiles(context.directory, launchId));
  const held = await context.view.listeners(launchId, pidsOf(members));
  return {
    alive: members.length > 0,
    listeners: held.map(({ port, address, pid, inode }) => ({ port, address, pid, ...(inode ? { inode } : {}) })),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}

function pidsOf(members: readonly ProcessEntry[]): number[] {
  return members.map((entry) => entry.pid);
}

type LogMethods = Pick<Sandbox, "readLog" | "trimLog">;

function logMethods({ directory, logMaxBytes }: LocalContext): LogMethods {
  const trimming = new Map<string, Promise<void>>();
  return {
    async readLog(launchId, query) {
      const files = launchFiles(directory, launchId);
      const ended = (await readExitCode(files)) !== undefined;
      return readLogLines(files.directory, { ...query, ended, now: systemClock.now() });
    },
    trimLog(launchId) {
      // two at once would cut the log twice
      const running = trimming.get(launchId);
      if (running) return running;
      const trim = trimLog(launchFiles(directory, launchId).directory, logMaxBytes).finally(() => {
        trimming.delete(launchId);
      });
      trimming.set(launchId, trim);
      return trim;
    },
  };
}

type PortMethods = Pick<Sandbox, "freePort" | "portHolder" | "upstream">;

function portMethods({ view, tracker, portRange }: LocalContext): PortMethods {
  const lease = createPortLease(portRange);
  const upstreamContext: UpstreamContext = {
    async listenersOf({ launchId, process }) {
      const members = await tracker.members(launchId, process, { fresh: true });
      return view.listeners(launchId, pidsOf(members), { fresh: true });
    },
    isHeld: (listener) => view.isHeld(listener),
    isTaken: async (port) => (await view.portListeners(port)).length > 0,
  };
  return {
    freePort: (wish) => lease.freePort(wish),
    async portHolder(port) {
      const [holder] = await view.portListeners(port);
      if (!holder) return undefined;
      const { pid, command } = holder;
      return { ...(pid ? { pid } : {}), ...(command ? { command: redact(plainLine(command)).slice(0, 300) } : {}) };
    },
    upstream: (target) => createUpstream(target, upstreamContext),
  };
}

type ExecOptions = Parameters<Sandbox["exec"]>[1];

async function execScript(context: LocalContext, script: string, options: ExecOptions): Promise<ExecResult> {
  const { cwd, env = {}, timeoutMs, signal, onLine } = options;
  const { closing } = context;
  if (cwd !== undefined) await requireDirectory(cwd);
  const execId = `exec-${randomUUID()}`;
  return runScript({
    script,
    cwd,
    env: context.envWith({ ...env, [launchMarker]: execId }),
    timeoutMs,
    signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal,
    onLine,
    async endTree(pid) {
      const entry = await context.view.identify(pid);
      const root = entry && { pid, startTime: entry.startTime, session: pid };
      await stopFamily(context, { launchId: execId, root, graceMs: execGraceMs });
    },
  });
}
