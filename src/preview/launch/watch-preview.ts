import type { Inspection, Listener } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";
import { endProcesses } from "./end-processes.ts";
import { causesOfTrouble, exitOf, refusalProblem } from "./launch-problems.ts";
import { probe } from "./probe.ts";
import { isOfBinding, isSameTrouble, problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";
import { isForeign } from "../ports/shown-server.ts";

/** Every tick looks whether the process lives; every so many ticks, and while unhealthy, also at its sockets and log file. */
const closeLookTicks = 4;
const probeTimeoutMs = 2000;

/** Brings a settled preview's record in line with its process; `tick` counts the looks, and without it this one is close. */
export async function watchPreview(deps: PreviewDeps, preview: PreviewRecord, tick = 0): Promise<void> {
  const { process } = preview;
  if (process === undefined || preview.stopRequestedAt !== undefined) return;
  const leaderAlive = await deps.sandbox.isAlive(process);
  if (leaderAlive && preview.state === "ready" && tick % closeLookTicks !== 0) return;
  const inspection = await deps.sandbox.inspect(preview.launchId, process);
  const listener = inspection.listeners.find(({ port }) => port === preview.port);
  if (hasEnded(preview, inspection, { leaderAlive, listener })) {
    return await recordCrash(deps, preview, inspection);
  }
  if (!preview.attached) await deps.sandbox.trimLog(preview.launchId);
  await followListener(deps, preview, listener);
}

/** An attached server is its process: what that left behind is another matter, unless it still holds the port. */
function hasEnded(
  preview: PreviewRecord,
  { alive }: Inspection,
  { leaderAlive, listener }: { readonly leaderAlive: boolean; readonly listener: Listener | undefined },
): boolean {
  return !alive || (isForeign(preview) && !leaderAlive && listener === undefined);
}

/** The process is gone: whatever it left is ended, and the preview says so. */
async function recordCrash(deps: PreviewDeps, preview: PreviewRecord, { exitCode }: Inspection): Promise<void> {
  await endProcesses(deps, preview);
  const fact = problem("exited", `the dev server ended${exitCode === undefined ? "" : ` with exit code ${exitCode}`}`);
  const changed = await deps.db.previews.transition(preview.launchId, {
    from: ["ready", "unhealthy"],
    to: "crashed",
    problems: [...(await causesOfTrouble(deps, preview, exitOf(exitCode))), fact],
    ...exitOf(exitCode),
  });
  if (changed !== undefined)
    deps.logger.warn({ event: "preview.crashed", previewId: preview.id, exitCode }, "dev server ended");
}

/** A watcher that restarts its child closes and reopens the port: the route follows the new socket. */
async function followListener(
  deps: PreviewDeps,
  preview: PreviewRecord,
  listener: Listener | undefined,
): Promise<void> {
  if (listener === undefined) {
    return await recordSilence(deps, preview);
  }
  if (!sameSocket(listener, preview.listener)) await deps.db.previews.recordListener(preview.launchId, listener);
  if (preview.state === "unhealthy") await recheck(deps, preview, listener);
}

/** A watcher lives on without its server, and its log says why, or will in a moment. */
async function recordSilence(deps: PreviewDeps, preview: PreviewRecord): Promise<void> {
  const fact = problem("no_http_answer", `the process runs, but nothing listens on port ${preview.port ?? "?"}`);
  const causes = await causesOfTrouble(deps, preview, { alive: true });
  const problems = [...causes, fact, ...preview.problems.filter(isOfBinding)];
  if (preview.state === "unhealthy" && isSameTrouble(problems, preview.problems)) return;
  await deps.db.previews.transition(preview.launchId, { from: ["ready", "unhealthy"], to: "unhealthy", problems });
}

async function recheck(deps: PreviewDeps, preview: PreviewRecord, listener: Listener): Promise<void> {
  const blocked = preview.problems.some(({ code }) => code === "host_blocked");
  if (blocked) return;
  const answer = await probe({
    host: listener.address.includes(":") ? "::1" : "127.0.0.1",
    port: listener.port,
    hostHeader: `localhost:${listener.port}`,
    path: preview.readyPath,
    timeoutMs: probeTimeoutMs,
  });
  if (!answer.answered || answer.status >= 500 || refusalProblem(answer, preview) !== undefined) return;
  await deps.db.previews.transition(preview.launchId, {
    from: ["unhealthy"],
    to: "ready",
    httpStatus: answer.status,
    servesHtml: answer.html,
    problems: preview.problems.filter(isOfBinding),
  });
}

function sameSocket(one: Listener, other: Listener | undefined): boolean {
  return other !== undefined && one.inode === other.inode && one.pid === other.pid && one.address === other.address;
}
