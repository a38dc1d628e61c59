import type { CheckOutput } from "../preview/inspection.ts";

export interface LookOutcome {
  readonly report: Omit<CheckOutput, "next">;
  readonly crashed: boolean;
  readonly flooded: boolean;
}

/** The one sensible next step, for an agent. Our words only: never text of the page. */
export function nextLook({ report, crashed, flooded }: LookOutcome): string {
  const { httpStatus } = report;
  if (crashed) return "The page's process ended: look for endless loops and memory, fix, then check again.";
  if (flooded)
    return "The page prints to its console without end: find what repeats (a loop, an effect), then check again.";
  if (httpStatus === undefined)
    return "No document came: see failedRequests, and dev_preview_logs. A redirect to another site is not followed.";
  if (report.errorOverlay !== undefined) return "Fix what errorOverlay shows, then check again.";
  if (httpStatus >= 500) return "The server failed: dev_preview_logs has its own error. Fix it, then check again.";
  if (httpStatus >= 400) return "The server refused this path: check path, and the app's routes.";
  if (report.blank === undefined)
    return "The page did not answer: a script of it does not yield, or it loads for long. Raise waitSeconds, or look for endless loops.";
  if (report.pageErrors.length > 0) return "Fix pageErrors, then check again.";
  if (report.blank)
    return "Nothing is visible: see consoleErrors and failedRequests, and whether the app mounts at all.";
  if (report.loadMs === undefined)
    return "It shows something, but goes on loading: see failedRequests, or raise waitSeconds.";
  if (report.consoleErrors.length > 0 || report.failedRequests.length > 0)
    return "The page shows; see whether consoleErrors and failedRequests matter.";
  return "The page shows, without errors. dev_preview_screenshot shows how it looks.";
}
