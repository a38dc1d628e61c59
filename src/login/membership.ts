import type { GatedRoute } from "../preview/route.ts";
import type { Person } from "./contract.ts";

/** Members of the project's org pass, unless their claims name other projects only; and whom the preview lists. */
export function mayPass({ org, user, projects }: Person, gated: GatedRoute): boolean {
  if (gated.guests.includes(user)) return true;
  return org === gated.org && (projects === undefined || projects.includes(gated.project));
}
