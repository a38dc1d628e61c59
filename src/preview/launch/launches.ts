import type { Phase } from "../contract.ts";
import type { PreviewDeps } from "../deps.ts";
import { endProcesses } from "./end-processes.ts";
import { runLaunch, watchLaunch } from "./launch-run.ts";
import type { LaunchRun } from "./launch-run.ts";
import type { AdoptedLaunch, LaunchOrder } from "./launch-plan.ts";
import { createPhaseTimes } from "./phase-times.ts";
import { problem } from "../problem.ts";
import type { PreviewRecord } from "../record.ts";

/** The launches that this plane is carrying out now. */
export interface Launches {
  begin(order: LaunchOrder): void;
  /** Goes on with a launch whose plane is gone. */
  resume(launch: AdoptedLaunch): void;
  /** Calls back with the present phase and every later one; the returned function ends it. */
  watch(launchId: string, onPhase: (phase: Phase) => void): () => void;
  /** Aborts a launch and waits until it let go; nothing when none runs here. */
  cancel(launchId: string): Promise<void>;
  has(launchId: string): boolean;
  /** Aborts all; their previews stay `starting` for another plane to take over. */
  close(): Promise<void>;
}

interface Running {
  readonly controller: AbortController;
  readonly watchers: Set<(phase: Phase) => void>;
  phase: Phase | undefined;
  done: Promise<void>;
}

export function createLaunches(deps: PreviewDeps): Launches {
  const running = new Map<string, Running>();

  function track(preview: PreviewRecord, work: (run: LaunchRun) => Promise<void>): void {
    const entry: Running = {
      controller: new AbortController(),
      watchers: new Set(),
      phase: undefined,
      done: Promise.resolve(),
    };
    const times = createPhaseTimes(deps);
    const run: LaunchRun = {
      signal: entry.controller.signal,
      phase(name, message) {
        times.enter(name);
        entry.phase = { name, message };
        for (const watcher of entry.watchers) watcher(entry.phase);
      },
    };
    running.set(preview.launchId, entry);
    entry.done = work(run)
      .catch((error: unknown) => (entry.controller.signal.aborted ? undefined : giveUp(deps, preview, error)))
      .finally(() => {
        times.end();
        running.delete(preview.launchId);
      });
  }

  async function cancel(launchId: string): Promise<void> {
    const entry = running.get(launchId);
    entry?.controller.abort();
    await entry?.done;
  }

  return {
    begin: (order) => track(order.preview, (run) => runLaunch(deps, order, run)),
    resume: (launch) =>
      track(launch.preview, (run) => watchLaunch(deps, launch, { ...run, startedAt: deps.clock.now() })),
    watch(launchId, onPhase) {
      const entry = running.get(launchId);
      if (entry?.phase !== undefined) onPhase(entry.phase);
      entry?.watchers.add(onPhase);
      return () => entry?.watchers.delete(onPhase);
    },
    cancel,
    has: (launchId) => running.has(launchId),
    async close() {
      await Promise.all([...running.keys()].map(cancel));
    },
  };
}

/** A launch that failed for a reason of ours or of the environment: nothing stays running, the state says crashed. */
async function giveUp(deps: PreviewDeps, preview: PreviewRecord, error: unknown): Promise<void> {
  deps.logger.error(
    { event: "launch.failed", previewId: preview.id, launchId: preview.launchId, err: error },
    "launch failed",
  );
  try {
    await endProcesses(deps, preview);
    await deps.db.previews.transition(preview.launchId, {
      from: ["starting"],
      to: "crashed",
      problems: [problem("launch_failed", "the plane could not carry out the launch; its log has the cause")],
    });
    await deps.db.leases.release(preview.launchId);
  } catch (cleanupError) {
    // The row stays `starting` with this plane's id; the watcher ends it once the database answers again.
    deps.logger.error(
      { event: "launch.cleanup_failed", launchId: preview.launchId, err: cleanupError },
      "launch cleanup failed",
    );
  }
}
