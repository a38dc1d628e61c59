import { PreviewError } from "../../errors.ts";
import type { StartInput } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";
import type { Launches } from "../launch/launches.ts";
import { LimitError } from "../limits.ts";
import type { Claimant } from "../limits.ts";
import { problem } from "../problem.ts";
import type { Problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";
import type { Sleeps } from "./sleeps.ts";
import type { Visit } from "./visits.ts";
import { launchBehind } from "../ports/shown-server.ts";
import { askedAgain, wakeLaunch } from "./wake-launch.ts";

/** Starts sleeping previews again; two of one preview are one, whoever asks. */
export interface Wakes {
  /** Somebody came by this link: if it is live and its preview sleeps, the launch is begun, or what keeps it is recorded. */
  visit(visit: Visit): Promise<void>;
  /** For a plane that does not reach the sandbox. */
  answer(sleeping: PreviewRecord): Promise<void>;
  /**
   * For a caller's start, which may ask for something else. Undefined when it sleeps no more; rejects with
   * what a start rejects with, and then it sleeps on.
   */
  start(sleeping: PreviewRecord, asks: WakeWish): Promise<PreviewRecord | undefined>;
  /** This preview is being claimed for a launch right now. */
  has(previewId: string): boolean;
  close(): Promise<void>;
}

export interface WakeWish {
  readonly input: StartInput;
  readonly claimant: Claimant;
}

interface Work {
  readonly launches: Launches;
  readonly sleeps: Sleeps;
}

export function createWakes(deps: PreviewDeps, { launches, sleeps }: Work): Wakes {
  const running = new Map<string, Promise<PreviewRecord | undefined>>();

  /** Undefined also when another wake of this plane was faster. */
  async function once(
    { id }: PreviewRecord,
    wake: () => Promise<PreviewRecord | undefined>,
  ): Promise<PreviewRecord | undefined> {
    const known = running.get(id);
    if (known !== undefined) {
      await known.catch(() => undefined); // whoever began it is told
      return undefined;
    }
    const waking = wake().finally(() => running.delete(id));
    running.set(id, waking);
    return await waking;
  }

  async function launch(known: PreviewRecord, wish: WakeWish): Promise<PreviewRecord | undefined> {
    const project = await deps.db.projects.byId(known.projectId);
    if (project === undefined) return undefined;
    await sleeps.finish(known);
    const woken = await wakeLaunch(deps, launches, { ...wish, project, known });
    if (woken !== undefined) {
      const { id: previewId, launchId } = woken;
      deps.logger.info({ event: "preview.woken", previewId, launchId }, "preview woken");
    }
    return woken;
  }

  async function forVisitor(sleeping: PreviewRecord): Promise<void> {
    const known = await mainOf(deps, sleeping);
    if (known?.state !== "idle" || known.stopRequestedAt !== undefined) return;
    if (known.sandboxId !== deps.sandbox.id) return await deps.db.idle.requestWake(known.id);
    await once(known, () =>
      launch(known, { input: askedAgain(known), claimant: starterOf(deps, known) }).catch((error: unknown) =>
        refuse(deps, known, error),
      ),
    );
  }

  return {
    async visit({ previewId, linkId }) {
      const preview = await deps.db.previews.byId(previewId);
      if (preview?.state !== "idle") return;
      if (await deps.db.links.isLive(linkId, new Date(deps.clock.now()))) await forVisitor(preview);
    },
    answer: forVisitor,
    start: (known, { input, claimant }) =>
      once(known, () => launch(known, { input: askedAgain(known, input), claimant })),
    has: (previewId) => running.has(previewId),
    async close() {
      await Promise.allSettled(running.values());
    },
  };
}

/** A further port is woken with its launch. */
async function mainOf({ db }: PreviewDeps, preview: PreviewRecord): Promise<PreviewRecord | undefined> {
  if (!preview.attached) return preview;
  const launchId = launchBehind(preview);
  const previews = await db.previews.list(preview.projectId, { includeStopped: false });
  return previews.find((other) => other.launchId === launchId);
}

/** Who wakes by a link is nobody that is known: the preview counts for who started it. */
function starterOf({ settings }: PreviewDeps, { userName = "", sessionId }: PreviewRecord): Claimant {
  return { user: userName, limits: settings.limits, ...(sessionId === undefined ? {} : { session: sessionId }) };
}

/** What may pass by itself leaves it asleep, for the next visit; anything else is a crash, which no visit repeats. */
async function refuse(
  deps: PreviewDeps,
  { id: previewId, launchId }: PreviewRecord,
  error: unknown,
): Promise<undefined> {
  if (error instanceof PreviewError && error.code === "database_unavailable") throw error;
  const passing = passingProblem(error);
  if (passing !== undefined) {
    await deps.db.idle.refuseWake(launchId, [passing]);
    if (error instanceof LimitError) {
      const { limit, most } = error;
      deps.events.record({ type: "limit.reached", owner: { ofPreview: previewId }, data: { limit, most, previewId } });
    }
    deps.logger.warn({ event: "wake.refused", previewId, problem: passing.code }, "preview could not be woken");
    return undefined;
  }
  const message =
    error instanceof PreviewError ? error.message : "the plane could not carry out the launch; its log has the cause";
  await deps.db.previews.transition(launchId, {
    from: ["idle"],
    to: "crashed",
    problems: [problem("launch_failed", message)],
  });
  await deps.db.leases.release(launchId);
  deps.logger.error({ event: "wake.failed", previewId, launchId, err: error }, "wake failed");
  return undefined;
}

function passingProblem(error: unknown): Problem | undefined {
  if (!(error instanceof PreviewError)) return undefined;
  if (error.code === "limit_reached") return problem("limit_reached", error.message);
  return error.code === "no_free_port" ? problem("port_in_use", error.message) : undefined;
}
