import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { JWTPayload } from "jose";
import { createJwtAuthenticator } from "../../src/identity/jwt-authenticator.ts";
import type { ClaimNames } from "../../src/identity/jwt-authenticator.ts";
import { createProvider } from "../../src/identity/provider.ts";
import { createLogger } from "../../src/logger.ts";
import { until } from "../support/until.ts";
import { startIssuer } from "./support/issuer.ts";
import type { Issuer } from "./support/issuer.ts";

const claims: ClaimNames = { org: "org", user: "sub", projects: "projects", scopes: "scope", refusedOrg: "local" };
const logger = createLogger("silent");

let issuer: Issuer;
beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(() => issuer.close());

const authenticator = (names: Partial<ClaimNames> = {}, url = issuer.url) =>
  createJwtAuthenticator({
    provider: createProvider({ issuer: url, cooldownMs: 0 }),
    audience: "dev-preview",
    claims: { ...claims, ...names },
    logger,
  });

const now = () => Math.floor(Date.now() / 1000);
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

describe("an access token proves", () => {
  it("org, user and those of its scopes that are ours", async () => {
    expect(await authenticator()(await issuer.sign())).toEqual({
      kind: "jwt",
      org: "acme",
      user: "ada",
      scopes: ["preview:write"],
    });
  });

  it("an org that is merely called alike", async () => {
    for (const org of ["Local", "local ", "localhost"])
      expect(await authenticator()(await issuer.sign({ org })), org).toMatchObject({ org });
  });

  it("the projects that it lists, none where the list is empty, and all of the org without one", async () => {
    const ask = authenticator();
    expect(await ask(await issuer.sign({ projects: ["shop"] }))).toMatchObject({ projects: ["shop"] });
    expect(await ask(await issuer.sign({ projects: [] }))).toMatchObject({ projects: [] });
    expect(await ask(await issuer.sign())).not.toHaveProperty("projects");
  });

  it("what claims of other names say, also inside objects and with dots in them", async () => {
    const names = { org: "https://acme.example/org", user: "profile.login", scopes: "realm_access.roles" };
    const token = await issuer.sign({
      "https://acme.example/org": "globex",
      profile: { login: "bob" },
      realm_access: { roles: ["admin", "operator", "offline_access"] },
    });
    expect(await authenticator(names)(token)).toEqual({ kind: "jwt", org: "globex", user: "bob", scopes: ["admin"] });
  });

  it.each<[string, JWTPayload]>([
    ["another audience", { aud: "another" }],
    ["no audience", { aud: undefined as never }],
    ["another issuer", { iss: "https://evil.example.com" }],
    ["an end in the past", { exp: now() - 6 }],
    ["no end", { exp: undefined as never }],
    ["a beginning in the future", { nbf: now() + 60 }],
    ["no org", { org: undefined }],
    ["an org that is no text", { org: ["acme"] }],
    ["an empty org", { org: "" }],
    ["an org that breaks lines", { org: "a\nb" }],
    ["the plane's own org, which only its own token is of", { org: "local" }],
    ["no user", { sub: undefined as never }],
    ["projects that are no list", { projects: "shop" }],
  ])("nothing with %s", async (_, change) => {
    expect(await authenticator()(await issuer.sign(change))).toBeUndefined();
  });

  it("nothing when it is unsigned, or signed by somebody else, with another key or in another way", async () => {
    const ask = authenticator();
    const [header, payload, signature] = (await issuer.sign()).split(".") as [string, string, string];
    const none = `${base64({ alg: "none" })}.${payload}.`;
    const [other] = [await startIssuer()];
    const foreign = await other.sign({ iss: issuer.url });
    await other.close();
    // the public key is public: taken for a shared secret, it would sign whatever one likes
    const jwks = await (await fetch(`${issuer.url}/jwks`)).text();
    const confused = `${base64({ alg: "HS256" })}.${payload}`;
    const mac = createHmac("sha256", jwks).update(confused).digest("base64url");
    const altered = `${header}.${base64({ iss: issuer.url, aud: "dev-preview", sub: "eve", org: "acme", exp: now() + 60 })}.${signature}`;
    for (const token of [none, `${none}x`, foreign, `${confused}.${mac}`, altered, "a.b.c", "x".repeat(20_000)])
      expect(await ask(token), token.slice(0, 60)).toBeUndefined();
  });
});

describe("the provider's keys", () => {
  it("are read once for many tokens, and again for a key that is new", async () => {
    const ask = authenticator();
    for (let count = 0; count < 3; count += 1) expect(await ask(await issuer.sign())).toBeDefined();
    expect(issuer.asked.filter((path) => path.endsWith("/jwks"))).toHaveLength(1);
    await issuer.rotate();
    expect(await ask(await issuer.sign())).toBeDefined();
    expect(issuer.asked.filter((path) => path.endsWith("/jwks"))).toHaveLength(2);
  });

  it("that were withdrawn are good no longer once the keys were read again", async () => {
    const ask = authenticator();
    const old = await issuer.sign();
    expect(await ask(old)).toBeDefined();
    await issuer.rotate({ drop: true });
    expect(await ask(await issuer.sign())).toBeDefined();
    expect(await ask(old)).toBeUndefined();
  });

  it.each([
    ["answers with an error", 500],
    ["answers with a page that is not there", 404],
  ])("a provider that %s is told apart from a bad token, and asked again a second later", async (_, status) => {
    const ask = authenticator();
    const token = await issuer.sign();
    issuer.answerWith(status);
    await expect(ask(token)).rejects.toMatchObject({ code: "identity_unavailable" });
    issuer.answerWith(undefined);
    expect(await until("the token is good", () => ask(token).catch(() => undefined))).toMatchObject({ user: "ada" });
  });

  it("a provider that is not there is told, without the token", async () => {
    const token = await issuer.sign();
    const gone = authenticator({}, "http://127.0.0.1:1/realms/test");
    const error = await gone(token).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "identity_unavailable" });
    expect(String(error)).not.toContain(token);
  });

  it("of a provider that says to be another one are not taken", async () => {
    await expect(authenticator({}, `${issuer.url}/`)(await issuer.sign())).rejects.toMatchObject({
      code: "identity_unavailable",
    });
  });
});
