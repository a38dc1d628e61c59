import type { ApiKeyRequest } from "../../../../src/client/client.ts";
import { printApiKey, newApiKeyId } from "../../../../src/identity/api-key.ts";
import { newSecret } from "../../../../src/secrets.ts";
import type { Scope } from "../../../../src/scopes.ts";
import type { Org, Slug, Tenants } from "./tenants.ts";

/** Somebody who calls, and what an honest plane knows of them. */
export interface Principal {
  readonly title: string;
  /** Absent: no Authorization header is sent. */
  readonly authorization?: string;
  /** Absent: proves nothing, and is nobody. */
  readonly rights?: Rights;
}

export interface Rights {
  readonly org: Org | "local";
  /** Absent: none at all. */
  readonly scope?: Scope;
  readonly projects?: readonly Slug[];
}

/** Everybody that a plane of two orgs may meet. */
export async function principalsOf(tenants: Tenants): Promise<Principal[]> {
  return [...(await strangers(tenants)), ...(await keyHolders(tenants)), ...(await tokenHolders(tenants))];
}

async function strangers(tenants: Tenants): Promise<Principal[]> {
  const { sql } = tenants;
  const admin: ApiKeyRequest = { label: "ends", scopes: ["admin"] };
  const keys = tenants.clientOf("acme").keys;
  const [revoked, expired, rotated] = [await keys.create(admin), await keys.create(admin), await keys.create(admin)];
  await keys.revoke(revoked.id);
  await sql`update dev_preview.api_keys set expires_at = now() - interval '1 second' where id = ${expired.id}`;
  await keys.rotate(rotated.id);
  const live = await keys.create(admin);
  const otherSecret = live.key.slice(0, -43) + newSecret();
  const strangers = {
    "an unknown key": printApiKey({ id: newApiKeyId(), secret: newSecret() }),
    "a live key's id with another secret": otherSecret,
    "a revoked key": revoked.key,
    "an expired key": expired.key,
    "a secret that was rotated away": rotated.key,
    "the plane's token, altered": `${tenants.operatorToken}x`,
    "a token without the org": await tenants.issuer.sign({ org: undefined, scope: "admin" }),
    "a token with a list of orgs": await tenants.issuer.sign({ org: ["acme", "globex"], scope: "admin" }),
    "a token for the plane's own org": await tenants.issuer.sign({ org: "local", scope: "admin" }),
    "a token that is over": await tenants.issuer.sign({ exp: 1_700_000_000, scope: "admin" }),
    "a token for somebody else": await tenants.issuer.sign({ aud: "elsewhere", scope: "admin" }),
  };
  const bearers = Object.entries(strangers).map(([title, token]) => ({ title, authorization: `Bearer ${token}` }));
  const basic = `Basic ${Buffer.from(`key:${live.key}`).toString("base64")}`;
  return [{ title: "no credential" }, ...bearers, { title: "a live key as a password", authorization: basic }];
}

async function keyHolders({ clientOf, operatorToken }: Tenants): Promise<Principal[]> {
  const key = async (title: string, org: Org, input: Omit<ApiKeyRequest, "label"> & { projects?: Slug[] }) => {
    const { key: text } = await clientOf(org).keys.create({ label: title, ...input });
    const rights = { org, scope: input.scopes[0]!, ...(input.projects && { projects: input.projects }) };
    return { title, authorization: `Bearer ${text}`, rights };
  };
  return [
    { title: "the plane's own token", authorization: `Bearer ${operatorToken}`, rights: operator },
    await key("a key of acme that reads", "acme", { scopes: ["preview:read"] }),
    await key("a key of acme that writes", "acme", { scopes: ["preview:write"] }),
    await key("an admin's key of acme", "acme", { scopes: ["admin"] }),
    await key("a key of ada's in acme", "acme", { scopes: ["preview:write"], user: "ada" }),
    await key("a key of ada's in globex", "globex", { scopes: ["preview:write"], user: "ada" }),
    await key("a key bound to a1 that reads", "acme", { scopes: ["preview:read"], projects: ["a1"] }),
    await key("a key bound to a1 that writes", "acme", { scopes: ["preview:write"], projects: ["a1"] }),
    await key("an admin's key bound to a1", "acme", { scopes: ["admin"], projects: ["a1"] }),
    await key("a key of acme bound to another org's slug", "acme", { scopes: ["admin"], projects: ["b1"] }),
    await key("a key of globex that reads", "globex", { scopes: ["preview:read"] }),
    await key("an admin's key of globex", "globex", { scopes: ["admin"] }),
  ];
}

const operator: Rights = { org: "local", scope: "operator" };

/** Ada is in both orgs: each of her tokens names one. */
async function tokenHolders({ issuer }: Tenants): Promise<Principal[]> {
  const token = async (title: string, rights: Rights, claims: Readonly<Record<string, unknown>> = {}) => {
    const { org, scope, projects } = rights;
    const said = { sub: "ada", org, scope: scope ?? "openid", ...(projects && { projects }), ...claims };
    return { title, authorization: `Bearer ${await issuer.sign(said)}`, rights };
  };
  const groups = { orgs: ["acme", "globex"], groups: ["globex"] };
  return [
    await token("ada's token for acme", { org: "acme", scope: "preview:write" }, groups),
    await token("ada's token for globex", { org: "globex", scope: "preview:write" }),
    await token("ada's token for acme with admin", { org: "acme", scope: "admin" }),
    await token("ada's token for a1 alone", { org: "acme", scope: "admin", projects: ["a1"] }),
    await token("ada's token without a scope of ours", { org: "acme" }),
    await token("ada's token that claims to operate", { org: "acme" }, { scope: "operator" }),
    await token("ada's token for no project", { org: "acme", scope: "admin", projects: [] }),
  ];
}
