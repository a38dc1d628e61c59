import type { PreviewDeps } from "../deps.ts";
import type { Launches } from "../launch/launches.ts";
import { problem } from "../problem.ts";
import { isServing } from "../preview-output.ts";
import type { PreviewRecord } from "../record.ts";
import { launchBehind } from "../ports/shown-server.ts";
import type { Sleeps } from "./sleeps.ts";
import type { Wakes } from "./wakes.ts";

interface Work {
  readonly launches: Launches;
  readonly sleeps: Sleeps;
  readonly wakes: Wakes;
}

/** Goes on with what is under way for a sleeping preview: its end, a wake that another plane asks for, its launch that was woken. */
export async function watchSleeping(deps: PreviewDeps, work: Work, preview: PreviewRecord): Promise<void> {
  if (preview.attached) return await followLaunch(deps, work.launches, preview);
  // whoever waits for it here keeps every other preview waiting
  if (work.sleeps.has(preview.launchId)) return;
  await work.sleeps.finish(preview);
  if (preview.wakeRequestedAt !== undefined) await work.wakes.answer(preview);
}

/** A further port comes back with the launch that serves it, or ends with it. */
async function followLaunch(deps: PreviewDeps, launches: Launches, preview: PreviewRecord): Promise<void> {
  const launchId = launchBehind(preview);
  const previews = await deps.db.previews.list(preview.projectId, { includeStopped: false });
  const main = previews.find((other) => other.launchId === launchId);
  if (main?.state === "idle" || main?.state === "starting") return;
  if (main?.process === undefined || launchId === undefined || !isServing(main)) {
    const problems = [problem("exited", "the launch that served this port has ended")];
    await deps.db.previews.transition(preview.launchId, { from: ["idle"], to: "crashed", problems });
    return;
  }
  const process = { ...main.process, family: { of: "launch", launchId } as const };
  if ((await deps.db.previews.transition(preview.launchId, { from: ["idle"], to: "starting" })) === undefined) return;
  const recorded = await deps.db.previews.recordProcess(preview.launchId, process);
  if (recorded === undefined) return;
  const linkTtlMs = deps.settings.linkTtlMs;
  launches.resume({ preview: recorded, process, linkTtlMs, foreseen: [], secondPorts: [], company: false });
}
