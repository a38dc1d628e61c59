import { expect, test } from "vitest";
import type { ApiKeyStore, NewApiKey } from "../../src/db/api-key-store.ts";
import { newApiKeyId } from "../../src/identity/api-key.ts";
import { hashOf } from "../../src/secrets.ts";

const newKey = (more: Partial<NewApiKey> = {}): NewApiKey => ({
  id: newApiKeyId(),
  org: "acme",
  userName: "ada",
  label: "tests",
  scopes: ["preview:read"],
  secretHash: hashOf("first"),
  ...more,
});

/** What every store of API keys does; `storeOf` gives an empty one. */
export function apiKeyContract(storeOf: () => ApiKeyStore): void {
  test("a key is kept as it was given, and found by its id", async () => {
    const store = storeOf();
    const expiresAt = new Date(Date.now() + 60_000);
    const key = newKey({ scopes: ["preview:write", "admin"], projects: ["shop", "blog"], expiresAt });
    const inserted = await store.insert(key);
    expect(inserted).toMatchObject(key);
    expect(await store.byId(key.id)).toEqual(inserted);
    expect(await store.byId(newApiKeyId())).toBeUndefined();
  });

  test("a key without projects or end has none, rather than null", async () => {
    const inserted = await storeOf().insert(newKey());
    for (const absent of ["projects", "expiresAt", "revokedAt", "rotatedAt", "lastUsedAt", "previousHash"])
      expect(inserted).not.toHaveProperty(absent);
  });

  test("an org lists its own keys, oldest first, and no other's", async () => {
    const store = storeOf();
    const [first, second] = [await store.insert(newKey()), await store.insert(newKey())];
    await store.insert(newKey({ org: "globex" }));
    expect(await store.list("acme")).toEqual([first, second]);
    expect(await store.list("nobody")).toEqual([]);
  });

  test("rotation keeps the secret before until its grace ends", async () => {
    const store = storeOf();
    const { id } = await store.insert(newKey());
    const graceUntil = new Date(Date.now() + 1000);
    const rotated = await store.rotate("acme", id, { secretHash: hashOf("second"), graceUntil });
    expect(rotated).toMatchObject({
      secretHash: hashOf("second"),
      previousHash: hashOf("first"),
      previousExpiresAt: graceUntil,
    });
    expect(rotated?.rotatedAt).toBeInstanceOf(Date);
  });

  test("a revoked key stays revoked as it was, and rotates no more", async () => {
    const store = storeOf();
    const { id } = await store.insert(newKey());
    const revoked = await store.revoke("acme", id);
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect(await store.revoke("acme", id)).toEqual(revoked);
    const rotation = { secretHash: hashOf("second"), graceUntil: new Date() };
    expect(await store.rotate("acme", id, rotation)).toBeUndefined();
  });

  test("another org neither rotates nor revokes it", async () => {
    const store = storeOf();
    const key = await store.insert(newKey());
    const rotation = { secretHash: hashOf("second"), graceUntil: new Date() };
    expect(await store.rotate("globex", key.id, rotation)).toBeUndefined();
    expect(await store.revoke("globex", key.id)).toBeUndefined();
    expect(await store.byId(key.id)).toEqual(key);
  });

  test("uses are written down for many keys at once", async () => {
    const store = storeOf();
    const [first, second] = [await store.insert(newKey()), await store.insert(newKey())];
    const at = new Date();
    await store.touch([
      { id: first.id, at },
      { id: newApiKeyId(), at },
    ]);
    await store.touch([]);
    expect((await store.byId(first.id))?.lastUsedAt).toEqual(at);
    expect(await store.byId(second.id)).toEqual(second);
  });
}
