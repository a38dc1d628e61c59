import { createRemoteJWKSet, customFetch, errors } from "jose";
import type { JWTVerifyGetKey } from "jose";
import * as z from "zod";
import { PreviewError } from "../errors.ts";

/** What an OpenID provider says of itself (OpenID Connect Discovery 1.0), as far as it is used. */
const metadata = z.object({ issuer: z.string(), jwks_uri: z.url() });

export interface Provider {
  readonly issuer: string;
  /** Finds the key of a token; those that the provider added lately too. */
  readonly keys: JWTVerifyGetKey;
}

export interface ProviderSettings {
  /** As tokens name it, without its well-known path: `https://id.example.com/realms/acme`. */
  readonly issuer: string;
  /** Time for one request, ms; default 5 s. */
  readonly timeoutMs?: number;
  /** Least time between two looks for a key that is not known, ms; default 30 s. */
  readonly cooldownMs?: number;
}

/** Least time between two attempts to reach a provider that did not answer. */
const retryMs = 1000;

/**
 * The provider, asked for on first use and kept; what failed is asked again, at most once a second.
 * Rejects with `identity_unavailable`, which says what failed, never what was sent.
 */
export function createProvider(settings: ProviderSettings): () => Promise<Provider> {
  const { issuer, timeoutMs = 5000, cooldownMs = 30_000 } = settings;
  let current: Promise<Provider> | undefined;

  async function discover(): Promise<Provider> {
    const { jwks_uri: jwksUri } = await readMetadata(issuer, timeoutMs);
    const keys = createRemoteJWKSet(new URL(jwksUri), {
      timeoutDuration: timeoutMs,
      cooldownDuration: cooldownMs,
      // a redirect could lead anywhere, and no provider needs one
      [customFetch]: (url, init) => fetch(url, { ...init, redirect: "error" }),
    });
    return { issuer, keys };
  }

  return () => {
    if (current !== undefined) return current;
    const attempt = (current = discover());
    // its callers are told; a second later the next one asks again
    attempt.catch(() => setTimeout(() => (current = undefined), retryMs).unref());
    return attempt;
  };
}

async function readMetadata(issuer: string, timeoutMs: number): Promise<z.infer<typeof metadata>> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) }).catch(
    (cause: unknown) => {
      throw unavailable(`${url} does not answer`, cause);
    },
  );
  if (!answer.ok) throw unavailable(`${url} answers ${answer.status}`);
  const parsed = metadata.safeParse(await answer.json().catch(() => undefined)); // what is no JSON is no metadata either
  if (!parsed.success) throw unavailable(`${url} is no OpenID configuration`, parsed.error);
  if (parsed.data.issuer !== issuer) throw unavailable(`${url} is the configuration of another issuer`);
  return parsed.data;
}

export function unavailable(what: string, cause?: unknown): PreviewError {
  return new PreviewError("identity_unavailable", `the identity provider cannot be asked: ${what}`, {
    hint: "Try again; check oidcIssuer (DEV_PREVIEW_OIDC_ISSUER) and whether the plane reaches it.",
    cause,
  });
}

/** The provider's keys could not be read, which says nothing of the token. */
export function isProviderTrouble(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  // whatever else is not of the library's own making came from the network
  return !(error instanceof errors.JOSEError) || error.code === "ERR_JOSE_GENERIC";
}
