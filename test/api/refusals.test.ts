import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { authorized, listenControl, rawBytes, rawRequest, token } from "./support/control-listener.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
beforeAll(async () => {
  control = await listenControl();
});
afterAll(() => control.close());
beforeEach(() => void control.calls.splice(0));

const routes = [
  { method: "POST", path: "/v1/previews", body: "{}" },
  { method: "POST", path: "/v1/links", body: "{}" },
  { method: "POST", path: "/v1/stops", body: "{}" },
  { method: "GET", path: "/v1/previews" },
  { method: "GET", path: "/v1/projects" },
  { method: "GET", path: "/v1/openapi.json" },
  { method: "PUT", path: "/v1/projects/shop", body: '{"workspaceRoot":"/w"}' },
  { method: "DELETE", path: "/v1/projects/shop" },
  { method: "POST", path: "/mcp", body: "{}" },
  { method: "GET", path: "/nowhere" },
];

const json = { "content-type": "application/json" };

describe.each(routes)("$method $path", (route) => {
  const send = (headers: Record<string, string>) =>
    rawRequest(control.port, { ...route, headers: { ...json, ...headers } });

  it("refuses a foreign Host, a right token notwithstanding", async () => {
    const answer = await send({ ...authorized, host: `evil.example.com:${control.port}` });
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ code: "forbidden", status: 403 });
    expect(answer.text).not.toContain("evil.example.com");
    expect(control.calls).toEqual([]);
  });

  it("refuses a foreign Origin, a right token notwithstanding", async () => {
    const answer = await send({ ...authorized, origin: "http://localhost:5173" });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(control.calls).toEqual([]);
  });

  it.each([
    ["no token", {}, 'Bearer realm="dev-preview"'],
    ["a wrong token", { authorization: `Bearer ${token}x` }, 'Bearer realm="dev-preview", error="invalid_token"'],
    ["another scheme", { authorization: `Basic ${token}` }, 'Bearer realm="dev-preview", error="invalid_token"'],
  ])("refuses %s", async (_, headers, challenge) => {
    const answer = await send(headers);
    expect(answer.status).toBe(401);
    expect(answer.headers["www-authenticate"]).toBe(challenge);
    expect(answer.headers["content-type"]).toContain("application/problem+json");
    expect(JSON.parse(answer.text)).toMatchObject({ code: "unauthenticated", retryable: false });
    expect(answer.text).not.toContain(token);
    expect(control.calls).toEqual([]);
  });
});

describe("a caller with the right token", () => {
  it.each([
    ["the bound address", {}],
    ["localhost", { host: "localhost:1" }],
    ["a listed name", { host: "plane.example.com" }],
    ["the listener's own origin", { host: "localhost:80", origin: "http://localhost" }],
    ["a listed origin", { origin: "https://ide.example.com" }],
  ])("is let in by %s", async (_, headers) => {
    const answer = await rawRequest(control.port, { path: "/v1/projects", headers: { ...authorized, ...headers } });
    expect(answer.status).toBe(200);
    expect(control.calls.map(({ method }) => method)).toEqual(["listProjects"]);
  });

  it.each([
    ["two Host headers", ["host: localhost", "host: evil.example.com"]],
    ["two Host headers, the good one last", ["host: evil.example.com", "host: localhost"]],
    ["no Host", []],
    ["a Host that is no host", ["host: local host"]],
  ])("is refused with %s", async (_, hostLines) => {
    const head = ["GET /v1/projects HTTP/1.1", ...hostLines, `authorization: Bearer ${token}`, "connection: close"];
    const answer = await rawBytes(control.port, `${head.join("\r\n")}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 40[03] /);
    expect(control.calls).toEqual([]);
  });

  it("is refused with a foreign Host even when the request target names this plane", async () => {
    const target = `http://localhost:${control.port}/v1/projects`;
    const head = `GET ${target} HTTP/1.1\r\nhost: evil.example.com\r\nauthorization: Bearer ${token}\r\nconnection: close`;
    expect(await rawBytes(control.port, `${head}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(control.calls).toEqual([]);
  });
});

describe("CORS", () => {
  const preflight = (origin: string) =>
    rawRequest(control.port, {
      method: "OPTIONS",
      path: "/v1/previews",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization" },
    });

  it("answers the preflight of a listed origin", async () => {
    const answer = await preflight("https://ide.example.com");
    expect(answer.status).toBe(204);
    expect(answer.headers["access-control-allow-origin"]).toBe("https://ide.example.com");
    expect(answer.headers["access-control-allow-headers"]).toContain("authorization");
  });

  it("refuses the preflight of any other", async () => {
    const answer = await preflight("https://evil.example.com");
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
  });
});

describe("health", () => {
  it("answers without a token, and not under a foreign name", async () => {
    const alive = await rawRequest(control.port, { path: "/healthz" });
    expect(alive.status).toBe(200);
    expect(JSON.parse(alive.text)).toEqual({
      status: "ok",
      service: "dev-preview",
      planeId: "plane-1",
      version: "1.2.3",
    });
    expect((await rawRequest(control.port, { path: "/readyz" })).status).toBe(200);
    expect((await rawRequest(control.port, { path: "/healthz", headers: { host: "evil.example.com" } })).status).toBe(
      403,
    );
  });

  it.each([
    { database: false, gateway: true },
    { database: true, gateway: false },
  ])("is not ready with %o", async (report) => {
    const other = await listenControl({ readiness: async () => report });
    try {
      const answer = await rawRequest(other.port, { path: "/readyz" });
      expect(answer.status).toBe(503);
      expect(JSON.parse(answer.text)).toEqual(report);
    } finally {
      await other.close();
    }
  });
});
