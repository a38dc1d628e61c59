import { localProjectFiles } from "../../recipe/project-files.ts";
import { resolveLaunch } from "../../recipe/resolve-launch.ts";
import type { LaunchPlan } from "../../recipe/resolve-launch.ts";
import { confinementOf, refuseReplaced } from "./confinement.ts";
import type { StartInput } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";
import { forgetLaunch } from "./end-processes.ts";
import type { LaunchOrder } from "./launch-plan.ts";
import type { Launches } from "./launches.ts";
import { leaseWithRoom } from "./lease-with-room.ts";
import type { Claimant } from "../limits.ts";
import { createPhaseTimes } from "./phase-times.ts";
import { problem } from "../problem.ts";
import type { Problem } from "../problem.ts";
import type { AskedLaunch, PreviewRecord, ProjectRecord } from "../record.ts";
import type { Stops } from "../stops.ts";
import type { NewPreview } from "../store.ts";
import { isSigned } from "../links/visibility.ts";

/** What a start asks for, and by whom it is counted. */
export interface Wish {
  readonly project: ProjectRecord;
  readonly input: StartInput;
  readonly claimant: Claimant;
}

interface Beginning extends Wish {
  readonly known: PreviewRecord | undefined;
}

interface Work {
  readonly launches: Launches;
  readonly stops: Stops;
}

/**
 * Claims (project, name) and begins the launch; `undefined` when a live preview holds the name meanwhile.
 * Rejects with `limit_reached`, `isolation_unavailable`, `no_free_port`, and whatever the project's files are wrong with.
 */
export async function beginLaunch(
  deps: PreviewDeps,
  { launches, stops }: Work,
  start: Beginning,
): Promise<PreviewRecord | undefined> {
  const { project, input, known } = start;
  const confinement = await confinementOf(deps, project);
  const times = createPhaseTimes(deps);
  times.enter("resolve");
  const plan = await planOf(deps, project, input).finally(() => times.end());
  const launchId = deps.ids.launch();
  const wantedPort = input.port ?? plan.wantedPort;
  const lease = await leaseWithRoom(deps, stops, {
    projectId: project.id,
    launchId,
    ...(wantedPort === undefined ? preferred(known) : { wanted: wantedPort }),
  });
  const rendered = plan.render(lease.port);
  const preview = await deps.db.previews
    .claim(newPreview(deps, start, { plan, launchId, command: rendered.command, port: lease.port }), start.claimant)
    .catch(async (error: unknown) => {
      await deps.db.leases.release(launchId);
      throw error;
    });
  if (preview === undefined) {
    await deps.db.leases.release(launchId);
    return undefined;
  }
  if (known?.sandboxId === deps.sandbox.id) await forgetLaunch(deps, known.launchId);
  if (lease.taken !== undefined) return await refusePort(deps, preview, lease.taken);
  launches.begin(orderOf(deps, preview, { input, confinement, plan, rendered }));
  return preview;
}

interface Planned extends Pick<Wish, "input">, Pick<LaunchOrder, "confinement"> {
  readonly plan: LaunchPlan;
  readonly rendered: ReturnType<LaunchPlan["render"]>;
}

/** What is carried out for a preview that was claimed. */
export function orderOf(deps: PreviewDeps, preview: PreviewRecord, planned: Planned): LaunchOrder {
  const { input, plan, rendered, confinement } = planned;
  return {
    preview,
    command: rendered.command,
    env: rendered.env,
    confinement,
    ...installOf(deps, plan),
    foreseen: foreseenOf(deps, plan),
    secondPorts: plan.secondPorts ?? [],
    company: plan.company,
    linkTtlMs: ttlOf(input).ttlMs ?? deps.settings.linkTtlMs,
  };
}

interface PlannedLaunch {
  readonly plan: LaunchPlan;
  readonly launchId: string;
  readonly command: string;
  readonly port: number;
}

export function newPreview(deps: PreviewDeps, { project, input, known }: Beginning, launch: PlannedLaunch): NewPreview {
  const { plan, launchId, command, port } = launch;
  return {
    projectId: project.id,
    name: input.name,
    launchId,
    sandboxId: deps.sandbox.id,
    planeId: deps.planeId,
    command,
    repoDir: plan.repoDir,
    ...(plan.framework === undefined ? {} : { framework: plan.framework }),
    readyPath: plan.readyPath,
    // what was behind the login stays there until somebody says otherwise
    signed: isSigned(deps, project.org, [input.signed, known?.signed]),
    hostMode: plan.hostMode,
    socketScript: plan.socketScript,
    attached: false,
    env: input.env ?? {},
    requestedPort: port,
    asked: askedOf(input),
    ...(input.keepaliveSeconds === undefined ? {} : { keepaliveMs: Math.round(input.keepaliveSeconds * 1000) }),
  };
}

function askedOf({ command, port, repoDir, readyPath }: StartInput): AskedLaunch {
  return {
    ...(command === undefined ? {} : { command }),
    ...(port === undefined ? {} : { port }),
    ...(repoDir === undefined ? {} : { repoDir }),
    ...(readyPath === undefined ? {} : { readyPath }),
  };
}

export async function planOf(deps: PreviewDeps, project: ProjectRecord, input: StartInput): Promise<LaunchPlan> {
  await refuseReplaced(project);
  return await resolveLaunch({
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

export function ttlOf(input: StartInput): { ttlMs?: number } {
  return input.ttlSeconds === undefined ? {} : { ttlMs: input.ttlSeconds * 1000 };
}
