import type { PreviewDeps } from "./deps.ts";
import { PreviewError } from "../errors.ts";
import { endProcesses } from "./launch/end-processes.ts";
import type { Actor } from "./events/events.ts";
import type { Launches } from "./launch/launches.ts";
import { liveStates } from "./record.ts";
import type { PreviewRecord } from "./record.ts";
import { awaitPreview } from "./launch/settle.ts";
import { launchBehind } from "./ports/shown-server.ts";

/** The stops that this plane is carrying out now; two of one launch are one. */
export interface Stops {
  /**
   * Ends a preview: links first, then the whole process tree, then the state. Returns it as it then is.
   * An attached server is only let go of, unless it is to be killed.
   */
  stop(preview: PreviewRecord, options?: StopOptions): Promise<PreviewRecord>;
  /** Ends the processes and keeps the links, for the launch that follows at once: open tabs come back. */
  endForRestart(preview: PreviewRecord): Promise<void>;
  has(launchId: string): boolean;
}

export interface StopOptions {
  /** End an attached server as well. */
  readonly kill?: boolean;
  /** Who asked for it. */
  readonly by?: Actor;
  /** Why, where nobody did. */
  readonly cause?: string;
}

/** A preview in another sandbox is ended by the plane that runs it; a healthy one does so within seconds. */
const elsewhereMs = 20_000;

/**
 * Each step of a stop is safe to repeat, so that a plane that dies in between leaves work that
 * another one finishes.
 */
export function createStops(deps: PreviewDeps, launches: Launches): Stops {
  const running = new Map<string, Promise<PreviewRecord>>();

  async function stop(preview: PreviewRecord, options: StopOptions = {}): Promise<PreviewRecord> {
    const { kill = false, by } = options;
    if (kill && preview.attached && preview.sandboxId !== deps.sandbox.id) throw elsewhere(preview);
    // looking for processes takes the plane's time, which would be that of its gateway
    const request = () => deps.db.previews.requestStop(preview.id, by);
    const marked = (await deps.arrivals.untilDropped(preview.id, request)) ?? preview;
    if (marked.sandboxId !== deps.sandbox.id) return await awaitStopElsewhere(deps, marked);
    const known = running.get(marked.launchId);
    const ended = await known;
    if (ended !== undefined && !kill) return ended;
    const ending = endLaunch(deps, launches, { ...options, preview: marked }).finally(() =>
      running.delete(marked.launchId),
    );
    running.set(marked.launchId, ending);
    const [stopped] = await Promise.all([ending, stopFurtherPorts(marked)]);
    return stopped;
  }

  /** They are ports of the same dev server. */
  async function stopFurtherPorts({ attached, launchId, projectId }: PreviewRecord): Promise<void> {
    if (attached) return;
    const previews = await deps.db.previews.list(projectId, { includeStopped: false });
    const further = previews.filter((other) => launchBehind(other) === launchId);
    await Promise.all(further.map((other) => stop(other)));
  }

  async function endForRestart(preview: PreviewRecord): Promise<void> {
    const { sandboxId, stopRequestedAt, launchId } = preview;
    if (sandboxId !== deps.sandbox.id || stopRequestedAt !== undefined) return void (await stop(preview));
    await launches.cancel(launchId);
    const latest = (await deps.db.previews.byId(preview.id)) ?? preview;
    await endProcesses(deps, latest.launchId === launchId ? latest : preview);
    await deps.db.previews.transition(launchId, { from: liveStates, to: "crashed", cause: "restart" });
    await deps.db.leases.release(launchId);
  }

  return { stop, endForRestart, has: (launchId) => running.has(launchId) };
}

async function endLaunch(
  deps: PreviewDeps,
  launches: Launches,
  { preview, kill = false, by, cause }: StopOptions & { readonly preview: PreviewRecord },
): Promise<PreviewRecord> {
  const startedAt = deps.clock.now();
  const { id: previewId, launchId } = preview;
  await launches.cancel(launchId);
  const latest = (await deps.db.previews.byId(previewId)) ?? preview;
  await endProcesses(deps, latest.launchId === launchId ? latest : preview, { kill });
  const stopped = await deps.db.previews.transition(launchId, {
    from: [...liveStates, "crashed"],
    to: "stopped",
    ...(by === undefined ? {} : { by }),
    ...(cause === undefined ? {} : { cause }),
  });
  await deps.db.leases.release(launchId);
  const durationMs = deps.clock.now() - startedAt;
  deps.logger.info({ event: "preview.stopped", previewId, launchId, durationMs }, "preview stopped");
  return stopped ?? latest;
}

function elsewhere({ name }: PreviewRecord): PreviewError {
  return new PreviewError(
    "sandbox_elsewhere",
    `preview ${JSON.stringify(name)} shows a server in the sandbox of another plane, which alone can end it`,
    { hint: "Ask that plane, or stop without kill to end the link only." },
  );
}

/** The request is recorded and the links are cut; the owner's watcher sees it and ends the process. */
async function awaitStopElsewhere(deps: PreviewDeps, preview: PreviewRecord): Promise<PreviewRecord> {
  const deadline = deps.clock.now() + elsewhereMs;
  return (await awaitPreview(deps, preview, ({ state }) => state === "stopped", { deadline })) ?? preview;
}
