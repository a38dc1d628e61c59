import { adoptPreview } from "./adopt.ts";
import type { PreviewDeps } from "../deps.ts";
import type { Launches } from "./launches.ts";
import type { Sleeps } from "../sleep/sleeps.ts";
import type { Stops } from "../stops.ts";
import type { Wakes } from "../sleep/wakes.ts";
import { watchPreview } from "./watch-preview.ts";
import { watchSleeping } from "../sleep/watch-sleeping.ts";
import type { PreviewRecord } from "../record.ts";

export interface Watcher {
  start(): Promise<void>;
  close(): Promise<void>;
}

const tickMs = 1000;

/**
 * Keeps what is recorded true: once a second every live preview of this sandbox is looked at, and
 * what a dead plane left is taken over. Every change is conditional, so that several planes of one
 * host may watch the same previews.
 */
export function createWatcher(
  deps: PreviewDeps,
  work: { readonly launches: Launches; readonly stops: Stops; readonly sleeps: Sleeps; readonly wakes: Wakes },
): Watcher {
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let round = Promise.resolve();
  let tick = 0;

  async function look(): Promise<void> {
    await deps.db.planes.beat({ id: deps.planeId, sandboxId: deps.sandbox.id, ...deps.self });
    tick += 1;
    const previews = await deps.db.previews.listLive(deps.sandbox.id);
    await Promise.all(previews.map((preview) => lookAt(preview)));
  }

  async function lookAt(preview: PreviewRecord): Promise<void> {
    try {
      if (await adoptPreview(deps, work, preview)) return;
      if (preview.state === "idle") await watchSleeping(deps, work, preview);
      else await watchPreview(deps, preview, tick);
    } catch (error) {
      deps.logger.warn({ event: "watch.failed", previewId: preview.id, err: error }, "preview could not be looked at");
    }
  }

  function next(): void {
    if (closed) return;
    timer = setTimeout(() => {
      round = look()
        .catch((error: unknown) =>
          deps.logger.warn({ event: "watch.round_failed", err: error }, "previews could not be watched"),
        )
        .finally(next);
    }, tickMs);
  }

  return {
    async start() {
      await look();
      next();
    },
    async close() {
      if (closed) return;
      closed = true;
      clearTimeout(timer);
      await round;
      await deps.db.planes.remove(deps.planeId).catch((error: unknown) => {
        deps.logger.warn({ event: "plane.remove_failed", err: error }, "plane could not be signed off");
      });
    },
  };
}
