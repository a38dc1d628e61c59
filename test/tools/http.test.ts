import { afterEach, beforeEach, expect, test } from "vitest";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { pino } from "pino";
import { createMcpHttp } from "../../src/tools/http.ts";
import type { McpHttp } from "../../src/tools/http.ts";
import { openV2 } from "./support/doors.ts";
import { createFakeUseCases } from "./support/fake-use-cases.ts";
import type { FakeUseCases } from "./support/fake-use-cases.ts";
import { startHttpServer } from "./support/http-server.ts";
import type { HttpServer } from "./support/http-server.ts";
import { initializeRequest, modernRequest } from "./support/wire.ts";
import type { Message } from "./support/wire.ts";

let useCases: FakeUseCases;
let server: HttpServer;

beforeEach(async () => {
  useCases = createFakeUseCases();
  server = await startHttpServer(useCases);
});
afterEach(() => server.close());

test.each(["GET", "DELETE"])(
  "answers %s with 405: there is no session to open a stream of or to end",
  async (method) => {
    const response = await fetch(server.url, { method, headers: { accept: "text/event-stream" } });
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  },
);

test("hands out no session id", async () => {
  const response = await post(initializeRequest(1));
  expect(response.status).toBe(200);
  expect(response.headers.get("mcp-session-id")).toBeNull();
});

test("tells modern clients how long lists may be kept, and that everybody's are the same", async () => {
  for (const method of ["tools/list", "server/discover"]) {
    const response = await post(modernRequest(1, method));
    const { result } = (await response.json()) as Message;
    expect(result).toMatchObject({ ttlMs: 300_000, cacheScope: "public" });
  }
});

test.each(["prompts", "resources"])("gives clients that ask for %s all the same an empty list", async (kind) => {
  const response = await post(modernRequest(1, `${kind}/list`));
  expect(((await response.json()) as Message).result).toMatchObject({ [kind]: [], ttlMs: 300_000 });
});

test("refuses a header that does not match the body", async () => {
  const response = await post(modernRequest(1, "tools/list"), { "mcp-method": "tools/call" });
  expect(response.status).toBe(400);
});

test("refuses what is not JSON, and bodies beyond a megabyte", async () => {
  const text = await fetch(server.url, { method: "POST", headers: { "content-type": "text/plain" }, body: "{}" });
  expect(text.status).toBe(415);
  const large = { name: "dev_preview_start", arguments: { command: "x".repeat(1_100_000) } };
  expect((await post(modernRequest(1, "tools/call", large))).status).toBe(413);
});

test.each([{}, { "mcp-protocol-version": "2025-11-25" }])("says of a torn body that it is no JSON %j", async (era) => {
  const headers = { "content-type": "application/json", accept: "application/json, text/event-stream", ...era };
  const response = await fetch(server.url, { method: "POST", headers, body: '{"jsonrpc":' });
  expect(response.status).toBe(400);
  expect(((await response.json()) as Message).error?.code).toBe(-32700);
});

test("binds every call to the context of its own request", async () => {
  const people = Array.from({ length: 20 }, (_, index) => ({ user: `user-${index}`, project: `shop-${index}` }));
  await Promise.all(
    people.map(async ({ user, project }, index) => {
      const requestInit = { headers: { "x-user": user, "x-project-slug": project } };
      const transport = new StreamableHTTPClientTransport(server.url, { requestInit });
      const client = await openV2(transport, index % 2 === 0 ? "legacy" : { pin: "2026-07-28" });
      const result = await client.call("dev_preview_start", { name: `p${index}` });
      expect(result.structuredContent).toMatchObject({ project });
      await client.close();
    }),
  );
  const started = useCases.events.filter((event) => event.startsWith("start "));
  const expected = people.map(({ user, project }, index) => `start p${index} by ${user} in ${project}`);
  expect(started.toSorted()).toEqual(expected.toSorted());
});

test.each([
  ["a tool that starts, with a scope that reads", "dev_preview_start", "preview:read", "preview:write"],
  ["a tool that stops, with a scope that reads", "dev_preview_stop", "preview:read", "preview:write"],
  ["a tool that reads, without any scope", "dev_preview_list", "", "preview:read"],
])("answers 403 and names the scope for %s", async (_, name, held, wanted) => {
  const { params } = callOf("web");
  for (const request of [
    { jsonrpc: "2.0", id: 7, method: "tools/call", params: { name, arguments: {} } } as const,
    modernRequest(7, "tools/call", { ...params, name, arguments: {} }),
  ]) {
    const before = useCases.events.length;
    const response = await post(request, { "x-scopes": held });
    expect(response.status).toBe(403);
    expect(response.headers.get("www-authenticate")).toContain(`error="insufficient_scope", scope="${wanted}"`);
    expect(await response.json()).toMatchObject({ jsonrpc: "2.0", id: 7, error: { code: -32_001 } });
    expect(useCases.events).toHaveLength(before);
  }
});

test("lets a call through with the scope that its tool needs, or a greater one", async () => {
  for (const scopes of ["preview:read", "preview:write", "admin"]) {
    const call = { ...callOf("web"), params: { name: "dev_preview_list", arguments: {} } };
    expect((await post(call, { "x-scopes": scopes })).status).toBe(200);
  }
});

test.each([
  ["2025", callOf("slow")],
  ["2026", modernRequest(1, "tools/call", callOf("slow").params)],
])("ends the wait when the client of a %s call goes away", async (_, message) => {
  const leave = new AbortController();
  const call = post(message, {}, leave.signal).then((response) => response.text());
  const left = expect(call).rejects.toThrow();
  await useCases.happened("slow waits");
  leave.abort();
  await left;
  await useCases.happened("slow cancelled");
});

test("ends modern calls in flight when it closes, and refuses further ones with 503", async () => {
  const mcp: McpHttp = createMcpHttp({ useCases, version: "1.2.3", logger: pino({ level: "silent" }) });
  const context = {
    principal: { kind: "local", org: "local", user: "ada", scopes: ["operator"] },
    requestId: "r",
  } as const;
  const inFlight = mcp.fetch(requestOf(modernRequest(1, "tools/call", callOf("slow").params)), context);
  await useCases.happened("slow waits");
  await mcp.close();
  await useCases.happened("slow cancelled");
  expect((await inFlight).ok).toBe(false);
  expect((await mcp.fetch(requestOf(modernRequest(2, "tools/list")), context)).status).toBe(503);
  await mcp.close();
});

function callOf(name: string): Message {
  return { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "dev_preview_start", arguments: { name } } };
}

async function post(message: Message, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return await fetch(requestOf(message, headers), { ...(signal !== undefined && { signal }) });
}

/** As clients of either revision send it. */
function requestOf(message: Message, headers: Record<string, string> = {}): Request {
  const modern = message.params?.["_meta"] !== undefined;
  const name = message.params?.["name"];
  return new Request(server.url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": modern ? "2026-07-28" : "2025-11-25",
      ...(modern && { "mcp-method": String(message.method) }),
      ...(modern && typeof name === "string" && { "mcp-name": name }),
      ...headers,
    },
    body: JSON.stringify(message),
  });
}
