import { describe, expect, it } from "vitest";
import { createBearerAuthenticator } from "../../src/identity/bearer.ts";

const token = "k3y-with.all_the~b64+chars/=0123";
const settings = { token, org: "local", user: "me", dangerouslyNoAuth: false };

describe("bearer authenticator", () => {
  const authenticate = createBearerAuthenticator(settings);

  it.each([`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token}`])("accepts %s", async (header) => {
    expect(await authenticate(header)).toEqual({ kind: "bearer", org: "local", user: "me", scopes: ["operator"] });
  });

  it.each([
    undefined,
    "",
    "Bearer",
    "Bearer ",
    token,
    `Basic ${token}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.toUpperCase()}`,
    `Bearer ${token} ${token}`,
    `Bearer ${token}, Bearer ${token}`,
    ` Bearer ${token}`,
  ])("refuses %s", async (header) => {
    expect(await authenticate(header)).toBeUndefined();
  });

  it("takes every caller for the local user when authentication is off", async () => {
    const open = createBearerAuthenticator({ ...settings, dangerouslyNoAuth: true });
    const local = { kind: "local", org: "local", user: "me", scopes: ["operator"] };
    expect(await open(undefined)).toEqual(local);
    expect(await open("Bearer wrong")).toEqual(local);
  });

  it("asks the others in turn for a token that is not the plane's own", async () => {
    const asked: string[] = [];
    const ada = { kind: "key", org: "acme", user: "ada", scopes: ["preview:read"] } as const;
    const others = [
      async (given: string) => void asked.push(`1 ${given}`),
      async (given: string) => (asked.push(`2 ${given}`), given === "known-key" ? ada : undefined),
    ];
    const both = createBearerAuthenticator({ ...settings, others });
    expect(await both("Bearer known-key")).toEqual(ada);
    expect(await both("Bearer unknown")).toBeUndefined();
    expect(await both(`Bearer ${token}`)).toMatchObject({ kind: "bearer" });
    expect(asked).toEqual(["1 known-key", "2 known-key", "1 unknown", "2 unknown"]);
  });
});
