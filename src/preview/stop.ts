import type { PreviewDeps } from "./deps.ts";
import type { StopInput, StopOutput } from "./contract.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { Launches } from "./launches.ts";
import { findPreview } from "./find-preview.ts";
import { projectOf } from "./project-access.ts";
import { liveStates } from "./record.ts";
import type { PreviewRecord } from "./record.ts";
import type { PreviewUseCases } from "./use-cases.ts";

export function createStop(deps: PreviewDeps, launches: Launches): PreviewUseCases["stop"] {
  return async (context, input) => {
    const project = await projectOf(deps.db, context);
    const targets = await targetsOf(deps, project.id, input);
    const stopped = await Promise.all(targets.map((preview) => stopPreview(deps, launches, preview)));
    return stopOutputOf(stopped);
  };
}

/**
 * Cuts the links, then ends the whole process tree, then records `stopped`; each step is safe to
 * repeat, so that a plane that dies in between leaves work that another one finishes.
 */
export async function stopPreview(
  deps: PreviewDeps,
  launches: Launches,
  preview: PreviewRecord,
): Promise<PreviewRecord> {
  const startedAt = deps.clock.now();
  const marked = (await deps.db.previews.requestStop(preview.id)) ?? preview;
  const { launchId } = marked;
  await launches.cancel(launchId);
  const { stopGraceMs: graceMs } = deps.settings;
  const latest = (await deps.db.previews.byId(preview.id)) ?? marked;
  await deps.sandbox.stop(installLaunchId(launchId), undefined, { graceMs });
  await deps.sandbox.stop(launchId, latest.launchId === launchId ? latest.process : undefined, { graceMs });
  const stopped = await deps.db.previews.transition(launchId, { from: [...liveStates, "crashed"], to: "stopped" });
  await deps.db.leases.release(launchId);
  deps.logger.info(
    { event: "preview.stopped", previewId: preview.id, launchId, durationMs: deps.clock.now() - startedAt },
    "preview stopped",
  );
  return stopped ?? latest;
}

async function targetsOf(deps: PreviewDeps, projectId: string, input: StopInput): Promise<PreviewRecord[]> {
  if (input.all === true) return await deps.db.previews.list(projectId, { includeStopped: false });
  const preview = await findPreview(deps.db, projectId, input);
  return preview === undefined ? [] : [preview];
}

function stopOutputOf(previews: readonly PreviewRecord[]): StopOutput {
  return {
    stopped: previews.map(({ name, id, port, state }) => ({
      name,
      previewId: id,
      status: state,
      ...(port === undefined ? {} : { port }),
    })),
    next:
      previews.length === 0
        ? "Nothing was running under that name or port. dev_preview_list shows what is."
        : "dev_preview_start starts it again.",
  };
}
