import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOidcLogin } from "../../src/identity/oidc-login.ts";
import { createLogger } from "../../src/logger.ts";
import type { Person } from "../../src/login/contract.ts";
import { clientId, clientSecret, startOpenIdProvider } from "../support/open-id-provider.ts";
import type { OpenIdProvider } from "../support/open-id-provider.ts";

const authOrigin = "http://auth.localhost:3000";
const people = new Map<string, string | undefined>([
  ["ada", "acme"],
  ["mallory", "local"],
  ["gus", undefined],
]);

let provider: OpenIdProvider;
beforeEach(async () => {
  provider = await startOpenIdProvider(authOrigin, people);
});
afterEach(() => provider.close());

/** Whom the login takes somebody for who logs in at the provider by this name. */
async function logIn(name: string, refusedOrg: string | undefined): Promise<Person | undefined> {
  const login = createOidcLogin({
    issuer: provider.issuer,
    clientId,
    clientSecret,
    scope: "openid",
    claims: { org: "org", user: "sub", projects: "projects", refusedOrg },
    logger: createLogger("silent"),
  });
  const { url, checks } = await login.begin(`${authOrigin}/callback`);
  return await login.finish(await throughProvider(url, name), checks);
}

/** What a browser does at the provider: follows, keeps cookies, sends the form with this name. */
async function throughProvider(begin: string, name: string): Promise<URL> {
  const jar = new Map<string, string>();
  let next = new URL(begin);
  for (let step = 0; step < 8 && next.origin !== authOrigin; step += 1) {
    const atForm = next.pathname.startsWith("/interaction/");
    const cookie = [...jar].map(([key, value]) => `${key}=${value}`).join("; ");
    const form = { method: "POST", body: new URLSearchParams({ login: name }) };
    const answer = await fetch(next, { redirect: "manual", headers: { cookie }, ...(atForm && form) });
    for (const set of answer.headers.getSetCookie()) {
      const [key = "", value = ""] = (set.split(";")[0] ?? "").split("=", 2);
      jar.set(key, value);
    }
    next = new URL(answer.headers.get("location") ?? "", next);
  }
  return next;
}

describe("who logs in at the provider", () => {
  it("is of the org that it names, or of none", async () => {
    expect(await logIn("ada", "local")).toEqual({ org: "acme", user: "ada" });
    expect(await logIn("gus", "local")).toEqual({ user: "gus" });
  });

  it("is nobody where that is the plane's own org, unless the operator lets it be named", async () => {
    expect(await logIn("mallory", "local")).toBeUndefined();
    expect(await logIn("mallory", undefined)).toEqual({ org: "local", user: "mallory" });
  });
});
