import { jwtVerify } from "jose";
import type { JWTPayload } from "jose";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { grantableScopes } from "../scopes.ts";
import type { GrantableScope } from "../scopes.ts";
import { claimAt, isNames, personOf } from "./claims.ts";
import type { PersonClaims } from "./claims.ts";
import type { Principal } from "./context.ts";
import { isProviderTrouble, unavailable } from "./provider.ts";
import type { Provider } from "./provider.ts";

export interface ClaimNames extends PersonClaims {
  /** A list, or words with spaces between; what is no scope of ours is passed over. */
  readonly scopes: string;
}

export interface JwtSettings {
  readonly provider: () => Promise<Provider>;
  /** What a token must be made for: this plane. */
  readonly audience: string;
  readonly claims: ClaimNames;
  readonly logger: Logger;
}

/** Signatures with a public key alone: with a shared secret whoever checks could also sign. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];
const clockToleranceSeconds = 5;
const looksLikeJwt = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;
const longestToken = 16_384;

/**
 * The principal of an access token, or undefined when it proves nothing: another issuer, audience or
 * key, over, or without the claims that name org and user. Rejects with `identity_unavailable` when the
 * provider's keys cannot be read.
 */
export function createJwtAuthenticator(settings: JwtSettings): (token: string) => Promise<Principal | undefined> {
  return async (token) => {
    if (token.length > longestToken || !looksLikeJwt.test(token)) return undefined;
    const { issuer, keys } = await settings.provider();
    const verified = await jwtVerify(token, keys, {
      issuer,
      audience: settings.audience,
      algorithms,
      requiredClaims: ["exp"],
      clockTolerance: clockToleranceSeconds,
    }).catch((error: unknown) => {
      if (error instanceof PreviewError) throw error;
      if (isProviderTrouble(error)) throw unavailable("its keys cannot be read", error);
      return undefined;
    });
    return verified === undefined ? undefined : principalOf(verified.payload, settings);
  };
}

function principalOf(payload: JWTPayload, { claims, logger }: JwtSettings): Principal | undefined {
  const person = personOf(payload, claims);
  if ("missing" in person) {
    logger.info(
      { event: "token.claims_missing", claims: person.missing },
      "a valid token does not say who its bearer is",
    );
    return undefined;
  }
  return {
    kind: "jwt",
    ...person,
    scopes: scopesIn(claimAt(payload, claims.scopes)),
  };
}

function scopesIn(claim: unknown): GrantableScope[] {
  const words = typeof claim === "string" ? claim.split(" ") : isNames(claim) ? claim : [];
  return grantableScopes.filter((scope) => words.includes(scope));
}
