import type { PreviewDeps } from "./deps.ts";
import type { StopInput, StopOutput } from "./contract.ts";
import { findPreview } from "./find-preview.ts";
import { projectOf } from "./project-access.ts";
import type { PreviewRecord } from "./record.ts";
import type { Stops } from "./stops.ts";
import type { PreviewUseCases } from "./use-cases.ts";

export function createStop(deps: PreviewDeps, stops: Stops): PreviewUseCases["stop"] {
  return async (context, input) => {
    const project = await projectOf(deps.db, context);
    const targets = await targetsOf(deps, project.id, input);
    return stopOutputOf(await Promise.all(targets.map((preview) => stops.stop(preview))));
  };
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
    next: nextOf(previews),
  };
}

function nextOf(previews: readonly PreviewRecord[]): string {
  if (previews.length === 0) return "Nothing was running under that name or port. dev_preview_list shows what is.";
  if (previews.every(({ state }) => state === "stopped")) return "dev_preview_start starts it again.";
  return "The links are cut, but the plane that runs the dev server has not ended it yet. Call dev_preview_stop again.";
}
