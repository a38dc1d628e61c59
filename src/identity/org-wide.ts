import { grants, ScopeError } from "../scopes.ts";
import type { Principal } from "./context.ts";

/**
 * The org that a call of its administration is about: the caller's own, which needs scope `admin`, or another,
 * which needs `operator`. Throws `insufficient_scope`, also for who is bound to projects.
 */
export function orgFor(
  principal: Principal,
  { org = principal.org, what }: { org?: string | undefined; what: string },
): string {
  const wanted = org === principal.org ? "admin" : "operator";
  if (principal.projects === undefined && grants(principal.scopes, wanted)) return org;
  const hint =
    wanted === "admin"
      ? "Use a key with scope admin that is not bound to projects."
      : `Only the plane's own token reaches the ${what} of other orgs.`;
  throw new ScopeError(wanted, `${what} of org ${JSON.stringify(org)} need scope ${wanted}`, hint);
}
