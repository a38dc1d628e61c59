import { actorOf } from "./events/actor.ts";
import type { PreviewDeps } from "./deps.ts";
import type { StopInput, StopOutput } from "./contract.ts";
import { findPreview } from "./find-preview.ts";
import { projectOf } from "./project-access.ts";
import type { PreviewRecord } from "./record.ts";
import { isForeign } from "./ports/shown-server.ts";
import type { Stops } from "./stops.ts";
import type { PreviewUseCases } from "./use-cases.ts";

export function createStop(deps: PreviewDeps, stops: Stops): PreviewUseCases["stop"] {
  return async (context, input) => {
    const project = await projectOf(deps.db, context);
    const targets = await targetsOf(deps, project.id, input);
    const kill = input.kill === true;
    const stopped = await Promise.all(
      targets.map((preview) => stops.stop(preview, { kill, by: actorOf(context.principal) })),
    );
    return stopOutputOf(
      await Promise.all(stopped.map(async (preview) => ({ preview, goesOn: await goesOn(deps, preview) }))),
    );
  };
}

async function targetsOf(deps: PreviewDeps, projectId: string, input: StopInput): Promise<PreviewRecord[]> {
  if (input.all === true) return await deps.db.previews.list(projectId, { includeStopped: false });
  const preview = await findPreview(deps.db, projectId, input);
  return preview === undefined ? [] : [preview];
}

interface Stopped {
  readonly preview: PreviewRecord;
  /** The server was attached, and was left alone. */
  readonly goesOn: boolean;
}

async function goesOn(deps: PreviewDeps, { attached, sandboxId, process }: PreviewRecord): Promise<boolean> {
  if (!attached || process === undefined) return false;
  return sandboxId !== deps.sandbox.id || (await deps.sandbox.isAlive(process));
}

function stopOutputOf(stopped: readonly Stopped[]): StopOutput {
  return {
    stopped: stopped.map(({ preview: { name, id, port, state }, goesOn: leftRunning }) => ({
      name,
      previewId: id,
      status: state,
      ...(port === undefined ? {} : { port }),
      ...(leftRunning ? { leftRunning } : {}),
    })),
    next: nextOf(stopped),
  };
}

function nextOf(stopped: readonly Stopped[]): string {
  if (stopped.length === 0) return "Nothing was running under that name or port. dev_preview_list shows what is.";
  const left = stopped.filter(({ goesOn: leftRunning }) => leftRunning).map(({ preview }) => preview);
  if (!stopped.every(({ preview }) => preview.state === "stopped")) return stillEnding;
  if (left.length === 0) return "dev_preview_start starts it again.";
  const again = "dev_preview_url with the port gives it a link again";
  return left.every(isForeign)
    ? `The link is cut; the server runs on, for the plane did not start it: ${again}, dev_preview_stop with kill: true ends it.`
    : `The link is cut; the server runs on: ${again}. A further port of a preview ends with that preview.`;
}

const stillEnding =
  "The links are cut, but the plane that runs the dev server has not ended it yet. Call dev_preview_stop again.";
