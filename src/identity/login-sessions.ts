import type { Clock } from "../clock.ts";
import type { LoginStore, ShownSession } from "../login/contract.ts";
import type { Principal } from "./context.ts";
import { orgFor } from "./org-wide.ts";

export interface SessionTarget {
  /** Default: the caller's; another one is for the plane's own token. */
  readonly org?: string | undefined;
  readonly user?: string | undefined;
}

/**
 * Who is logged in for gated links, for administrators of the org. People of no org are under the plane's own.
 * Both methods throw `insufficient_scope`.
 */
export interface LoginSessions {
  list(principal: Principal, target: SessionTarget): Promise<ShownSession[]>;
  /** Ends them on every plane within a second, what is open through them included; returns how many. */
  end(principal: Principal, target: SessionTarget): Promise<number>;
}

export function createLoginSessions({
  store,
  clock,
}: {
  readonly store: Pick<LoginStore, "listSessions" | "endSessions">;
  readonly clock: Clock;
}): LoginSessions {
  const whose = (principal: Principal, { org, user }: SessionTarget) => ({
    org: orgFor(principal, { org, what: "logins" }),
    ...(user === undefined ? {} : { user }),
  });
  return {
    list: async (principal, target) => await store.listSessions(whose(principal, target), new Date(clock.now())),
    async end(principal, target) {
      const { user, keyId } = principal;
      return await store.endSessions(whose(principal, target), {
        user,
        ...(keyId === undefined ? {} : { key: keyId }),
      });
    },
  };
}
