import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { authorized, listenControl, rawRequest } from "./support/control-listener.ts";

const issuer = "https://id.example.com/realms/acme";
const path = "/.well-known/oauth-protected-resource";

describe("a plane with an identity provider", () => {
  let control: Awaited<ReturnType<typeof listenControl>>;
  beforeAll(async () => {
    control = await listenControl({ authorization: { issuer } });
  });
  afterAll(() => control.close());

  it.each([
    [path, ""],
    [`${path}/mcp`, "/mcp"],
  ])("tells everybody at %s where tokens come from", async (at, resource) => {
    const answer = await fetch(control.url + at);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({
      resource: control.url + resource,
      authorization_servers: [issuer],
      scopes_supported: ["preview:read", "preview:write", "admin"],
      bearer_methods_supported: ["header"],
    });
  });

  it("names the metadata where it refuses a call without a token", async () => {
    for (const [at, metadata] of [
      ["/mcp", `${path}/mcp`],
      ["/v1/previews", path],
    ]) {
      const answer = await rawRequest(control.port, { method: "POST", path: at!, body: "{}" });
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toBe(
        `Bearer realm="dev-preview", resource_metadata="http://127.0.0.1:${control.port}${metadata}"`,
      );
    }
  });

  it("names no address that a forged Host made up", async () => {
    const answer = await rawRequest(control.port, { path, headers: { host: "evil.example.com" } });
    expect(answer.status).toBe(403);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain("evil");
  });
});

it("a plane behind an edge names its public address", async () => {
  const control = await listenControl({ authorization: { issuer, publicUrl: "https://plane.example.com" } });
  const answer = await fetch(`${control.url}${path}/mcp`);
  expect(await answer.json()).toMatchObject({ resource: "https://plane.example.com/mcp" });
  await control.close();
});

it("a plane without a provider has no metadata, and names none", async () => {
  const control = await listenControl();
  const answer = await rawRequest(control.port, { path });
  expect(answer.status).toBe(401);
  expect(answer.headers["www-authenticate"]).not.toContain("resource_metadata");
  expect((await rawRequest(control.port, { path, headers: authorized })).status).toBe(404);
  await control.close();
});
