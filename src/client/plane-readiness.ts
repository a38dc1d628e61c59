import { readinessReport } from "../api/health.ts";
import type { ReadinessReport } from "../api/health.ts";

const answerWithinMs = 3_000;

/** Whether a plane's database and gateway answer; undefined when nothing there answers as a plane. */
export async function planeReadiness(controlUrl: string): Promise<ReadinessReport | undefined> {
  try {
    const answer = await fetch(`${controlUrl.replace(/\/+$/, "")}/readyz`, {
      signal: AbortSignal.timeout(answerWithinMs),
      redirect: "error",
    });
    return readinessReport.parse(await answer.json());
  } catch {
    // Refused, too slow or of another shape: no plane answers.
    return undefined;
  }
}
