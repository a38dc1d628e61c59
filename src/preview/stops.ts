import type { PreviewDeps } from "./deps.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { Launches } from "./launches.ts";
import { liveStates } from "./record.ts";
import type { PreviewRecord } from "./record.ts";
import { awaitPreview } from "./settle.ts";

/** The stops that this plane is carrying out now; two of one launch are one. */
export interface Stops {
  /** Ends a preview: links first, then the whole process tree, then the state. Returns it as it then is. */
  stop(preview: PreviewRecord): Promise<PreviewRecord>;
  /** Ends the processes and keeps the links, for the launch that follows at once: open tabs come back. */
  endForRestart(preview: PreviewRecord): Promise<void>;
  has(launchId: string): boolean;
}

/** A preview in another sandbox is ended by the plane that runs it; a healthy one does so within seconds. */
const elsewhereMs = 20_000;

/**
 * Each step of a stop is safe to repeat, so that a plane that dies in between leaves work that
 * another one finishes.
 */
export function createStops(deps: PreviewDeps, launches: Launches): Stops {
  const running = new Map<string, Promise<PreviewRecord>>();

  async function stop(preview: PreviewRecord): Promise<PreviewRecord> {
    const marked = (await deps.db.previews.requestStop(preview.id)) ?? preview;
    if (marked.sandboxId !== deps.sandbox.id) return await awaitStopElsewhere(deps, marked);
    const known = running.get(marked.launchId);
    if (known !== undefined) return await known;
    const ending = endLaunch(deps, launches, marked).finally(() => running.delete(marked.launchId));
    running.set(marked.launchId, ending);
    return await ending;
  }

  async function endForRestart(preview: PreviewRecord): Promise<void> {
    const { sandboxId, stopRequestedAt, launchId } = preview;
    if (sandboxId !== deps.sandbox.id || stopRequestedAt !== undefined) return void (await stop(preview));
    await launches.cancel(launchId);
    const latest = (await deps.db.previews.byId(preview.id)) ?? preview;
    await endProcesses(deps, launchId, latest.launchId === launchId ? latest.process : undefined);
    await deps.db.previews.transition(launchId, { from: liveStates, to: "crashed" });
    await deps.db.leases.release(launchId);
  }

  return { stop, endForRestart, has: (launchId) => running.has(launchId) };
}

async function endLaunch(deps: PreviewDeps, launches: Launches, preview: PreviewRecord): Promise<PreviewRecord> {
  const startedAt = deps.clock.now();
  const { id: previewId, launchId } = preview;
  await launches.cancel(launchId);
  const latest = (await deps.db.previews.byId(previewId)) ?? preview;
  await endProcesses(deps, launchId, latest.launchId === launchId ? latest.process : undefined);
  const stopped = await deps.db.previews.transition(launchId, { from: [...liveStates, "crashed"], to: "stopped" });
  await deps.db.leases.release(launchId);
  const durationMs = deps.clock.now() - startedAt;
  deps.logger.info({ event: "preview.stopped", previewId, launchId, durationMs }, "preview stopped");
  return stopped ?? latest;
}

/** Everything that a launch started, its installation included. */
export async function endProcesses(
  deps: Pick<PreviewDeps, "sandbox" | "settings">,
  launchId: string,
  process: PreviewRecord["process"],
): Promise<void> {
  const { stopGraceMs: graceMs } = deps.settings;
  await Promise.all([
    deps.sandbox.stop(installLaunchId(launchId), undefined, { graceMs }),
    deps.sandbox.stop(launchId, process, { graceMs }),
  ]);
}

/** The request is recorded and the links are cut; the owner's watcher sees it and ends the process. */
async function awaitStopElsewhere(deps: PreviewDeps, preview: PreviewRecord): Promise<PreviewRecord> {
  const deadline = deps.clock.now() + elsewhereMs;
  return (await awaitPreview(deps, preview, ({ state }) => state === "stopped", { deadline })) ?? preview;
}
