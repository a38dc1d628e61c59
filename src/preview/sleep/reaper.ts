import type { PreviewDeps } from "../deps.ts";
import { forgetLaunch } from "../launch/end-processes.ts";
import type { IdleRule } from "./idle-store.ts";
import type { PreviewRecord } from "../record.ts";
import type { Sleeps } from "./sleeps.ts";
import type { Stops } from "../stops.ts";

/** Puts to sleep what nobody visits, ends what expired, and clears away what ended long ago. */
export interface Reaper {
  /** Sweeps at once, then again and again; what is due is marked within moments, and ended in the background. */
  start(): void;
  close(): Promise<void>;
}

/**
 * Of the planes of one sandbox one has the turn. It only marks what is due: the plane that watches a preview
 * carries it out, and whoever adopts it where that one died.
 */
export function createReaper(
  deps: PreviewDeps,
  { sleeps, stops }: { readonly sleeps: Sleeps; readonly stops: Stops },
): Reaper {
  const { db, settings, sandbox, clock, planeId, logger } = deps;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let round = Promise.resolve();

  async function sweep(): Promise<void> {
    const now = new Date(clock.now());
    const until = new Date(clock.now() + settings.idle.sweepMs);
    if (!(await db.idle.takeTurn({ sandboxId: sandbox.id, planeId, now, until }))) return;
    await deps.uses.flush();
    await sleepUnvisited(now);
    await stopCrowded(now);
    await stopExpired(now);
    await db.idle.dropLeases({ sandboxId: sandbox.id, now });
    await removeEnded();
  }

  async function sleepUnvisited(now: Date): Promise<void> {
    const slept = await db.idle.sleep(ruleOf(deps, now));
    await Promise.all(
      slept.map(async (preview) => {
        const { id: previewId, launchId } = preview;
        logger.info({ event: "preview.idle", previewId, launchId }, "preview put to sleep");
        await sleeps.finish(preview).catch((error: unknown) => {
          // the watcher goes on with it
          logger.warn({ event: "sleep.unfinished", previewId, err: error }, "sleeping launch could not be ended");
        });
      }),
    );
  }

  async function stopExpired(now: Date): Promise<void> {
    const expired = await db.idle.expire({ sandboxId: sandbox.id, now });
    await Promise.all(
      expired.map(async (preview) => {
        const { id: previewId, launchId } = preview;
        logger.info({ event: "preview.expired", previewId, launchId }, "preview expired");
        await end(preview, "expired");
      }),
    );
  }

  /** Sleeping previews keep their ports, of which there are only so many. */
  async function stopCrowded(now: Date): Promise<void> {
    const crowded = await db.idle.crowdOut({ ...settings.idle, sandboxId: sandbox.id, now });
    await Promise.all(
      crowded.map(async (preview) => {
        const { id: previewId, launchId } = preview;
        logger.info({ event: "preview.crowded", previewId, launchId }, "more previews sleep than may: ended");
        await end(preview, "crowded");
      }),
    );
  }

  async function end(preview: PreviewRecord, cause: string): Promise<void> {
    await stops.stop(preview, { cause }).catch((error: unknown) => {
      // as above: what is asked to stop is stopped by whoever watches it
      logger.warn({ event: "stop.unfinished", previewId: preview.id, err: error }, "preview could not be ended");
    });
  }

  /** Files first: a row without files is found again, files without a row are not. */
  async function removeEnded(): Promise<void> {
    const before = new Date(clock.now() - settings.idle.keepEndedMs);
    for (const preview of await db.idle.ended({ sandboxId: sandbox.id, before })) {
      await forgetLaunch(deps, preview.launchId);
      const removed = await db.idle.remove(preview);
      logger.info({ event: "preview.removed", previewId: preview.id, removed }, "ended preview cleared away");
    }
  }

  async function next(): Promise<void> {
    await sweep().catch((error: unknown) =>
      logger.warn({ event: "sweep.failed", err: error }, "previews could not be swept"),
    );
    if (closed) return;
    timer = setTimeout(() => {
      round = next();
    }, settings.idle.sweepMs);
  }

  return {
    start() {
      round = next();
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await round;
    },
  };
}

/** Judged by a moment before the uses were written down, so that none is missed. */
function ruleOf({ planeId, sandbox, settings }: PreviewDeps, now: Date): IdleRule {
  const { every, own } = settings.orgs;
  const single = [...own].flatMap(([org, { idleMs }]) => (idleMs === undefined ? [] : [[org, idleMs] as const]));
  return {
    sandboxId: sandbox.id,
    planeId,
    now,
    idleMs: every.idleMs,
    idleMsByOrg: Object.fromEntries(single),
  };
}
