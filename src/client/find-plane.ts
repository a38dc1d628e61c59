import { liveness } from "../api/health.ts";
import { readPlaneFile } from "./plane-file.ts";
import type { PlaneRecord } from "./plane-file.ts";
import { isProcessAlive } from "./process-start.ts";

const healthTimeoutMs = 2_000;

/**
 * The plane that plane.json names, when its process lives, is not about to end, and it is this very plane
 * that answers there. A record that was left behind, or whose pid or port somebody else has by now, finds nothing:
 * a token is never sent to a stranger.
 */
export async function findPlane(planeFile: string, signal?: AbortSignal): Promise<PlaneRecord | undefined> {
  const plane = readPlaneFile(planeFile);
  if (plane === undefined || plane.draining === true || !isProcessAlive(plane.pid, plane.startTime)) return undefined;
  return (await isHealthy(plane, signal)) ? plane : undefined;
}

async function isHealthy(plane: PlaneRecord, signal?: AbortSignal): Promise<boolean> {
  const limit = AbortSignal.timeout(healthTimeoutMs);
  try {
    const answer = await fetch(`${plane.controlUrl}/healthz`, {
      signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
      redirect: "error",
    });
    const told = liveness.safeParse(await answer.json());
    return told.success && told.data.planeId === plane.planeId;
  } catch {
    // Refused, reset, too slow or not JSON: whoever is there, it is not a plane that serves.
    return false;
  }
}
