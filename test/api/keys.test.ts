import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiKeyList, mintedKeyOutput } from "../../src/api/api-key-schemas.ts";
import { problemDetails } from "../../src/api/problem-details.ts";
import { createClient } from "../../src/client/client.ts";
import { systemClock } from "../../src/clock.ts";
import { createApiKeys } from "../../src/identity/api-keys.ts";
import { createBearerAuthenticator } from "../../src/identity/bearer.ts";
import { createKeyAuthenticator } from "../../src/identity/key-authenticator.ts";
import { createLogger } from "../../src/logger.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";
import { authorized, listenControl, token } from "./support/control-listener.ts";

const store = memoryApiKeys();
const holders = createKeyAuthenticator({ store, clock: systemClock, logger: createLogger("silent") });
const authenticate = createBearerAuthenticator({
  token,
  org: "local",
  user: "me",
  dangerouslyNoAuth: false,
  others: [(given) => holders.authenticate(given)],
});
let control: Awaited<ReturnType<typeof listenControl>>;
beforeAll(async () => {
  const keys = createApiKeys({ store, clock: systemClock, onChange: (id) => holders.forget(id) });
  control = await listenControl({ keys, authenticate });
});
afterAll(async () => {
  await control.close();
  await holders.close();
});

const operator = () => createClient({ url: control.url, token });
const withKey = (key: string) => ({ authorization: `Bearer ${key}`, "content-type": "application/json" });

describe("/v1/keys", () => {
  it("makes a key that works until it is revoked", async () => {
    const { key, id } = await operator().keys.create({ label: "ci", scopes: ["preview:read"], org: "acme" });
    const asAcme = createClient({ url: control.url, token: key });
    expect(await asAcme.projects.list()).toEqual([]);
    expect(control.calls.at(-1)!.context.principal).toMatchObject({ kind: "key", org: "acme", keyId: id });
    expect(await operator().keys.revoke(id, { org: "acme" })).toMatchObject({ status: "revoked" });
    await expect(asAcme.projects.list()).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("lists keys without their text, with whether they are active", async () => {
    const { key } = await operator().keys.create({ label: "listed", scopes: ["admin"], org: "globex" });
    const answer = await fetch(`${control.url}/v1/keys`, { headers: withKey(key) });
    const text = await answer.text();
    expect(apiKeyList.parse(JSON.parse(text)).keys).toMatchObject([{ label: "listed", status: "active" }]);
    expect(text).not.toContain(key.slice(21));
  });

  it("rotates a key: the secret before ends at once, or after its grace", async () => {
    const first = await operator().keys.create({ label: "turned", scopes: ["preview:read"] });
    const second = await operator().keys.rotate(first.id, { graceSeconds: 60 });
    for (const { key } of [first, second])
      expect(await createClient({ url: control.url, token: key }).projects.list()).toEqual([]);
    const third = await operator().keys.rotate(first.id);
    expect(await createClient({ url: control.url, token: third.key }).projects.list()).toEqual([]);
    await expect(createClient({ url: control.url, token: second.key }).projects.list()).rejects.toMatchObject({
      code: "unauthenticated",
    });
  });

  it("is refused to a key without scope admin, and the challenge names the scope", async () => {
    const { key } = await operator().keys.create({ label: "small", scopes: ["preview:write"] });
    const answer = await fetch(`${control.url}/v1/keys`, { headers: withKey(key) });
    expect(answer.status).toBe(403);
    expect(answer.headers.get("www-authenticate")).toBe(
      'Bearer realm="dev-preview", error="insufficient_scope", scope="admin"',
    );
    expect(problemDetails.parse(await answer.json()).code).toBe("insufficient_scope");
  });

  it.each([
    ["an operator's scope", { label: "x", scopes: ["operator"] }],
    ["no scope", { label: "x", scopes: [] }],
    ["a label that breaks lines", { label: "a\nb", scopes: ["admin"] }],
    ["a secret of its own", { label: "x", scopes: ["admin"], secret: "mine" }],
  ])("refuses %s", async (_, body) => {
    const headers = { ...authorized, "content-type": "application/json" };
    const answer = await fetch(`${control.url}/v1/keys`, { method: "POST", headers, body: JSON.stringify(body) });
    expect(answer.status).toBe(400);
  });

  it("answers 404 alike for a key of another org and for none", async () => {
    const other = await operator().keys.create({ label: "theirs", scopes: ["admin"], org: "initech" });
    const mine = mintedKeyOutput.parse(await operator().keys.create({ label: "m", scopes: ["admin"], org: "acme" }));
    const answers = await Promise.all(
      [other.id, "0".repeat(16)].map((id) =>
        fetch(`${control.url}/v1/keys/${id}`, { method: "DELETE", headers: withKey(mine.key) }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([404, 404]);
  });
});
