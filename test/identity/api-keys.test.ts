import { beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { createApiKeys } from "../../src/identity/api-keys.ts";
import type { ApiKeys } from "../../src/identity/api-keys.ts";
import type { Principal } from "../../src/identity/context.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";

const admin: Principal = { kind: "key", org: "acme", user: "ada", scopes: ["admin"] };
const writer: Principal = { ...admin, scopes: ["preview:write"] };
const operator: Principal = { kind: "bearer", org: "local", user: "local", scopes: ["operator"] };
const input = { label: "orchestrator", scopes: ["preview:write" as const] };

let keys: ApiKeys;
let changed: string[];
beforeEach(() => {
  changed = [];
  keys = createApiKeys({ store: memoryApiKeys(), clock: systemClock, onChange: (id) => void changed.push(id) });
});

describe("an API key", () => {
  it("is shown whole once, and never with a hash", async () => {
    const { key, text } = await keys.create(admin, input);
    expect(text).toMatch(new RegExp(`^dpk_${key.id}_[A-Za-z0-9_-]{43}$`));
    for (const answer of [key, ...(await keys.list(admin)), await keys.revoke(admin, key.id)])
      expect(Object.keys(answer).filter((name) => /hash/i.test(name))).toEqual([]);
  });

  it("stands for its maker, or for the user that was named", async () => {
    expect((await keys.create(admin, input)).key).toMatchObject({ org: "acme", userName: "ada" });
    expect((await keys.create(admin, { ...input, user: "bob" })).key).toMatchObject({ userName: "bob" });
  });

  it("gets another secret by rotation, under the same id", async () => {
    const first = await keys.create(admin, input);
    const second = await keys.rotate(admin, first.key.id, { graceSeconds: 0 });
    expect(second.key.id).toBe(first.key.id);
    expect(second.text).not.toBe(first.text);
    expect(changed).toEqual([first.key.id]);
  });

  it("is forgotten by caches once it is revoked", async () => {
    const { key } = await keys.create(admin, input);
    await keys.revoke(admin, key.id);
    expect(changed).toEqual([key.id]);
  });
});

describe("who manages keys", () => {
  it("is an administrator of the org, and the operator for any org", async () => {
    const { key } = await keys.create(operator, { ...input, org: "acme" });
    expect(key.org).toBe("acme");
    expect(await keys.list(admin)).toEqual([key]);
    expect(await keys.list(operator, "acme")).toEqual([key]);
    expect((await keys.revoke(operator, key.id, { org: "acme" })).revokedAt).toBeDefined();
  });

  it.each([
    ["without scope admin", writer],
    ["bound to some projects", { ...admin, projects: ["shop"] }],
  ])("is nobody %s", async (_, principal) => {
    const { key } = await keys.create(admin, input);
    const refused = { code: "insufficient_scope" };
    await expect(keys.create(principal, input)).rejects.toMatchObject(refused);
    await expect(keys.list(principal)).rejects.toMatchObject(refused);
    await expect(keys.rotate(principal, key.id, { graceSeconds: 0 })).rejects.toMatchObject(refused);
    await expect(keys.revoke(principal, key.id)).rejects.toMatchObject(refused);
  });

  it("is no administrator of another org, whose keys look like absent ones", async () => {
    const { key } = await keys.create(operator, { ...input, org: "globex" });
    await expect(keys.list(admin, "globex")).rejects.toMatchObject({ code: "insufficient_scope" });
    const errors = await Promise.all(
      [key.id, "0".repeat(16)].map(async (id) => await keys.revoke(admin, id).catch((error: unknown) => error)),
    );
    const told = errors.map((error) => String(error).replaceAll(/[0-9a-f]{16}/g, "<id>"));
    expect(told[0]).toBe(told[1]);
    expect(errors[0]).toMatchObject({ code: "key_not_found" });
  });
});
