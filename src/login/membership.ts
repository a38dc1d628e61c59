import type { GatedRoute } from "../preview/route.ts";
import type { Person } from "./contract.ts";

/** Members of the project's org pass, unless their claims name other projects only. */
export function isMember({ org, projects }: Person, gated: GatedRoute): boolean {
  return org === gated.org && (projects === undefined || projects.includes(gated.project));
}
