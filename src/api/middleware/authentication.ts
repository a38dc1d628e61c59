import type { MiddlewareHandler } from "hono";
import { PreviewError } from "../../errors.ts";
import type { Scope } from "../../scopes.ts";
import type { Principal } from "../../identity/context.ts";
import type { ControlEnv } from "../control-env.ts";

const realm = 'Bearer realm="dev-preview"';

/** Says which scope would do (RFC 6750, 3.1). */
export function scopeChallenge(scope: Scope): string {
  return `${realm}, error="insufficient_scope", scope="${scope}"`;
}

export type Authenticate = (authorization: string | undefined) => Promise<Principal | undefined>;

/** Every caller proves itself, on loopback too: a web page and another user's process are there as well. */
export function authentication(authenticate: Authenticate): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const authorization = c.req.header("authorization");
    const principal = await authenticate(authorization);
    if (principal === undefined) {
      c.header("WWW-Authenticate", challenge(authorization !== undefined));
      throw new PreviewError("unauthenticated", "the bearer token is missing, wrong or no longer good", {
        hint: "Send Authorization: Bearer <API key>; the plane's own token is in the state directory's file `token`.",
      });
    }
    c.set("principal", principal);
    await next();
  };
}

function challenge(presented: boolean): string {
  return presented ? `${realm}, error="invalid_token"` : realm;
}
