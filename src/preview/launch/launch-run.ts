import { oneLine } from "../../plain-words.ts";
import type { PhaseName } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";
import { endProcesses } from "./end-processes.ts";
import { installDependencies } from "./install-dependencies.ts";
import { followEvidence } from "./launch-evidence.ts";
import type { AdoptedLaunch, LaunchOrder } from "./launch-plan.ts";
import { exitOf, problemsOfEnd, problemsOfServer } from "./launch-problems.ts";
import { redactorOf } from "../preview-output.ts";
import { isUsable } from "../problem.ts";
import { awaitReadiness } from "./readiness.ts";
import type { Readiness } from "./readiness-watch.ts";
import type { PreviewRecord } from "../record.ts";
import type { StateChange } from "../store.ts";

export interface LaunchRun {
  /** Aborted when the preview is stopped or the plane closes; the run then changes no state. */
  readonly signal: AbortSignal;
  readonly phase: (name: PhaseName, message: string) => void;
}

/** Carries a claimed preview from `starting` to `ready`, `unhealthy` or `crashed`. */
export async function runLaunch(deps: PreviewDeps, order: LaunchOrder, run: LaunchRun): Promise<void> {
  const { preview, linkTtlMs, foreseen, secondPorts, company } = order;
  // a stop between the claim and this moment found nothing to end, and has said so: nothing may come after it
  if (!(await isWanted(deps, preview))) return await deps.db.leases.release(preview.launchId);
  const problems = await installDependencies(deps, order, run);
  if (problems.length > 0) return await crash(deps, preview, { problems });
  run.phase("launch", `starting: ${oneLine(redactorOf(preview)(order.command), 200)}`);
  const startedAt = deps.clock.now();
  const process = await deps.sandbox.launch({
    launchId: preview.launchId,
    command: order.command,
    cwd: preview.repoDir,
    port: preview.requestedPort,
    env: order.env,
    ...order.confinement,
  });
  const recorded = await deps.db.previews.recordProcess(preview.launchId, process);
  if (recorded === undefined) return await end(deps, { ...preview, process });
  const launch = { preview: recorded, process, linkTtlMs, foreseen, secondPorts, company };
  await watchLaunch(deps, launch, { ...run, startedAt });
}

async function isWanted({ db }: PreviewDeps, { id, launchId }: PreviewRecord): Promise<boolean> {
  const now = await db.previews.byId(id);
  return now?.launchId === launchId && now.state === "starting" && now.stopRequestedAt === undefined;
}

/** The second half of a launch, also for one whose plane died after the process was started. */
export async function watchLaunch(
  deps: PreviewDeps,
  launch: AdoptedLaunch,
  run: LaunchRun & { readonly startedAt: number },
): Promise<void> {
  // of an attached server there is no output, or it is that of a launch which serves
  const evidence = launch.preview.attached ? undefined : followEvidence(deps, launch);
  try {
    const deadline = run.startedAt + deps.settings.startTimeoutMs;
    const readiness = await awaitReadiness(deps, { ...launch, deadline, ...run });
    run.signal.throwIfAborted();
    await conclude(deps, launch, { readiness, readyMs: deps.clock.now() - run.startedAt });
  } finally {
    await evidence?.close();
  }
}

interface Outcome {
  readonly readiness: Readiness;
  readonly readyMs: number;
}

async function conclude(deps: PreviewDeps, launch: AdoptedLaunch, { readiness, readyMs }: Outcome): Promise<void> {
  const { preview, process } = launch;
  if (readiness.kind === "superseded") return await end(deps, { ...preview, process });
  if (readiness.kind === "exited" || readiness.kind === "never_listened") {
    const problems = await problemsOfEnd(deps, launch, readiness);
    await end(deps, { ...preview, process });
    const exitCode = readiness.kind === "exited" ? readiness.exitCode : undefined;
    return await crash(deps, preview, { problems, ...exitOf(exitCode) });
  }
  const problems = await problemsOfServer(deps, launch, readiness);
  const healthy = readiness.kind === "answers" && readiness.status < 500 && problems.every(isUsable);
  await change(deps, preview, {
    from: ["starting"],
    to: healthy ? "ready" : "unhealthy",
    problems,
    readyMs,
    ...(readiness.kind === "answers" ? { httpStatus: readiness.status, servesHtml: readiness.html } : {}),
  });
  await deps.db.leases.release(preview.launchId);
}

async function crash(
  deps: PreviewDeps,
  preview: PreviewRecord,
  extra: Pick<StateChange, "problems" | "exitCode">,
): Promise<void> {
  await change(deps, preview, { from: ["starting"], to: "crashed", ...extra });
  await deps.db.leases.release(preview.launchId);
}

/** Ends whatever the launch left; the state is the one who stopped it to record. */
async function end(deps: PreviewDeps, preview: PreviewRecord): Promise<void> {
  await endProcesses(deps, preview);
  await deps.db.leases.release(preview.launchId);
}

async function change(deps: PreviewDeps, preview: PreviewRecord, to: StateChange): Promise<void> {
  const changed = await deps.db.previews.transition(preview.launchId, to);
  deps.logger.info(
    {
      event: `preview.${to.to}`,
      previewId: preview.id,
      launchId: preview.launchId,
      outcome: changed === undefined ? "superseded" : "recorded",
      problems: to.problems?.map(({ code }) => code),
      readyMs: to.readyMs,
    },
    "preview changed state",
  );
}
