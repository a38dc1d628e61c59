import { resolveLaunch } from "../recipe/resolve-launch.ts";
import type { LaunchPlan } from "../recipe/resolve-launch.ts";
import { localProjectFiles } from "../recipe/project-files.ts";
import type { RequestContext } from "../identity/context.ts";
import { PreviewError } from "../errors.ts";
import { confinementOf } from "./confinement.ts";
import { maxWaitSeconds } from "./contract.ts";
import type { PreviewOutput, StartInput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { forgetLaunch } from "./end-processes.ts";
import type { LaunchOrder } from "./launch-plan.ts";
import type { Launches } from "./launches.ts";
import { leasePort } from "./lease-port.ts";
import { previewOutputOf } from "./preview-output.ts";
import type { OutputDeps } from "./preview-output.ts";
import { problem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { projectOf } from "./project-access.ts";
import { isLive } from "./record.ts";
import type { PreviewRecord, ProjectRecord } from "./record.ts";
import { awaitNews } from "./settle.ts";
import { isForeign } from "./shown-server.ts";
import type { Stops } from "./stops.ts";
import type { CallOptions, PreviewUseCases } from "./use-cases.ts";

/** A start loses its claim only to another start; after this many lost claims something is wrong. */
const claimAttempts = 5;

interface Work {
  readonly launches: Launches;
  readonly stops: Stops;
}

export function createStart(deps: OutputDeps, work: Work): PreviewUseCases["start"] {
  return async (context: RequestContext, input: StartInput, options: CallOptions = {}): Promise<PreviewOutput> => {
    const deadline = deps.clock.now() + Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
    refuseGated(input.signed);
    const project = await projectOf(deps.db, context);
    options.onPhase?.({ name: "resolve", message: "resolving the command" });
    const { preview, reused } = await claimOrJoin(deps, work, project, input);
    const unwatch = options.onPhase === undefined ? undefined : work.launches.watch(preview.launchId, options.onPhase);
    try {
      const latest = await awaitNews(deps, preview, {
        deadline,
        seen: [],
        ...(options.signal ? { signal: options.signal } : {}),
      });
      return await previewOutputOf(deps, project, latest ?? preview, { reused, ...ttlOf(input) });
    } finally {
      unwatch?.();
    }
  };
}

interface Joined {
  readonly preview: PreviewRecord;
  /** It was already past `starting` when the call came. */
  readonly reused: boolean;
}

/** Two concurrent starts of one (project, name) are one launch: the claim is one conditional statement. */
async function claimOrJoin(deps: PreviewDeps, work: Work, project: ProjectRecord, input: StartInput): Promise<Joined> {
  for (let attempt = 0; attempt < claimAttempts; attempt += 1) {
    const known = await deps.db.previews.byName(project.id, input.name);
    if (known !== undefined && isLive(known)) {
      const joined = await joinOrEnd(deps, work, { project, known, input });
      if (joined !== undefined) return joined;
    }
    const begun = await beginLaunch(deps, work.launches, { project, input, known });
    if (begun !== undefined) return { preview: begun, reused: false };
  }
  throw new PreviewError(
    "already_running",
    `preview ${JSON.stringify(input.name)} is being started and stopped by others at the same time`,
    {
      hint: "Call dev_preview_list, then start again.",
    },
  );
}

/** The live preview to join, or undefined after it was ended. */
async function joinOrEnd(
  deps: PreviewDeps,
  work: Work,
  { project, known, input }: Beginning & { readonly known: PreviewRecord },
): Promise<Joined | undefined> {
  if (known.stopRequestedAt === undefined && (await stillRuns(deps, work.launches, known))) {
    if (input.ifRunning === "fail") throw alreadyRunning(known);
    if (input.ifRunning === "reuse") {
      await refuseOtherDirectory(deps, { project, known, input });
      return { preview: known, reused: known.state !== "starting" };
    }
    if (known.attached) throw notOursToRestart(known);
  }
  await work.stops.endForRestart(known);
  return undefined;
}

/** A preview whose process died a moment ago is not reused, even before the watcher noticed. */
async function stillRuns(deps: PreviewDeps, launches: Launches, known: PreviewRecord): Promise<boolean> {
  const elsewhere = known.sandboxId !== deps.sandbox.id;
  if (elsewhere || known.process === undefined || launches.has(known.launchId)) return true;
  // what a server of somebody else's left behind is not it
  if (isForeign(known)) return await deps.sandbox.isAlive(known.process);
  return (await deps.sandbox.inspect(known.launchId, known.process)).alive;
}

interface Beginning {
  readonly project: ProjectRecord;
  readonly input: StartInput;
  readonly known: PreviewRecord | undefined;
}

async function beginLaunch(
  deps: PreviewDeps,
  launches: Launches,
  start: Beginning,
): Promise<PreviewRecord | undefined> {
  const { project, input, known } = start;
  const confinement = confinementOf(deps, project);
  const plan = await planOf(deps, project, input);
  const launchId = deps.ids.launch();
  const wantedPort = input.port ?? plan.wantedPort;
  const lease = await leasePort(deps, {
    launchId,
    ...(wantedPort === undefined ? preferred(known) : { wanted: wantedPort }),
  });
  const rendered = plan.render(lease.port);
  const preview = await deps.db.previews.claim({
    projectId: project.id,
    name: input.name,
    launchId,
    sandboxId: deps.sandbox.id,
    planeId: deps.planeId,
    command: rendered.command,
    repoDir: plan.repoDir,
    ...(plan.framework === undefined ? {} : { framework: plan.framework }),
    readyPath: plan.readyPath,
    signed: input.signed,
    hostMode: plan.hostMode,
    socketScript: plan.socketScript,
    attached: false,
    env: input.env ?? {},
    requestedPort: lease.port,
  });
  if (preview === undefined) {
    await deps.db.leases.release(launchId);
    return undefined;
  }
  if (known?.sandboxId === deps.sandbox.id) await forgetLaunch(deps, known.launchId);
  if (lease.taken !== undefined) return await refusePort(deps, preview, lease.taken);
  launches.begin({
    preview,
    command: rendered.command,
    env: rendered.env,
    ...confinement,
    ...installOf(deps, plan),
    foreseen: foreseenOf(deps, plan),
    secondPorts: plan.secondPorts ?? [],
    company: plan.company,
    linkTtlMs: ttlOf(input).ttlMs ?? deps.settings.linkTtlMs,
  });
  return preview;
}

function planOf(deps: PreviewDeps, project: ProjectRecord, input: StartInput): Promise<LaunchPlan> {
  return resolveLaunch({
    files: localProjectFiles(project.workspaceRoot),
    workspaceRoot: project.workspaceRoot,
    request: input,
    defaultCommand: deps.settings.defaultCommand,
    publicDomain: deps.gateway.domain,
  });
}

/** What may make the launch fail, known before it begins. */
function foreseenOf(deps: PreviewDeps, plan: LaunchPlan): Problem[] {
  const known = plan.problems.map(({ code, message }) => problem(code, message));
  if (plan.install === undefined || deps.settings.install === "auto") return known;
  return [...known, problem("dependencies_missing", `node_modules is missing; to install: ${plan.install.command}`)];
}

/** What to install first; with `install: never` the missing dependencies are only foretold. */
function installOf(deps: PreviewDeps, plan: LaunchPlan): Pick<LaunchOrder, "installCommand"> {
  if (plan.install === undefined || deps.settings.install === "never") return {};
  return { installCommand: plan.install.command };
}

/** The same preview prefers the port it had: a stable origin keeps storage and open tabs. */
function preferred(known: PreviewRecord | undefined): { prefer?: number } {
  return known?.port === undefined ? {} : { prefer: known.port };
}

/** The port that was asked for belongs to somebody else: told as the state of the preview, nothing is launched. */
async function refusePort(deps: PreviewDeps, preview: PreviewRecord, taken: string): Promise<PreviewRecord> {
  const crashed = await deps.db.previews.transition(preview.launchId, {
    from: ["starting"],
    to: "crashed",
    problems: [problem("port_in_use", taken)],
  });
  return crashed ?? preview;
}

function ttlOf(input: StartInput): { ttlMs?: number } {
  return input.ttlSeconds === undefined ? {} : { ttlMs: input.ttlSeconds * 1000 };
}

/** Login-gated links need an identity provider; a plane without one has signed links only. */
export function refuseGated(signed: boolean): void {
  if (signed) return;
  throw new PreviewError("invalid_input", "signed: false asks for a login-gated link, and this plane has no login", {
    hint: "Leave out `signed` to get an unguessable signed link.",
  });
}

/** A caller that names a directory does not mean the server of another one. */
async function refuseOtherDirectory(
  deps: PreviewDeps,
  { project, known, input }: Beginning & { readonly known: PreviewRecord },
): Promise<void> {
  if (input.repoDir === undefined) return;
  const { path } = await localProjectFiles(project.workspaceRoot).repoDir(input.repoDir);
  if (path === known.repoDir) return;
  const { name } = await planOf(deps, project, input);
  const other = name === undefined || name === known.name ? "another `name`" : `name ${JSON.stringify(name)}`;
  throw new PreviewError(
    "already_running",
    `preview ${JSON.stringify(known.name)} runs in ${known.repoDir}, not in ${path}`,
    {
      hint: `Pass ${other} to run both, or ifRunning "restart" to replace it.`,
    },
  );
}

function notOursToRestart(known: PreviewRecord): PreviewError {
  const { name, port, requestedPort } = known;
  const hint = isForeign(known)
    ? "Restart the server where it was started, then call dev_preview_url with its port; or end it (dev_preview_stop with kill: true) and start again."
    : "Restart the preview that it is a further port of, then call dev_preview_url with the port.";
  const message = `preview ${JSON.stringify(name)} shows a server that it did not start, on port ${port ?? requestedPort}, and cannot restart it`;
  return new PreviewError("already_running", message, { hint });
}

function alreadyRunning(preview: PreviewRecord): PreviewError {
  return new PreviewError("already_running", `preview ${JSON.stringify(preview.name)} is ${preview.state}`, {
    hint: 'Use it (dev_preview_url), or pass ifRunning "restart".',
  });
}
