import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { problemDetails } from "../../src/api/problem-details.ts";
import { startInput } from "../../src/preview/contract.ts";
import { authorized, listenControl } from "./support/control-listener.ts";

let control: Awaited<ReturnType<typeof listenControl>>;
beforeAll(async () => {
  control = await listenControl();
});
afterAll(() => control.close());
beforeEach(() => void control.calls.splice(0));

const headers = { ...authorized, "content-type": "application/json" };
const call = (path: string, init: { method?: string; body?: string; headers?: Record<string, string> } = {}) =>
  fetch(control.url + path, { ...init, headers: { ...headers, ...init.headers } });
const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
  call(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body), headers: more });

describe("inputs", () => {
  it("fills in the defaults of the contract", async () => {
    await post("/v1/previews", {});
    expect(control.calls[0]!.input).toEqual(startInput.parse({}));
  });

  it("reads query strings by the same rules", async () => {
    await post("/v1/previews", {});
    const answer = await call("/v1/previews/web/logs?limit=7&waitSeconds=0.5&grep=err&cursor=9");
    expect(answer.status).toBe(200);
    await call("/v1/previews?includeStopped=true");
    expect(control.calls.slice(1).map(({ input }) => input)).toEqual([
      { name: "web", limit: 7, waitSeconds: 0.5, grep: "err", cursor: "9" },
      { includeStopped: true },
    ]);
  });

  it.each([
    ["POST", "/v1/previews", { project: "other" }, "project"],
    ["POST", "/v1/previews", { sandboxId: "x", name: "web" }, "sandboxId"],
    ["POST", "/v1/links", { org: "x" }, "org"],
    ["POST", "/v1/stops", { workspace: "x" }, "workspace"],
    ["PUT", "/v1/projects/shop", { workspaceRoot: "/w", org: "x" }, "org"],
    ["GET", "/v1/previews?project=other", undefined, "project"],
    ["GET", "/v1/previews/web?x=1", undefined, "x"],
    ["GET", "/v1/previews/web/logs?name=other", undefined, "name"],
    ["POST", "/v1/previews?dryRun=1", {}, "dryRun"],
    ["GET", "/v1/projects?org=x", undefined, "org"],
  ])("%s %s with %o refuses the unknown key %s by name", async (method, path, body, key) => {
    const answer = await call(path, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    expect(answer.status).toBe(400);
    const problem = problemDetails.parse(await answer.json());
    expect(problem.code).toBe("invalid_input");
    expect(problem.errors).toEqual([{ path: key, message: "no such field" }]);
    expect(problem.detail).toContain(key);
    expect(control.calls).toEqual([]);
  });

  it("lists every field that is wrong, with its path", async () => {
    const answer = await post("/v1/previews", { name: "Not OK", port: 80, env: { "A-B": "1" }, waitSeconds: 46 });
    const { errors } = problemDetails.parse(await answer.json());
    expect(errors!.map(({ path }) => path).sort()).toEqual(["env.A-B", "name", "port", "waitSeconds"]);
  });

  it.each([
    ["/v1/previews?includeStopped=maybe"],
    ["/v1/previews/web/logs?limit=many"],
    ["/v1/previews/web/logs?limit="],
    ["/v1/previews/web/logs?limit=1&limit=2"],
    ["/v1/previews/NOT%20OK"],
    ["/v1/projects/..%2f"],
  ])("refuses GET %s", async (path) => {
    const answer = await call(path);
    expect(answer.status).toBe(400);
    expect(control.calls).toEqual([]);
  });

  it.each([
    ["text that is not JSON", "{", {}],
    ["another content type", "{}", { "content-type": "text/plain" }],
    ["a form", "a=b", { "content-type": "application/x-www-form-urlencoded" }],
    ["an array", "[]", {}],
    ["null", "null", {}],
  ])("refuses %s as a body", async (_, body, more) => {
    const answer = await post("/v1/previews", body, more);
    expect(answer.status).toBe(400);
    expect(problemDetails.parse(await answer.json()).code).toBe("invalid_input");
    expect(control.calls).toEqual([]);
  });
});

describe("headers", () => {
  it("bind project, session and request id to the call", async () => {
    const answer = await post("/v1/previews", {}, { "x-session-id": "session-1", "x-request-id": "req.1-a_b" });
    expect(answer.headers.get("x-request-id")).toBe("req.1-a_b");
    expect(control.calls[0]!.context).toEqual({
      principal: { kind: "bearer", org: "local", user: "me", scopes: ["operator"] },
      projectSlug: "shop",
      sessionId: "session-1",
      requestId: "req.1-a_b",
    });
  });

  it.each(["", "has space", "a\tb", "<script>", "x".repeat(129)])(
    "replaces the malformed request id %j",
    async (id) => {
      const answer = await post("/v1/previews", {}, { "x-request-id": id });
      expect(answer.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    },
  );

  it.each([
    ["x-project-slug", "Not A Slug"],
    ["x-project-slug", "-shop"],
    ["x-project-slug", "../shop"],
    ["x-session-id", "a b"],
  ])("refuses the malformed %s %j", async (name, value) => {
    const answer = await post("/v1/previews", {}, { [name]: value });
    expect(answer.status).toBe(400);
    expect(problemDetails.parse(await answer.json()).errors![0]!.path).toBe(name);
    expect(control.calls).toEqual([]);
  });

  it("mark answers that carry links as not to be stored", async () => {
    expect((await post("/v1/links", {})).headers.get("cache-control")).toBe("no-store");
  });
});

describe("bodies", () => {
  const filler = (bytes: number) => JSON.stringify({ command: "x".repeat(bytes) });

  it("are refused beyond 1 MiB on /v1", async () => {
    const answer = await post("/v1/previews", filler(1024 * 1024));
    expect(answer.status).toBe(413);
    expect(problemDetails.parse(await answer.json()).code).toBe("body_too_large");
  });

  it("are refused beyond 1 MiB when their length is not declared", async () => {
    const chunks = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(65536))),
    });
    const init = { method: "POST", headers, body: chunks, duplex: "half" as const };
    const answer = await fetch(`${control.url}/v1/previews`, init);
    expect(answer.status).toBe(413);
    expect(control.calls).toEqual([]);
  });

  it("may have 4 MiB on /mcp, not more", async () => {
    expect((await post("/mcp", "x".repeat(4 * 1024 * 1024))).status).toBe(200);
    expect((await post("/mcp", "x".repeat(4 * 1024 * 1024 + 1))).status).toBe(413);
  });

  it("reach /mcp whole, chunked or not, with the principal", async () => {
    expect(await (await post("/mcp", "hello")).json()).toEqual({ got: "hello", org: "local" });
    expect((await post("/mcp", "hello", { "x-request-id": "r-mcp" })).headers.get("x-request-id")).toBe("r-mcp");
    const chunked = new Blob(["hel", "lo"]).stream();
    const init = { method: "POST", headers, body: chunked, duplex: "half" as const };
    expect(await (await fetch(`${control.url}/mcp`, init)).json()).toEqual({ got: "hello", org: "local" });
  });
});
