import { hotReloadPorts } from "../../recipe/hot-reload-ports.ts";
import type { PreviewDeps } from "../deps.ts";
import { endProcesses } from "./end-processes.ts";
import type { Launches } from "./launches.ts";
import { problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";
import type { Stops } from "../stops.ts";
import type { Wakes } from "../sleep/wakes.ts";

/** A `starting` row of our own without a launch behind it is abandoned only after this long: it may just have been claimed. */
const ownGraceMs = 5000;

/**
 * Takes over a preview whose plane is gone, and brings it to its true state; also ends one of our own
 * that another plane asked to stop. Returns true when it was dealt with here or is another plane's
 * work in progress, false when it only has to be watched.
 */
export async function adoptPreview(
  deps: PreviewDeps,
  work: { readonly launches: Launches; readonly stops: Stops; readonly wakes: Pick<Wakes, "has"> },
  preview: PreviewRecord,
): Promise<boolean> {
  const { launches, stops } = work;
  if (stops.has(preview.launchId) || work.wakes.has(preview.id)) return true;
  const ours = await takeOver(deps, preview);
  if (ours === undefined) return preview.state === "starting" || preview.stopRequestedAt !== undefined;
  if (ours.stopRequestedAt !== undefined) {
    await stops.stop(ours);
    return true;
  }
  if (launches.has(ours.launchId)) return true;
  if (ours.state !== "starting") return false;
  const freshlyClaimed = preview.planeId === deps.planeId && deps.clock.now() - ours.updatedAt.getTime() < ownGraceMs;
  if (!freshlyClaimed) await resumeStart(deps, launches, ours);
  return true;
}

/** The row when it is ours, or became ours because its plane is gone; undefined while another plane has it. */
async function takeOver(deps: PreviewDeps, preview: PreviewRecord): Promise<PreviewRecord | undefined> {
  const { id: previewId, launchId, planeId, state } = preview;
  if (planeId === deps.planeId) return preview;
  const plane = await deps.db.planes.byId(planeId);
  if (plane !== undefined && (await deps.sandbox.isAlive(plane))) return undefined;
  const adopted = await deps.db.previews.adopt(launchId, planeId, deps.planeId);
  if (adopted !== undefined)
    deps.logger.info({ event: "preview.adopted", previewId, launchId, state }, "preview adopted");
  return adopted;
}

/** The plane died between claim and ready: with a process the watch goes on, without one nothing was started. */
async function resumeStart(deps: PreviewDeps, launches: Launches, preview: PreviewRecord): Promise<void> {
  // the row may have been read before its launch came to an end here
  const now = await deps.db.previews.byId(preview.id);
  if (now?.launchId !== preview.launchId || now.state !== "starting" || launches.has(preview.launchId)) return;
  const process = preview.process ?? (await deps.sandbox.find(preview.launchId));
  const recorded = process === undefined ? undefined : await deps.db.previews.recordProcess(preview.launchId, process);
  if (process !== undefined && recorded !== undefined) {
    launches.resume({
      preview: recorded,
      process,
      linkTtlMs: deps.settings.linkTtlMs,
      foreseen: [],
      secondPorts: hotReloadPorts(recorded.framework),
      // nobody knows any more
      company: true,
    });
    return;
  }
  await endProcesses(deps, preview);
  // nobody asked for this launch but a visitor: the next one asks again
  if (preview.wokenAt !== undefined) {
    await deps.db.previews.transition(preview.launchId, { from: ["starting"], to: "idle", problems: [] });
    return;
  }
  await deps.db.previews.transition(preview.launchId, {
    from: ["starting"],
    to: "crashed",
    problems: [
      problem(
        "launch_failed",
        `the plane ended before the dev server was ${preview.attached ? "attached" : "started"}`,
      ),
    ],
  });
  await deps.db.leases.release(preview.launchId);
}
