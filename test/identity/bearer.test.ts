import { describe, expect, it } from "vitest";
import { createBearerAuthenticator } from "../../src/identity/bearer.ts";

const token = "k3y-with.all_the~b64+chars/=0123";
const settings = { token, org: "local", user: "me", dangerouslyNoAuth: false };

describe("bearer authenticator", () => {
  const authenticate = createBearerAuthenticator(settings);

  it.each([`Bearer ${token}`, `bearer ${token}`, `BEARER  ${token}`])("accepts %s", (header) => {
    expect(authenticate(header)).toEqual({ kind: "bearer", org: "local", user: "me" });
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
  ])("refuses %s", (header) => {
    expect(authenticate(header)).toBeUndefined();
  });

  it("takes every caller for the local user when authentication is off", () => {
    const open = createBearerAuthenticator({ ...settings, dangerouslyNoAuth: true });
    expect(open(undefined)).toEqual({ kind: "local", org: "local", user: "me" });
    expect(open("Bearer wrong")).toEqual({ kind: "local", org: "local", user: "me" });
  });
});
