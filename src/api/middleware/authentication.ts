import type { MiddlewareHandler } from "hono";
import { PreviewError } from "../../errors.ts";
import type { Principal } from "../../identity/context.ts";
import type { ControlContext, ControlEnv } from "../control-env.ts";

export type Authenticate = (authorization: string | undefined) => Promise<Principal | undefined>;

/** The `WWW-Authenticate` header of a refusal (RFC 6750, 3); `parameters` say more of it. */
export type Challenge = (c: ControlContext, parameters?: Readonly<Record<string, string>>) => string;

/** Every caller proves itself, on loopback too: a web page and another user's process are there as well. */
export function authentication(
  authenticate: Authenticate,
  challenge: Challenge,
  onRefused: () => void,
): MiddlewareHandler<ControlEnv> {
  return async (c, next) => {
    const authorization = c.req.header("authorization");
    const principal = await authenticate(authorization);
    if (principal === undefined) {
      onRefused();
      const parameters: Record<string, string> = authorization === undefined ? {} : { error: "invalid_token" };
      c.header("WWW-Authenticate", challenge(c, parameters));
      throw new PreviewError("unauthenticated", "the bearer token is missing, wrong or no longer good", {
        hint: "Send Authorization: Bearer <API key>; the plane's own token is in the state directory's file `token`.",
      });
    }
    c.set("principal", principal);
    await next();
  };
}

/** `metadataUrl` leads clients without a token to the identity provider (RFC 9728, 5.1). */
export function createChallenge(metadataUrl: (c: ControlContext) => string | undefined): Challenge {
  return (c, parameters = {}) => {
    const metadata = metadataUrl(c);
    const all = {
      realm: "dev-preview",
      ...parameters,
      ...(metadata === undefined ? {} : { resource_metadata: metadata }),
    };
    return `Bearer ${Object.entries(all)
      .map(([name, value]) => `${name}="${value}"`)
      .join(", ")}`;
  };
}
