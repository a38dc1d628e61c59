import type { LiveSession } from "../preview/route.ts";
import type { GatedPlace } from "./contract.ts";
import type { LoginDeps } from "./door.ts";

/**
 * Puts on record that somebody was not let in: for those whose preview it is. Who comes from another org is not named
 * to them; of a place where there is no preview nothing is told.
 */
export function recordRefusal(
  { events, previewAt }: Pick<LoginDeps, "events" | "previewAt">,
  place: GatedPlace,
  { code, session }: { readonly code: string; readonly session?: LiveSession },
): void {
  const gated = previewAt(place)?.gated;
  if (gated === undefined) return;
  const by = session?.org === gated.org ? { user: session.user } : undefined;
  events?.record({ type: "session.refused", owner: { org: gated.org, project: gated.project }, by, data: { code } });
}
