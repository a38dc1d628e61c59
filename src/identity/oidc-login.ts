import * as client from "openid-client";
import type { Logger } from "../logger.ts";
import type { OidcLogin, Person } from "../login/contract.ts";
import { guestOf, personOf } from "./claims.ts";
import type { PersonClaims } from "./claims.ts";
import { unavailable } from "./provider.ts";

export interface OidcLoginSettings {
  /** As tokens name it, without its well-known path. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: string;
  readonly scope: string;
  readonly claims: PersonClaims;
  readonly logger: Logger;
}

const timeoutSeconds = 5;
const clockToleranceSeconds = 5;

/**
 * Logs people in at an OpenID provider: code flow with PKCE, state and nonce. The provider is asked for
 * what it is on first use; what failed is asked again.
 */
export function createOidcLogin(settings: OidcLoginSettings): OidcLogin {
  let discovered: Promise<client.Configuration> | undefined;
  const provider = (): Promise<client.Configuration> => {
    const attempt = (discovered ??= discover(settings));
    attempt.catch(() => (discovered = undefined));
    return attempt;
  };
  return {
    async begin(redirectUri) {
      const configuration = await provider();
      const [state, nonce, verifier] = [client.randomState(), client.randomNonce(), client.randomPKCECodeVerifier()];
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: settings.scope,
        state,
        nonce,
        code_challenge: await client.calculatePKCECodeChallenge(verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, checks: { state, nonce, verifier } };
    },
    async finish(returned, { state, nonce, verifier }) {
      const configuration = await provider();
      const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true };
      try {
        const tokens = await client.authorizationCodeGrant(configuration, returned, checks);
        return await personBehind(configuration, tokens, settings);
      } catch (err) {
        if (!isRefusal(err)) throw unavailable("the login cannot be finished", err);
        settings.logger.info({ event: "login.refused", err }, "the identity provider or a check refused a login");
        return undefined;
      }
    },
    async endUrl(returnTo) {
      const configuration = await provider();
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return client.buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
    },
  };
}

async function discover({ issuer, clientId, clientSecret }: OidcLoginSettings): Promise<client.Configuration> {
  const authentication = clientSecret === undefined ? client.None() : client.ClientSecretBasic(clientSecret);
  const metadata = { [client.clockTolerance]: clockToleranceSeconds };
  // the settings admit plain http for loopback alone
  const execute = issuer.startsWith("http:") ? [client.allowInsecureRequests] : [];
  const options = { timeout: timeoutSeconds, execute };
  return await client
    .discovery(new URL(issuer), clientId, metadata, authentication, options)
    .catch((cause: unknown) => {
      throw unavailable(`${issuer} cannot be discovered`, cause);
    });
}

type Tokens = Awaited<ReturnType<typeof client.authorizationCodeGrant>>;

/**
 * By the ID token; where that does not say it, by the provider's answer about the user. Who is of no org passes
 * where a preview lists it as a guest.
 */
async function personBehind(
  configuration: client.Configuration,
  tokens: Tokens,
  { claims, logger }: OidcLoginSettings,
): Promise<Person | undefined> {
  const told = tokens.claims();
  if (told === undefined) return undefined;
  const person = personOf(told, claims);
  if (!("missing" in person)) return person;
  const asked = await askUserInfo(configuration, tokens.access_token, told.sub);
  const known = personOf({ ...asked, ...told }, claims);
  if (!("missing" in known)) return known;
  const guest = guestOf({ ...asked, ...told }, claims);
  if (guest !== undefined) return guest;
  logger.info({ event: "login.claims_missing", claims: known.missing }, "the provider does not say who logged in");
  return undefined;
}

async function askUserInfo(
  configuration: client.Configuration,
  accessToken: string,
  subject: string,
): Promise<Readonly<Record<string, unknown>>> {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
  return await client.fetchUserInfo(configuration, accessToken, subject);
}

/** Codes of answers that never came, or came as something else than an answer. */
const troubleCodes = new Set([
  "OAUTH_TIMEOUT",
  "OAUTH_ABORT",
  "OAUTH_RESPONSE_IS_NOT_CONFORM",
  "OAUTH_RESPONSE_IS_NOT_JSON",
]);

/** The provider said no, or what it said does not fit to what was asked. */
function isRefusal(error: unknown): boolean {
  if (error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError) return true;
  return error instanceof client.ClientError && !troubleCodes.has(error.code ?? "");
}
