import { markPlaneDraining } from "../client/plane-file.ts";
import type { ControlListener } from "../control-listener.ts";
import type { Gateway } from "../gateway/gateway.ts";
import type { Logger } from "../logger.ts";
import type { MetricsListener } from "../metrics/metrics-listener.ts";
import type { EventFeed } from "../preview/events/event-feed.ts";
import type { StateDir } from "../state-dir.ts";

export interface DrainedPlane {
  readonly planeId: string;
  readonly state: StateDir;
  readonly logger: Logger;
  readonly gateway: Pick<Gateway, "drain">;
  readonly control: Pick<ControlListener, "drain">;
  /** Its readers go on elsewhere by their cursor, and would never end by themselves. */
  readonly feed: Pick<EventFeed, "close">;
  readonly metrics: Pick<MetricsListener, "close"> | undefined;
}

/**
 * Frees every port at once, and resolves when nothing is under way any more, at the latest a second after the
 * deadline. Nobody who looks for a plane finds this one from now on.
 */
export async function drainPlane(plane: DrainedPlane, deadlineMs: number): Promise<void> {
  const { planeId, state, logger, gateway, control, feed, metrics } = plane;
  const startedAt = performance.now();
  markPlaneDraining(state.planeFile, planeId);
  logger.info({ event: "plane.draining", planeId, deadlineMs }, "plane finishes what is under way");
  await Promise.all([gateway.drain({ deadlineMs }), control.drain(deadlineMs), feed.close(), metrics?.close()]);
  const durationMs = Math.round(performance.now() - startedAt);
  logger.info({ event: "plane.drained", planeId, durationMs }, "plane drained");
}
