import { isLive } from "./record.ts";
import type { PreviewRecord } from "./record.ts";
import { isForeign } from "./ports/shown-server.ts";

/** The one sensible next step, for an agent. Our words only: never output of a dev server. */
export function nextStep(preview: PreviewRecord): string {
  if (preview.attached && !isLive(preview)) return attachAgain(preview);
  if (isForeign(preview)) return nextOfForeign(preview);
  const name = nameArgument(preview);
  switch (preview.state) {
    case "ready":
      return `Open previewUrl or give it to the user. Edits show by themselves where the framework hot-reloads. dev_preview_stop${name} ends it.`;
    case "unhealthy":
      return `The server runs but is not healthy: see problems and dev_preview_logs${name}. Fix the project: a server that watches its files recovers by itself. If not: ${restart(preview)}.`;
    case "starting":
      return nextOfStarting(preview);
    case "idle":
      return `It sleeps, for nobody visited it. Opening previewUrl wakes it, and so does dev_preview_start${name}.`;
    case "crashed":
      return `It ended: see problems and logTail, fix the cause, then call dev_preview_start${name} again.`;
    case "stopped":
      return `Stopped. dev_preview_start${name} starts it again.`;
  }
}

/** A start that is known to hang can be helped from outside only. */
function nextOfStarting(preview: PreviewRecord): string {
  const wait = `dev_preview_url${nameArgument(preview)} with waitSeconds 30`;
  if (preview.problems.length === 0)
    return `Still starting: call ${wait} to continue waiting, or dev_preview_logs${nameArgument(preview)}.`;
  if (preview.problems.some(({ code }) => code === "waiting_for_input"))
    return `It waits for an answer that nobody can give: see logTail, then call ${restart(preview)} and a command that asks nothing.`;
  return `It runs but does not serve: see problems and logTail, and fix the cause. If its command watches files it then goes on by itself: call ${wait}. If not: ${restart(preview)}.`;
}

/** A server that the plane did not start: nothing but its link and its end is ours. */
function nextOfForeign(preview: PreviewRecord): string {
  const name = nameArgument(preview);
  if (preview.state === "ready")
    return `Open previewUrl or give it to the user. The server's output is where you started it. dev_preview_stop${name} ends the link, with kill: true the server too.`;
  if (preview.state === "unhealthy")
    return "The server runs but is not healthy: see problems; its output is where you started it. Fix the project and restart it there.";
  return `Not answering yet: call dev_preview_url${name} with waitSeconds 30 to continue waiting. The server's output is where you started it.`;
}

function attachAgain({ state, port, requestedPort }: PreviewRecord): string {
  const what = state === "stopped" ? "The link is cut." : "The server on this port has ended.";
  return `${what} While one listens there, dev_preview_url with port ${port ?? requestedPort} gives it a link again.`;
}

function restart(preview: PreviewRecord): string {
  if (preview.attached) return "restart the preview that this is a further port of";
  return `dev_preview_start${nameArgument(preview)} with ifRunning "restart"`;
}

function nameArgument({ name }: PreviewRecord): string {
  return name === "web" ? "" : ` with name "${name}"`;
}
