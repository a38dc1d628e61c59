import type { Clock } from "../clock.ts";
import type { ApiKeyRecord, ApiKeyStore } from "../db/api-key-store.ts";
import type { Logger } from "../logger.ts";
import { hashOf } from "../secrets.ts";
import { isHashOf, parseApiKey } from "./api-key.ts";
import type { Principal } from "./context.ts";

export interface KeyAuthenticator {
  /** The principal of an API key's text; undefined when it proves nothing. */
  authenticate(text: string): Promise<Principal | undefined>;
  /** The next use of this key asks the database. */
  forget(id: string): void;
  /** Writes down what was used; idempotent. */
  close(): Promise<void>;
}

interface Deps {
  readonly store: Pick<ApiKeyStore, "byId" | "touch">;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A revoked key ends within this time on every plane; on the one that revoked it at once. */
const freshMs = 1000;
const touchEveryMs = 10_000;
/** Ids that exist nowhere are remembered too, but never so many that somebody could fill the memory with them. */
const mostRemembered = 10_000;
/** Compared with where there is no key, so that the answer takes as long. */
const noHash = hashOf("");

export function createKeyAuthenticator({ store, clock, logger }: Deps): KeyAuthenticator {
  const remembered = new Map<string, { record: Promise<ApiKeyRecord | undefined>; until: number }>();
  const used = new Map<string, Date>();

  function lookUp(id: string): Promise<ApiKeyRecord | undefined> {
    const known = remembered.get(id);
    if (known !== undefined && clock.now() < known.until) return known.record;
    if (remembered.size >= mostRemembered) remembered.clear();
    const record = store.byId(id);
    remembered.set(id, { record, until: clock.now() + freshMs });
    // what failed is asked again; the caller of this one is told
    record.catch(() => remembered.delete(id));
    return record;
  }

  async function flush(): Promise<void> {
    if (used.size === 0) return;
    const uses = [...used].map(([id, at]) => ({ id, at }));
    used.clear();
    await store
      .touch(uses)
      .catch((err: unknown) => logger.warn({ event: "keys.not_recorded", err }, "last uses of keys"));
  }

  const timer = setInterval(() => void flush(), touchEveryMs).unref();
  return {
    async authenticate(text) {
      const given = parseApiKey(text);
      if (given === undefined) return undefined;
      const record = await lookUp(given.id);
      const now = clock.now();
      if (!proves(record, given.secret, now) || record === undefined) return undefined;
      used.set(record.id, new Date(now));
      return principalOf(record);
    },
    forget: (id) => void remembered.delete(id),
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

/** Every comparison is made, whatever the key's state is. */
function proves(record: ApiKeyRecord | undefined, secret: string, now: number): boolean {
  const current = isHashOf(record?.secretHash ?? noHash, secret);
  const previous = isHashOf(record?.previousHash ?? noHash, secret);
  if (record === undefined || record.revokedAt !== undefined) return false;
  if (record.expiresAt !== undefined && record.expiresAt.getTime() <= now) return false;
  return current || (previous && (record.previousExpiresAt?.getTime() ?? 0) > now);
}

function principalOf(record: ApiKeyRecord): Principal {
  const { id, org, userName, scopes, projects } = record;
  return { kind: "key", org, user: userName, scopes, keyId: id, ...(projects === undefined ? {} : { projects }) };
}
