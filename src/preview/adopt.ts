import type { PreviewDeps } from "./deps.ts";
import { installLaunchId } from "./launch-plan.ts";
import type { Launches } from "./launches.ts";
import { problem } from "./problem.ts";
import type { PreviewRecord } from "./record.ts";
import { stopPreview } from "./stop.ts";

/** A row of our own without a launch behind it is abandoned only after this long: it may just have been claimed. */
const ownGraceMs = 5000;
/** A plane on another host is believed dead after this long without a beat. */
const silentPlaneMs = 15_000;

/**
 * Takes over a preview whose plane is gone, and brings it to its true state. Returns true when it
 * was dealt with here, false when it is somebody's and only has to be watched.
 */
export async function adoptPreview(deps: PreviewDeps, launches: Launches, preview: PreviewRecord): Promise<boolean> {
  if (!(await isAbandoned(deps, preview))) return preview.state === "starting";
  const adopted =
    preview.planeId === deps.planeId
      ? preview
      : await deps.db.previews.adopt(preview.launchId, preview.planeId, deps.planeId);
  if (adopted === undefined) return true;
  deps.logger.info(
    { event: "preview.adopted", previewId: preview.id, launchId: preview.launchId, state: preview.state },
    "preview adopted",
  );
  if (adopted.stopRequestedAt !== undefined) {
    await stopPreview(deps, launches, adopted);
    return true;
  }
  if (adopted.state !== "starting") return false;
  await resumeStart(deps, launches, adopted);
  return true;
}

/** A stop or a start is somebody's work in progress; `ready` and `unhealthy` need no plane, only watching. */
async function isAbandoned(deps: PreviewDeps, preview: PreviewRecord): Promise<boolean> {
  const inProgress = preview.state === "starting" || preview.stopRequestedAt !== undefined;
  if (preview.planeId === deps.planeId)
    return inProgress && deps.clock.now() - preview.updatedAt.getTime() > ownGraceMs + deps.settings.stopGraceMs;
  const plane = await deps.db.planes.byId(preview.planeId);
  if (plane === undefined) return true;
  if (plane.sandboxId === deps.sandbox.id) return !(await deps.sandbox.isAlive(plane));
  return deps.clock.now() - plane.seenAt.getTime() > silentPlaneMs;
}

/** The plane died between claim and ready: with a process the watch goes on, without one nothing was started. */
async function resumeStart(deps: PreviewDeps, launches: Launches, preview: PreviewRecord): Promise<void> {
  const process = preview.process ?? (await deps.sandbox.find(preview.launchId));
  const recorded = process === undefined ? undefined : await deps.db.previews.recordProcess(preview.launchId, process);
  if (process !== undefined && recorded !== undefined) {
    launches.resume({ preview: recorded, process, linkTtlMs: deps.settings.linkTtlMs, foreseen: [] });
    return;
  }
  await stopPreviewProcesses(deps, preview);
  await deps.db.previews.transition(preview.launchId, {
    from: ["starting"],
    to: "crashed",
    problems: [problem("launch_failed", "the plane ended before the dev server was started")],
  });
  await deps.db.leases.release(preview.launchId);
}

async function stopPreviewProcesses(deps: PreviewDeps, preview: PreviewRecord): Promise<void> {
  const { stopGraceMs: graceMs } = deps.settings;
  await deps.sandbox.stop(installLaunchId(preview.launchId), undefined, { graceMs });
  await deps.sandbox.stop(preview.launchId, undefined, { graceMs });
}
