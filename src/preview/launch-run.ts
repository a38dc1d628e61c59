import { setTimeout as sleep } from "node:timers/promises";
import { oneLine } from "../plain-words.ts";
import { hostBlockedBy, problemsFromLog } from "../recipe/failure-hints.ts";
import type { PhaseName } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { endProcesses } from "./end-processes.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { AdoptedLaunch, LaunchOrder } from "./launch-plan.ts";
import { printHolder } from "./lease-port.ts";
import { redactorOf } from "./preview-output.ts";
import { problem } from "./problem.ts";
import type { Problem } from "./problem.ts";
import { awaitReadiness } from "./readiness.ts";
import type { Readiness } from "./readiness.ts";
import type { PreviewRecord } from "./record.ts";
import type { StateChange } from "./store.ts";

export interface LaunchRun {
  /** Aborted when the preview is stopped or the plane closes; the run then changes no state. */
  readonly signal: AbortSignal;
  readonly phase: (name: PhaseName, message: string) => void;
}

const installPollMs = 100;
const logLinesForDiagnosis = 60;

/** Carries a claimed preview from `starting` to `ready`, `unhealthy` or `crashed`. */
export async function runLaunch(deps: PreviewDeps, order: LaunchOrder, run: LaunchRun): Promise<void> {
  const { preview } = order;
  const failure = await installDependencies(deps, order, run);
  if (failure !== undefined) return await crash(deps, preview, { problems: [failure] });
  run.phase("launch", `starting: ${oneLine(redactorOf(preview)(order.command), 200)}`);
  const startedAt = deps.clock.now();
  const process = await deps.sandbox.launch({
    launchId: preview.launchId,
    command: order.command,
    cwd: preview.repoDir,
    port: preview.requestedPort,
    env: order.env,
  });
  const recorded = await deps.db.previews.recordProcess(preview.launchId, process);
  if (recorded === undefined) return await end(deps, { ...preview, process });
  await watchLaunch(
    deps,
    { preview: recorded, process, linkTtlMs: order.linkTtlMs, foreseen: order.foreseen },
    { ...run, startedAt },
  );
}

/** The second half of a launch, also for one whose plane died after the process was started. */
export async function watchLaunch(
  deps: PreviewDeps,
  launch: AdoptedLaunch,
  run: LaunchRun & { readonly startedAt: number },
): Promise<void> {
  const { preview, process } = launch;
  const deadline = run.startedAt + deps.settings.startTimeoutMs;
  const readiness = await awaitReadiness(deps, { preview, process, linkTtlMs: launch.linkTtlMs, deadline, ...run });
  run.signal.throwIfAborted();
  if (readiness.kind === "superseded") return await end(deps, { ...preview, process });
  if (readiness.kind === "exited" || readiness.kind === "never_listened") {
    const problems = await problemsOfEnd(deps, launch, readiness);
    await end(deps, { ...preview, process });
    return await crash(deps, preview, { problems, ...(readiness.kind === "exited" ? exitCodeOf(readiness) : {}) });
  }
  const readyMs = deps.clock.now() - run.startedAt;
  await settle(deps, readiness, readyMs);
}

async function settle(
  deps: PreviewDeps,
  readiness: Extract<Readiness, { kind: "answers" | "silent" }>,
  readyMs: number,
): Promise<void> {
  const { preview } = readiness;
  const problems = [...bindProblems(readiness), ...answerProblems(readiness)];
  const healthy =
    readiness.kind === "answers" && readiness.status < 500 && !problems.some(({ code }) => code === "host_blocked");
  await change(deps, preview, {
    from: ["starting"],
    to: healthy ? "ready" : "unhealthy",
    problems,
    readyMs,
    ...(readiness.kind === "answers" ? { httpStatus: readiness.status, servesHtml: readiness.html } : {}),
  });
  await deps.db.leases.release(preview.launchId);
}

async function installDependencies(
  deps: PreviewDeps,
  order: LaunchOrder,
  run: LaunchRun,
): Promise<Problem | undefined> {
  const { preview, installCommand } = order;
  if (installCommand === undefined) return undefined;
  const launchId = installLaunchId(preview.launchId);
  run.phase("install", `installing dependencies: ${installCommand}`);
  const spec = {
    launchId,
    command: installCommand,
    cwd: preview.repoDir,
    port: preview.requestedPort,
    env: order.env,
  };
  const process = await deps.sandbox.launch(spec);
  const deadline = deps.clock.now() + deps.settings.installTimeoutMs;
  try {
    for (;;) {
      const inspection = await deps.sandbox.inspect(launchId, process);
      if (!inspection.alive) return installProblem(installCommand, inspection.exitCode);
      if (deps.clock.now() > deadline)
        return problem("install_failed", `${installCommand} took longer than ${deps.settings.installTimeoutMs} ms`);
      await sleep(installPollMs, undefined, { signal: run.signal });
    }
  } finally {
    await deps.sandbox.stop(launchId, process, { graceMs: deps.settings.stopGraceMs });
  }
}

function installProblem(command: string, exitCode: number | undefined): Problem | undefined {
  if (exitCode === 0) return undefined;
  return problem("install_failed", `${command} ended with exit code ${exitCode ?? "unknown"}`);
}

function bindProblems(readiness: Extract<Readiness, { kind: "answers" | "silent" }>): Problem[] {
  const { listener, preview } = readiness;
  const problems: Problem[] = [];
  if (listener.port !== preview.requestedPort) {
    problems.push(
      problem("bound_other_port", `the server listens on ${listener.port}, not on ${preview.requestedPort}`),
    );
  }
  if (listener.address.startsWith("127.") || listener.address === "::1") {
    problems.push(problem("bound_loopback_only", `the server listens on ${listener.address} only`));
  }
  return problems;
}

function answerProblems(readiness: Extract<Readiness, { kind: "answers" | "silent" }>): Problem[] {
  const { preview } = readiness;
  if (readiness.kind === "silent") {
    return readiness.direct.answered
      ? [
          problem(
            "gateway_unreachable",
            `${preview.readyPath} answers ${readiness.direct.status} directly, but not through the gateway`,
          ),
        ]
      : [
          problem(
            "no_http_answer",
            `port ${readiness.listener.port} is open, but GET ${preview.readyPath} got no HTTP answer (${readiness.direct.error})`,
          ),
        ];
  }
  const blocked = hostBlockedBy(readiness.status, readiness.bodyStart, preview.framework);
  if (blocked !== undefined)
    return [problem("host_blocked", `${blocked.framework} refuses the preview's host; set ${blocked.setting}`)];
  if (readiness.status >= 500) return [problem("server_error", `GET ${preview.readyPath} answers ${readiness.status}`)];
  return [];
}

/** Why a launch ended without serving: what the log shows first, the plain fact always. */
async function problemsOfEnd(
  deps: PreviewDeps,
  launch: AdoptedLaunch,
  readiness: Extract<Readiness, { kind: "exited" | "never_listened" }>,
): Promise<Problem[]> {
  const { preview, foreseen } = launch;
  if (preview.attached) return [endOfAttached(preview, readiness)];
  const seconds = deps.settings.startTimeoutMs / 1000;
  const fact =
    readiness.kind === "exited"
      ? problem("exited", `the command ended with exit code ${readiness.exitCode ?? "unknown"} before it served`)
      : problem("never_listened", `no TCP port was opened within ${seconds} s`);
  const log = await deps.sandbox.readLog(preview.launchId, { limit: logLinesForDiagnosis });
  const hints = problemsFromLog([...log.lines], readiness.kind === "exited" ? exitCodeOf(readiness) : {});
  const found = await Promise.all(hints.map(async (hint) => problem(hint.code, await withHolder(deps, hint))));
  const seen = new Set(found.map(({ code }) => code));
  return [...found, ...foreseen.filter(({ code }) => !seen.has(code)), fact];
}

/** We have no output of it, and it was not for us to make it listen. */
function endOfAttached(
  { requestedPort }: PreviewRecord,
  { kind }: { readonly kind: "exited" | "never_listened" },
): Problem {
  return kind === "exited"
    ? problem("exited", `the server on port ${requestedPort} ended before it answered`)
    : problem("never_listened", `nothing listens on port ${requestedPort} any more`);
}

async function withHolder(deps: PreviewDeps, hint: { code: string; message: string; port?: number }): Promise<string> {
  if (hint.port === undefined) return hint.message;
  const holder = await deps.sandbox.portHolder(hint.port);
  return holder === undefined ? hint.message : `${hint.message}; held by ${printHolder(holder)}`;
}

function exitCodeOf(readiness: { exitCode?: number }): { exitCode?: number } {
  return readiness.exitCode === undefined ? {} : { exitCode: readiness.exitCode };
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
