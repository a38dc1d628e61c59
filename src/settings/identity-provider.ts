import * as z from "zod";
import { isLoopback } from "../hosts.ts";
import { flag, settings } from "./setting.ts";

const claim = z.string().min(1).max(200);

/** Over plain http anybody on the way could answer with keys of his own. */
function isSafeIssuer(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === "https:" || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

/** The OpenID provider whose tokens are taken, and the login of gated links. */
export const identityProviderSettings = {
  oidcIssuer: z
    .url({ protocol: /^https?$/ })
    .refine(isSafeIssuer, "https, or http on loopback: its keys decide who gets in")
    .optional()
    .describe("OpenID provider whose access tokens are taken besides API keys; also the login of gated links")
    .register(settings, { env: "DEV_PREVIEW_OIDC_ISSUER" }),
  oidcAudience: z
    .string()
    .min(1)
    .default("dev-preview")
    .describe("Audience that such a token must be made for")
    .register(settings, { env: "DEV_PREVIEW_OIDC_AUDIENCE" }),
  oidcOrgClaim: claim
    .default("org")
    .describe("Claim that names the org; a dot leads into an object")
    .register(settings, { env: "DEV_PREVIEW_OIDC_ORG_CLAIM" }),
  oidcUserClaim: claim
    .default("sub")
    .describe("Claim that names the user")
    .register(settings, { env: "DEV_PREVIEW_OIDC_USER_CLAIM" }),
  oidcProjectsClaim: claim
    .default("projects")
    .describe("Claim with the slugs of the projects; a token without it reaches all of its org")
    .register(settings, { env: "DEV_PREVIEW_OIDC_PROJECTS_CLAIM" }),
  oidcScopeClaim: claim
    .default("scope")
    .describe("Claim with the scopes, as a list or as words")
    .register(settings, { env: "DEV_PREVIEW_OIDC_SCOPE_CLAIM" }),
  oidcClientId: z
    .string()
    .min(1)
    .optional()
    .describe("Client that logs people in for gated links; without it there are signed links only")
    .register(settings, { env: "DEV_PREVIEW_OIDC_CLIENT_ID" }),
  oidcClientSecret: z
    .string()
    .min(1)
    .optional()
    .describe("Secret of that client; without it the client is a public one")
    .register(settings, { env: "DEV_PREVIEW_OIDC_CLIENT_SECRET", secret: true }),
  oidcLoginScope: z
    .string()
    .regex(/^openid( |$)/, "scopes with spaces between, openid first")
    .default("openid")
    .describe("Scopes that the login asks the provider for")
    .register(settings, { env: "DEV_PREVIEW_OIDC_LOGIN_SCOPE" }),
  oidcLocalMembers: flag
    .default(false)
    .describe("Whoever logs in with the org claim `local` is a member of the plane's own org; without it refused")
    .register(settings, { env: "DEV_PREVIEW_OIDC_LOCAL_MEMBERS" }),
  authHost: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, "a lower-case host name")
    .max(253)
    .optional()
    .describe("Host name at which people log in; it must lead to the gateway")
    .register(settings, { env: "DEV_PREVIEW_AUTH_HOST", defaultText: "auth.<domain>" }),
  loginSeconds: z.coerce
    .number()
    .int()
    .min(10)
    .max(604_800)
    .default(14_400)
    .describe("Life of a login; a membership that ended at the provider is noticed no later")
    .register(settings, { env: "DEV_PREVIEW_LOGIN_SECONDS" }),
};
