import type { PreviewRecord } from "./record.ts";

/** The one sensible next step, for an agent. Our words only: never output of a dev server. */
export function nextStep(preview: PreviewRecord): string {
  const name = preview.name === "web" ? "" : ` with name "${preview.name}"`;
  switch (preview.state) {
    case "ready":
      return `Open previewUrl or give it to the user. Edits show by themselves where the framework hot-reloads. dev_preview_stop${name} ends it.`;
    case "unhealthy":
      return `The server runs but is not healthy: see problems and dev_preview_logs${name}. Fix the project, then dev_preview_start${name} with ifRunning "restart".`;
    case "starting":
      return `Still starting: call dev_preview_url${name} with waitSeconds 30 to continue waiting, or dev_preview_logs${name}.`;
    case "idle":
      return `Asleep: call dev_preview_start${name} to wake it.`;
    case "crashed":
      return `It ended: see problems and logTail, fix the cause, then call dev_preview_start${name} again.`;
    case "stopped":
      return `Stopped. dev_preview_start${name} starts it again.`;
  }
}
