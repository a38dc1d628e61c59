import { PreviewError } from "../../errors.ts";
import type { PreviewDeps } from "../deps.ts";
import type { Stops } from "../stops.ts";
import { leasePort } from "./lease-port.ts";
import type { Lease, LeaseRequest } from "./lease-port.ts";

interface Asking extends LeaseRequest {
  readonly projectId: string;
}

/** Others may take the port that was made free. */
const attempts = 3;

/**
 * A port for a launch. Where none is left, the longest sleeping preview of the project, else of its org, is ended for
 * it; what belongs to other orgs sleeps on. Rejects with `no_free_port` where none of them sleeps either.
 */
export async function leaseWithRoom(
  deps: PreviewDeps,
  stops: Stops,
  { projectId, ...request }: Asking,
): Promise<Lease> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await leasePort(deps, request);
    } catch (error) {
      const full = error instanceof PreviewError && error.code === "no_free_port";
      if (!full || attempt > attempts || !(await makeRoom(deps, stops, projectId))) throw error;
    }
  }
}

async function makeRoom(
  { db, sandbox, clock, logger }: PreviewDeps,
  stops: Stops,
  projectId: string,
): Promise<boolean> {
  const sleeping = await db.idle.makeRoom({ sandboxId: sandbox.id, projectId, now: new Date(clock.now()) });
  if (sleeping === undefined) return false;
  const { id: previewId, launchId } = sleeping;
  logger.info({ event: "preview.crowded", previewId, launchId }, "no port was left: sleeping preview ended");
  await stops.stop(sleeping, { cause: "crowded" });
  return true;
}
