import type { Clock } from "../clock.ts";
import type { ApiKeyRecord, ApiKeyStore } from "../db/api-key-store.ts";
import { PreviewError } from "../errors.ts";
import { grants, ScopeError } from "../scopes.ts";
import type { GrantableScope } from "../scopes.ts";
import { hashOf, newSecret } from "../secrets.ts";
import { newApiKeyId, printApiKey } from "./api-key.ts";
import type { Principal } from "./context.ts";
import { orgFor } from "./org-wide.ts";

/** An API key as its org's administrators see it: without any secret. */
export type ShownApiKey = Omit<ApiKeyRecord, "secretHash" | "previousHash">;

/** The one answer that carries the key's text. */
export interface MintedApiKey {
  readonly key: ShownApiKey;
  readonly text: string;
}

export interface ApiKeyInput {
  readonly label: string;
  /** Whom it stands for; default: the caller. */
  readonly user?: string | undefined;
  /** Default: the caller's org; another one needs scope `operator`. */
  readonly org?: string | undefined;
  readonly scopes: readonly GrantableScope[];
  /** Slugs; absent: every project of the org. */
  readonly projects?: readonly string[] | undefined;
  readonly ttlSeconds?: number | undefined;
}

/**
 * The keys of an org, for who has scope `admin` there; `org` is for the operator. Every method throws
 * `insufficient_scope`, or `key_not_found` for a key of another org just as for none.
 */
export interface ApiKeys {
  create(principal: Principal, input: ApiKeyInput): Promise<MintedApiKey>;
  list(principal: Principal, org?: string): Promise<ShownApiKey[]>;
  /** A new secret for the same key; the one before is good for another `graceSeconds`. */
  rotate(
    principal: Principal,
    id: string,
    options: KeyTarget & { readonly graceSeconds: number },
  ): Promise<MintedApiKey>;
  /** Ends it within a second; repeating it is fine. */
  revoke(principal: Principal, id: string, options?: KeyTarget): Promise<ShownApiKey>;
}

export interface KeyTarget {
  readonly org?: string | undefined;
}

interface Deps {
  readonly store: ApiKeyStore;
  readonly clock: Clock;
  /** Told of each change, so that no cache outlives it here. */
  readonly onChange: (id: string) => void;
}

export function createApiKeys({ store, clock, onChange }: Deps): ApiKeys {
  return {
    async create(principal, input) {
      const org = orgFor(principal, { org: input.org, what: "keys" });
      refuseWider(principal, input);
      const [id, secret] = [newApiKeyId(), newSecret()];
      const key = {
        id,
        org,
        userName: input.user ?? principal.user,
        label: input.label,
        scopes: input.scopes,
        secretHash: hashOf(secret),
        ...(input.projects === undefined ? {} : { projects: input.projects }),
        ...(input.ttlSeconds === undefined ? {} : { expiresAt: new Date(clock.now() + input.ttlSeconds * 1000) }),
      };
      const record = await store.insert(key, makerOf(principal));
      return { key: shown(record), text: printApiKey({ id, secret }) };
    },
    async list(principal, org) {
      return (await store.list(orgFor(principal, { org, what: "keys" }))).map(shown);
    },
    async rotate(principal, id, { org, graceSeconds }) {
      const secret = newSecret();
      const graceUntil = new Date(clock.now() + graceSeconds * 1000);
      const rotation = { secretHash: hashOf(secret), graceUntil, by: makerOf(principal) };
      const record = await store.rotate(orgFor(principal, { org, what: "keys" }), id, rotation);
      onChange(id);
      return { key: shown(record ?? notFound(id)), text: printApiKey({ id, secret }) };
    },
    async revoke(principal, id, { org } = {}) {
      const record = await store.revoke(orgFor(principal, { org, what: "keys" }), id, makerOf(principal));
      onChange(id);
      return shown(record ?? notFound(id));
    },
  };
}

/** As whom the caller goes on record. */
function makerOf({ user, keyId }: Principal): { readonly user: string; readonly key?: string } {
  return { user, ...(keyId === undefined ? {} : { key: keyId }) };
}

/** A key that makes keys could otherwise act as another user of the org with more than it has itself. */
function refuseWider(principal: Principal, { scopes }: ApiKeyInput): void {
  const wider = scopes.find((scope) => !grants(principal.scopes, scope));
  if (wider === undefined) return;
  const hint = "Leave it out, or use a key that has it.";
  throw new ScopeError(wider, `a key with scope ${wider} is made with that scope only`, hint);
}

function notFound(id: string): never {
  throw new PreviewError("key_not_found", `no API key ${JSON.stringify(id)}`, {
    hint: "GET /v1/keys, or `dev-preview key list`, shows the keys.",
  });
}

function shown(record: ApiKeyRecord): ShownApiKey {
  const { secretHash: _secretHash, previousHash: _previousHash, ...key } = record;
  return key;
}
