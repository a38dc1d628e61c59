import { setTimeout as pause } from "node:timers/promises";
import type { StateDir } from "../state-dir.ts";
import { readPlaneFile } from "./plane-file.ts";
import { isProcessAlive } from "./process-start.ts";

const pollMs = 25;
/** What a plane may take to end behind its drain. */
const closingMs = 15_000;

/** Waits for the end of a plane that drains, as long as that may take: the embedded database serves one at a time. */
export async function awaitDrained({ planeFile }: StateDir, drainMs: number): Promise<void> {
  const plane = readPlaneFile(planeFile);
  if (plane?.draining !== true) return;
  const deadline = performance.now() + drainMs + closingMs;
  while (isProcessAlive(plane.pid, plane.startTime) && performance.now() < deadline) await pause(pollMs);
}
