import type { LiveSession } from "../preview/route.ts";
import type { GatedPreview, LoginDeps } from "./door.ts";

/**
 * Puts on record that somebody was not let in: for those whose preview it is. Who comes from another org is not named
 * to them.
 */
export function recordRefusal(
  { events }: Pick<LoginDeps, "events">,
  { gated }: Pick<GatedPreview, "gated">,
  { code, session }: { readonly code: string; readonly session?: LiveSession },
): void {
  const by = session?.org === gated.org ? { user: session.user } : undefined;
  events?.record({ type: "session.refused", owner: { org: gated.org, project: gated.project }, by, data: { code } });
}
