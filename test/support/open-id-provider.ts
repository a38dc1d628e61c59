import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Provider } from "oidc-provider";
import type { Configuration } from "oidc-provider";

export const clientId = "dev-preview";
export const clientSecret = "a-secret-of-the-tests-0123456789";

export interface OpenIdProvider {
  readonly issuer: string;
  /** User -> org, as its tokens tell; may be changed at any time. */
  readonly people: Map<string, string | undefined>;
  close(): Promise<void>;
}

/** A certified OpenID provider, with one client for a login at this origin. Its form asks for a name and believes it. */
export async function startOpenIdProvider(
  authOrigin: string,
  people: Map<string, string | undefined>,
): Promise<OpenIdProvider> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, configurationOf(authOrigin, people));
  const answer = provider.callback();
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith("/interaction/") !== true) return void answer(request, response);
    if (request.method === "POST") return void finishInteraction(provider, request, response);
    response.setHeader("content-type", "text/html");
    response.end('<title>Provider</title><form method="post"><input name="login"><button>Log in</button></form>');
  });
  return {
    issuer,
    people,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function finishInteraction(provider: Provider, request: IncomingMessage, response: ServerResponse) {
  let body = "";
  for await (const chunk of request) body += String(chunk);
  const accountId = new URLSearchParams(body).get("login") ?? "";
  await provider.interactionFinished(request, response, { login: { accountId } });
}

function configurationOf(authOrigin: string, people: Map<string, string | undefined>): Configuration {
  return {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${authOrigin}/callback`],
        post_logout_redirect_uris: [`${authOrigin}/`],
      },
    ],
    pkce: { required: () => true },
    claims: { openid: ["sub", "org"] },
    conformIdTokenClaims: false,
    cookies: { keys: ["of the tests"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: async () => ({ sub: accountId, org: people.get(accountId) }),
    }),
    // nobody is asked for consent
    async loadExistingGrant({ oidc }) {
      const grant = new oidc.provider.Grant({
        clientId: oidc.client?.clientId,
        accountId: oidc.session?.accountId,
      });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  };
}
