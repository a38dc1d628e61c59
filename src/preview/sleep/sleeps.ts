import type { PreviewDeps } from "../deps.ts";
import { endProcesses } from "../launch/end-processes.ts";
import type { PreviewRecord } from "../record.ts";

/** What is left to do for previews that were put to sleep; two of one launch are one. */
export interface Sleeps {
  /** Ends what the launch left running, and keeps its port for it. Safe to repeat, by any plane of the host. */
  finish(preview: PreviewRecord): Promise<void>;
  has(launchId: string): boolean;
  close(): Promise<void>;
}

/** Longer than any link: a preview without one sleeps no more. */
const portKeptMs = 8 * 24 * 3600 * 1000;

export function createSleeps(deps: PreviewDeps): Sleeps {
  const running = new Map<string, Promise<void>>();

  async function end(preview: PreviewRecord): Promise<void> {
    const { launchId, requestedPort: port } = preview;
    const expiresAt = new Date(deps.clock.now() + portKeptMs);
    // while the server holds the port, nobody else takes it for a free one
    await deps.db.leases.reserve({ sandboxId: deps.sandbox.id, port, launchId, expiresAt });
    await endProcesses(deps, preview);
    await deps.db.idle.slept(launchId);
  }

  return {
    async finish(preview) {
      const { launchId, process, attached } = preview;
      // of a further port there is nothing to end; its process says whose it is
      if (attached || process === undefined) return;
      const ending = running.get(launchId) ?? end(preview).finally(() => running.delete(launchId));
      running.set(launchId, ending);
      await ending;
    },
    has: (launchId) => running.has(launchId),
    async close() {
      await Promise.allSettled(running.values());
    },
  };
}
