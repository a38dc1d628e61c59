import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal } from "./context.ts";

export interface BearerSettings {
  readonly token: string;
  /** Org and user that the token stands for. */
  readonly org: string;
  readonly user: string;
  /** Every caller is the local user. The caller of this factory allows it on loopback only. */
  readonly dangerouslyNoAuth: boolean;
}

/** The principal of an `Authorization` header, or undefined when it proves nothing. */
export type Authenticate = (authorization: string | undefined) => Principal | undefined;

export function createBearerAuthenticator(settings: BearerSettings): Authenticate {
  const { org, user } = settings;
  if (settings.dangerouslyNoAuth) return () => ({ kind: "local", org, user });
  const expected = digest(settings.token);
  return (authorization) => {
    const given = bearerOf(authorization);
    if (given === undefined) return undefined;
    // Digests have one length, so that the comparison tells neither content nor length of the token.
    return timingSafeEqual(digest(given), expected) ? { kind: "bearer", org, user } : undefined;
  };
}

/** RFC 6750: the scheme in any case, one or more spaces, then b64token. */
function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
