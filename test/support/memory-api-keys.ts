import type { ApiKeyRecord, ApiKeyStore } from "../../src/db/api-key-store.ts";

/** The contract of the store without a database; test/contract holds both to the same rules. */
export function memoryApiKeys(): ApiKeyStore {
  const records = new Map<string, ApiKeyRecord>();
  const change = (org: string, id: string, change: (record: ApiKeyRecord) => ApiKeyRecord | undefined) => {
    const record = records.get(id);
    const changed = record?.org === org ? change(record) : undefined;
    if (changed !== undefined) records.set(id, changed);
    return changed;
  };
  return {
    async insert(key) {
      const record = { ...key, createdAt: new Date() };
      records.set(key.id, record);
      return record;
    },
    byId: async (id) => records.get(id),
    list: async (org) => [...records.values()].filter((record) => record.org === org),
    rotate: async (org, id, { secretHash, graceUntil }) =>
      change(org, id, (record) =>
        record.revokedAt === undefined
          ? {
              ...record,
              previousHash: record.secretHash,
              previousExpiresAt: graceUntil,
              secretHash,
              rotatedAt: new Date(),
            }
          : undefined,
      ),
    revoke: async (org, id) => change(org, id, (record) => ({ revokedAt: new Date(), ...record })),
    async touch(uses) {
      for (const { id, at } of uses) {
        const record = records.get(id);
        if (record !== undefined) records.set(id, { ...record, lastUsedAt: at });
      }
    },
  };
}
