import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ApiKeyStore } from "../../src/db/api-key-store.ts";
import { createApiKeys } from "../../src/identity/api-keys.ts";
import type { ApiKeys } from "../../src/identity/api-keys.ts";
import { createKeyAuthenticator } from "../../src/identity/key-authenticator.ts";
import type { KeyAuthenticator } from "../../src/identity/key-authenticator.ts";
import type { Principal } from "../../src/identity/context.ts";
import { createLogger } from "../../src/logger.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";

const admin: Principal = { kind: "key", org: "acme", user: "ada", scopes: ["admin"] };
const input = { label: "tests", scopes: ["preview:write" as const], projects: ["shop"] };

let now: number;
let lookUps: number;
let store: ApiKeyStore;
let keys: ApiKeys;
let holders: KeyAuthenticator;
beforeEach(() => {
  now = Date.now();
  lookUps = 0;
  const memory = memoryApiKeys();
  store = {
    ...memory,
    byId: (id) => {
      lookUps += 1;
      return memory.byId(id);
    },
  };
  const clock = { now: () => now };
  holders = createKeyAuthenticator({ store, clock, logger: createLogger("silent") });
  keys = createApiKeys({ store, clock, onChange: (id) => holders.forget(id) });
});
afterEach(() => holders.close());

describe("a key proves", () => {
  it("its org, user, scopes and projects", async () => {
    const { key, text } = await keys.create(admin, input);
    expect(await holders.authenticate(text)).toEqual({
      kind: "key",
      org: "acme",
      user: "ada",
      scopes: ["preview:write"],
      projects: ["shop"],
      keyId: key.id,
    });
  });

  it.each([
    ["another secret", (text: string) => text.slice(0, -1) + (text.endsWith("A") ? "B" : "A")],
    ["another id", (text: string) => text.replace(/_[0-9a-f]/, (found) => (found === "_0" ? "_1" : "_0"))],
    ["more behind it", (text: string) => `${text}A`],
    ["capitals", (text: string) => text.toUpperCase()],
    ["no secret", (text: string) => text.slice(0, 21)],
  ])("nothing with %s", async (_, change) => {
    const { text } = await keys.create(admin, input);
    expect(await holders.authenticate(change(text))).toBeUndefined();
    expect(await holders.authenticate(text)).toBeDefined();
  });

  it("nothing once its life is over", async () => {
    const { text } = await keys.create(admin, { ...input, ttlSeconds: 60 });
    now += 59_999;
    expect(await holders.authenticate(text)).toBeDefined();
    now += 1;
    expect(await holders.authenticate(text)).toBeUndefined();
  });

  it("nothing once it is revoked: here at once, on another plane within a second", async () => {
    const elsewhere = createKeyAuthenticator({ store, clock: { now: () => now }, logger: createLogger("silent") });
    const { key, text } = await keys.create(admin, input);
    expect(await elsewhere.authenticate(text)).toBeDefined();
    expect(await holders.authenticate(text)).toBeDefined();
    await keys.revoke(admin, key.id);
    expect(await holders.authenticate(text)).toBeUndefined();
    now += 1000;
    expect(await elsewhere.authenticate(text)).toBeUndefined();
    await elsewhere.close();
  });

  it("with the secret before its rotation as long as the grace lasts", async () => {
    const first = await keys.create(admin, input);
    const second = await keys.rotate(admin, first.key.id, { graceSeconds: 10 });
    now += 9999;
    expect(await holders.authenticate(first.text)).toBeDefined();
    now += 1;
    expect(await holders.authenticate(first.text)).toBeUndefined();
    expect(await holders.authenticate(second.text)).toBeDefined();
  });
});

describe("looking keys up", () => {
  it("asks the database once a second, for keys that do not exist too", async () => {
    const { text } = await keys.create(admin, input);
    const absent = `dpk_${"0".repeat(16)}_${"A".repeat(43)}`;
    for (const given of [text, text, absent, absent]) await holders.authenticate(given);
    expect(lookUps).toBe(2);
    now += 1000;
    await holders.authenticate(text);
    expect(lookUps).toBe(3);
  });

  it("asks again after the database failed, and says so meanwhile", async () => {
    const { text } = await keys.create(admin, input);
    const failing = createKeyAuthenticator({
      store: { ...store, byId: () => Promise.reject(new Error("no database")) },
      clock: { now: () => now },
      logger: createLogger("silent"),
    });
    await expect(failing.authenticate(text)).rejects.toThrow("no database");
    await failing.close();
    expect(await holders.authenticate(text)).toBeDefined();
  });

  it("writes the last use down when it ends", async () => {
    const { key, text } = await keys.create(admin, input);
    await holders.authenticate(text);
    await holders.authenticate(`${text.slice(0, -1)}${text.endsWith("A") ? "B" : "A"}`);
    await holders.close();
    expect((await store.byId(key.id))?.lastUsedAt).toEqual(new Date(now));
  });
});
