import { createHash, timingSafeEqual } from "node:crypto";
import type { Principal } from "./context.ts";

export interface BearerSettings {
  /** The plane's own token: whoever has it operates the plane. */
  readonly token: string;
  /** Org and user that the token stands for. */
  readonly org: string;
  readonly user: string;
  /** Every caller is the local user. The caller of this factory allows it on loopback only. */
  readonly dangerouslyNoAuth: boolean;
  /** Whoever else knows tokens, asked in turn; each answers undefined for what it does not know. */
  readonly others?: readonly ((token: string) => Promise<Principal | undefined>)[];
}

/**
 * The principal of an `Authorization` header, or undefined when it proves nothing. Rejects when that
 * cannot be told: the database or the identity provider does not answer.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Principal | undefined>;

export function createBearerAuthenticator(settings: BearerSettings): Authenticate {
  const { org, user, others = [] } = settings;
  const operator = { org, user, scopes: ["operator"] } as const;
  if (settings.dangerouslyNoAuth) return async () => ({ kind: "local", ...operator });
  const expected = digest(settings.token);
  return async (authorization) => {
    const given = bearerOf(authorization);
    if (given === undefined) return undefined;
    // Digests have one length, so that the comparison tells neither content nor length of the token.
    if (timingSafeEqual(digest(given), expected)) return { kind: "bearer", ...operator };
    for (const ask of others) {
      const principal = await ask(given);
      if (principal !== undefined) return principal;
    }
    return undefined;
  };
}

/** RFC 6750: the scheme in any case, one or more spaces, then b64token. */
function bearerOf(authorization: string | undefined): string | undefined {
  return /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(authorization ?? "")?.[1];
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
