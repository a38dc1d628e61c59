import type { ControlAppOptions } from "../api/control-app.ts";
import { systemClock } from "../clock.ts";
import type { ClosingStack } from "../closing-stack.ts";
import type { ApiKeyStore } from "../db/api-key-store.ts";
import { createApiKeys } from "../identity/api-keys.ts";
import { createBearerAuthenticator } from "../identity/bearer.ts";
import { createJwtAuthenticator } from "../identity/jwt-authenticator.ts";
import { createKeyAuthenticator } from "../identity/key-authenticator.ts";
import { createLoginSessions } from "../identity/login-sessions.ts";
import { createProvider } from "../identity/provider.ts";
import { ensureToken } from "../identity/token-file.ts";
import type { LoginStore } from "../login/contract.ts";
import type { Logger } from "../logger.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { Config } from "../settings.ts";
import type { StateDir } from "../state-dir.ts";

interface IdentityParts {
  readonly store: ApiKeyStore;
  readonly logins: LoginStore;
  readonly state: StateDir;
  readonly logger: Logger;
}

/** Who may call: the plane's own token, API keys, and the tokens of an identity provider where one is set. */
export function createPlaneIdentity(
  config: Config,
  { store, logins, state, logger }: IdentityParts,
  stack: ClosingStack,
): Pick<ControlAppOptions, "keys" | "sessions" | "authenticate" | "authorization"> {
  const keyHolders = stack.add(createKeyAuthenticator({ store, clock: systemClock, logger }));
  return {
    keys: createApiKeys({ store, clock: systemClock, onChange: (id) => keyHolders.forget(id) }),
    sessions: createLoginSessions({ store: logins, clock: systemClock }),
    authenticate: createBearerAuthenticator({
      token: config.token ?? ensureToken(state.tokenFile),
      org: ownOrg,
      user: "local",
      dangerouslyNoAuth: config.dangerouslyNoAuth,
      others: [(token) => keyHolders.authenticate(token), ...tokensOfProvider(config, logger)],
    }),
    ...authorizationOf(config),
  };
}

/** Whoever knows the access tokens of the identity provider; nobody without one. */
function tokensOfProvider(config: Config, logger: Logger): ReturnType<typeof createJwtAuthenticator>[] {
  if (config.oidcIssuer === undefined) return [];
  const { oidcOrgClaim: org, oidcUserClaim: user, oidcProjectsClaim: projects, oidcScopeClaim: scopes } = config;
  const provider = createProvider({ issuer: config.oidcIssuer });
  return [
    createJwtAuthenticator({
      provider,
      audience: config.oidcAudience,
      claims: { org, user, projects, scopes, refusedOrg: ownOrg },
      logger,
    }),
  ];
}

function authorizationOf({ oidcIssuer, controlPublicUrl }: Config): Pick<ControlAppOptions, "authorization"> {
  return oidcIssuer === undefined ? {} : { authorization: { issuer: oidcIssuer, publicUrl: controlPublicUrl } };
}
