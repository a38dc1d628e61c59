import { PreviewError } from "../errors.ts";
import type { GatewayLogin } from "../gateway/gate/open-login.ts";
import { createOidcLogin } from "../identity/oidc-login.ts";
import type { LoginStore } from "../login/contract.ts";
import type { Logger } from "../logger.ts";
import type { EventLog } from "../preview/events/event-log.ts";
import { ownOrg } from "../preview/launch/confinement.ts";
import type { Config } from "../settings.ts";
import { publicSchemeOf } from "./plane-tls.ts";

/** Gated links need a provider, and a client of it. */
export function hasLogin({ oidcIssuer, oidcClientId }: Config): boolean {
  return oidcIssuer !== undefined && oidcClientId !== undefined;
}

interface LoginParts {
  readonly store: LoginStore;
  readonly logger: Logger;
  readonly events: Pick<EventLog, "record">;
}

/** The login of gated links, where one is set up. Throws `config_invalid` for a login that cannot be safe. */
export function loginOf(config: Config, { store, logger, events }: LoginParts): { readonly login?: GatewayLogin } {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret: clientSecret, domain } = config;
  if (issuer === undefined || clientId === undefined) return {};
  refusePlainHttp(config);
  const { oidcOrgClaim: org, oidcUserClaim: user, oidcProjectsClaim: projects } = config;
  const refusedOrg = config.oidcLocalMembers ? undefined : ownOrg;
  const oidc = createOidcLogin({
    issuer,
    clientId,
    ...(clientSecret === undefined ? {} : { clientSecret }),
    scope: config.oidcLoginScope,
    claims: { org, user, projects, refusedOrg },
    logger,
  });
  return {
    login: {
      store,
      oidc,
      events,
      authHost: config.authHost ?? `auth.${domain}`,
      sessionMs: config.loginSeconds * 1000,
    },
  };
}

/** Without TLS anybody on the way reads the cookies, and a neighbour under the domain may plant some. */
function refusePlainHttp(config: Config): void {
  const { domain } = config;
  if (publicSchemeOf(config) === "https" || domain === "localhost" || domain.endsWith(".localhost")) return;
  throw new PreviewError("config_invalid", `a login (oidcClientId) over plain http under ${domain}`, {
    hint: "Give the gateway a certificate (tlsCert, tlsKey), put a TLS edge before it and set publicScheme to https, or use the domain localhost.",
  });
}
