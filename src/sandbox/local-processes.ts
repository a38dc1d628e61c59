import { PreviewError } from "../errors.ts";
import type { Inspection, LaunchSpec, ProcessIdentity, Sandbox } from "./driver.ts";
import { familyIdOf } from "./family-tracker.ts";
import { waitingNames, withWaiting } from "./isolation/confined-start.ts";
import { findLaunch } from "./find-launch.ts";
import {
  createLaunchFiles,
  deleteLaunchFiles,
  launchFiles,
  readExitCode,
  readRecordedProcess,
} from "./launch-files.ts";
import { launchEnv, startLaunch } from "./launch.ts";
import { requireDirectory } from "./local-context.ts";
import type { LocalContext } from "./local-context.ts";
import { stopFamily } from "./stop.ts";

type ProcessMethods = Pick<
  Sandbox,
  "launch" | "find" | "inspect" | "cpuTimeMs" | "stop" | "isAlive" | "ranOutOfMemory" | "forget"
>;

export function processMethods(context: LocalContext): ProcessMethods {
  const { view, tracker, upstreams, directory, bounds } = context;
  const find = (launchId: string) => findLaunch(context, launchId, launchFiles(directory, launchId));
  const release = (launchId: string) => {
    for (const memory of [tracker, view, upstreams]) memory.forget(launchId);
  };
  return {
    launch: (spec) => launch(context, spec),
    find,
    inspect: (launchId, process) => inspect(context, launchId, process),
    async cpuTimeMs(launchId, process) {
      const members = await tracker.members(launchId, process);
      return await view.cpuTimeMs(members.map(({ pid }) => pid));
    },
    async stop(launchId, process, { graceMs }) {
      const begunAt = performance.now();
      // it ends with the launch that it belongs to
      if (process?.family?.of === "launch") return release(launchId);
      const root = process ?? (await find(launchId));
      await stopFamily(context, { launchId, root, graceMs, killAll: () => bounds.kill(launchId) });
      await bounds.release(launchId);
      release(launchId);
      logEnd(context, { event: "launch.stopped", launchId, begunAt });
    },
    async isAlive({ pid, startTime }) {
      const entry = await view.identify(pid);
      return entry?.alive === true && entry.startTime === startTime;
    },
    ranOutOfMemory: (launchId) => bounds.ranOutOfMemory(launchId),
    async forget(launchId) {
      const files = launchFiles(directory, launchId);
      release(launchId);
      await bounds.release(launchId);
      await deleteLaunchFiles(files);
    },
  };
}

async function launch(context: LocalContext, spec: LaunchSpec): Promise<ProcessIdentity> {
  const begunAt = performance.now();
  const files = launchFiles(context.directory, spec.launchId);
  await requireDirectory(spec.cwd);
  await requireIsolation(context, spec);
  await createLaunchFiles(files).catch((cause: unknown) => {
    throw launchFailed(spec.launchId, "its files could not be created", cause);
  });
  const command = await context.bounds.apply(spec, (own) => confined(context, spec, own));
  const cause = await startLaunch({ ...spec, command }, { ...context, files, env: envOf(context, spec) });
  const recorded = await readRecordedProcess(files);
  if (!recorded) {
    await stopFamily(context, { launchId: spec.launchId, root: undefined, graceMs: 0 });
    await context.bounds.release(spec.launchId);
    throw launchFailed(spec.launchId, "its shell did not run or could not record itself", cause);
  }
  logEnd(context, { event: "launch.started", launchId: spec.launchId, pid: recorded.pid, begunAt });
  return recorded;
}

async function requireIsolation({ isolation }: LocalContext, { confineTo }: LaunchSpec): Promise<void> {
  const support = confineTo === undefined ? undefined : await isolation.support();
  if (support?.available === false) throw isolationUnavailable(support.reason);
}

/** The command line to run: the launch's own, or one that confines it. */
async function confined(context: LocalContext, spec: LaunchSpec, command: string): Promise<string> {
  const { cwd, confineTo: workspace } = spec;
  if (workspace === undefined) return command;
  const waiting = waitingNames(...confinedEnvs(context, spec));
  return await context.isolation.wrap({ command, cwd, workspace, waiting });
}

function envOf(context: LocalContext, spec: LaunchSpec): Record<string, string> {
  if (spec.confineTo === undefined) return context.envWith(launchEnv(spec));
  return withWaiting(...confinedEnvs(context, spec));
}

/** Of a confined launch: what the plane sets, and what the launch is to have in the end. */
function confinedEnvs({ confinedEnvWith }: LocalContext, spec: LaunchSpec) {
  const trusted = confinedEnvWith(launchEnv({ ...spec, env: {} }));
  return [trusted, confinedEnvWith(launchEnv(spec))] as const;
}

interface Ended {
  readonly event: "launch.started" | "launch.stopped";
  readonly launchId: string;
  readonly pid?: number;
  readonly begunAt: number;
}

/** Lifecycle of previews is logged where it is decided; this is for looking into the sandbox. */
function logEnd({ logger }: LocalContext, { begunAt, ...fields }: Ended): void {
  logger.debug({ ...fields, durationMs: Math.round(performance.now() - begunAt) }, "sandbox operation");
}

function isolationUnavailable(reason: string): PreviewError {
  return new PreviewError("isolation_unavailable", `the launch cannot be confined: ${reason}`, {
    hint: "Install bubblewrap where the plane runs.",
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
  const files = launchFiles(context.directory, familyIdOf(launchId, process));
  const exitCode = rootAlive ? undefined : await readExitCode(files);
  const pids = members.map((entry) => entry.pid);
  const held = await context.view.listeners(launchId, pids);
  return {
    alive: members.length > 0,
    listeners: held.map(({ port, address, pid, inode }) => ({ port, address, pid, ...(inode ? { inode } : {}) })),
    ...(exitCode === undefined ? {} : { exitCode }),
  };
}
