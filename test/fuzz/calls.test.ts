import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { loadConfig } from "../../src/config.ts";
import { PreviewError } from "../../src/errors.ts";
import { createLogger } from "../../src/logger.ts";
import { startPlane } from "../../src/main.ts";
import type { Plane } from "../../src/main.ts";
import { positionIn, printLogCursor } from "../../src/preview/log-cursor.ts";
import { anyJson, anyText, fuzz, mutated } from "./support/fuzz.ts";
import { neighbourOf } from "./support/json-schema.ts";
import type { Schema, Tame } from "./support/json-schema.ts";

const token = "the-operators-own-token-0123456789";
/** Of the two long properties; the test's own bound is 30 s. */
const longMs = 10_000;

let folder: string;
let plane: Plane;
let document: Document;
let tools: readonly { readonly name: string; readonly inputSchema: Schema }[];
let credentials: readonly string[];
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "fuzz-calls-")));
  await mkdir(join(folder, "local", "app"), { recursive: true });
  const flags = {
    stateDir: join(folder, "state"),
    controlPort: 0,
    gatewayPort: 0,
    gatewayWorkers: 1,
    portRange: "25000-25099",
    token,
    defaultCommand: "true",
    toolsets: ["inspect"],
    orgWorkspaces: join(folder, "{org}"),
  };
  const config = loadConfig({ env: {}, cwd: folder, flags });
  plane = await startPlane(config, { logger: createLogger("silent"), version: "0.0.0", hostEnv: process.env });
  const client = createClient({ url: plane.controlUrl, token, project: "app" });
  await client.projects.put("app", { workspaceRoot: join(folder, "local", "app") });
  const { key } = await client.keys.create({ label: "fuzz", scopes: ["admin"] });
  credentials = [token, key];
  document = (await (await send("GET", "/v1/openapi.json", {})).json()) as Document;
  const listed = await send("POST", "/mcp", { body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }) });
  tools = (messageIn(await listed.text())["result"] as { tools: typeof tools }).tools;
});
afterAll(async () => {
  await plane.close();
  await rm(folder, { recursive: true, force: true });
});

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

function send(
  method: string,
  path: string,
  options: { readonly body?: string; readonly credential?: string; readonly headers?: Record<string, string> },
): Promise<Response> {
  const { body, credential = token, headers = {} } = options;
  return fetch(new URL(path, plane.controlUrl), {
    method,
    signal: AbortSignal.timeout(10_000),
    headers: {
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${credential}`,
      "x-project-slug": "app",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    ...(body === undefined ? {} : { body }),
  });
}

/** JSON as it is, or the first message of an event stream. */
function messageIn(text: string): Record<string, unknown> {
  const data = text.startsWith("{") ? text : /^data: (.*)$/m.exec(text)?.[1];
  return data === undefined ? {} : (JSON.parse(data) as Record<string, unknown>);
}

/** The SDK gives a message that lacks what its method needs the code of a fault, and says what is missing. */
function isSchemaRefusal(text: string): boolean {
  return text.includes(String.raw`"code":-32603,"message":"[\n  {`) && text.includes("Invalid input");
}

async function isNoFault(answer: Response): Promise<void> {
  // a stream of events has no end
  const isLive =
    (answer.headers.get("content-type") ?? "").startsWith("text/event-stream") && answer.url.includes("/v1/");
  const text = isLive ? "" : await answer.text();
  if (isLive) await answer.body?.cancel();
  expect({ status: answer.status, text }).not.toMatchObject({ status: 500 });
  expect(text).not.toContain('"code":"internal"');
  if (!isSchemaRefusal(text)) expect(text).not.toContain("-32603");
}

/** Nothing that these calls start may do anything, or be waited for. */
const tame: Tame = {
  command: fc.constantFrom<unknown>(
    "true",
    "true",
    "true",
    "exit 3",
    "",
    " ",
    "\0",
    "tr\0ue",
    5,
    null,
    ["true"],
    "x".repeat(5_000),
  ),
  waitSeconds: fc.constantFrom<unknown>(0, 0, 0, 0.01, 0.1, 1, 1, -1, 46, 1e9, "0", null),
  workspaceRoot: fc.oneof(anyText, fc.constantFrom<unknown>("/", "/proc/self", "/dev/null", "/a\0b", "/%00", null, {})),
  port: fc.constantFrom<unknown>(25_050, 25_051, 25_052, 25_053, 1, 0, 65_536, 1.5, "25050", null),
};
const near = {
  tame,
  resolve: (reference: string): Schema => document.components.schemas[reference.split("/").at(-1)!] ?? {},
};
/** What may stand in a URL or a header. */
const printable = fc.oneof(
  anyText.map((text) => encodeURIComponent(Buffer.from(text).toString())),
  fc.string({ unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)), maxLength: 20 }),
  fc.constantFrom("web", "app", "0123456789abcdef", "true", "1", "%", "%zz", "..", "%2e%2e", "%2f"),
);

function operationsOf(): fc.Arbitrary<() => Promise<Response>> {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const calls = all.map(({ path, method, operation }) => {
    const schema = operation.requestBody?.content["application/json"]?.schema;
    const named = (place: string) => (operation.parameters ?? []).filter((each) => each.in === place);
    const headers = named("header").map(({ name }) => name.toLowerCase());
    return fc
      .record({
        credential: fc.constantFrom(...credentials),
        places: fc.dictionary(fc.constantFrom("name", "slug", "id"), printable, { maxKeys: 1 }),
        query: fc.array(fc.tuple(fc.constantFrom("x", ...named("query").map(({ name }) => name)), printable), {
          maxLength: 2,
        }),
        headers: fc.oneof(
          { weight: 12, arbitrary: fc.constant({}) },
          fc.dictionary(fc.constantFrom("x-session-id", ...headers), printable),
        ),
        body: schema === undefined ? fc.constant(undefined) : neighbourOf(schema, near),
      })
      .map(({ credential, places, query, headers: sent, body }) => () => {
        const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => places[name] ?? "web");
        const search = query.length === 0 ? "" : `?${query.map(([name, value]) => `${name}=${value}`).join("&")}`;
        const text = body === undefined ? {} : { body: JSON.stringify(body) };
        return send(method, filled + search, { credential, headers: sent, ...text });
      });
  });
  return fc.oneof(...calls);
}

describe("the control listener", () => {
  it("answers every call of /v1 near its description without a fault of its own", () =>
    fuzz(operationsOf(), async (call) => isNoFault(await call()), { runs: 1_500, limitMs: longMs }));

  it("answers every call of a tool near its schema without a fault of its own", () => {
    const calls = fc.oneof(
      ...tools.map(({ name, inputSchema }) => fc.tuple(fc.constant(name), neighbourOf(inputSchema, near))),
    );
    return fuzz(
      calls,
      async ([name, args]) => {
        const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } };
        await isNoFault(await send("POST", "/mcp", { body: JSON.stringify(message) }));
      },
      { runs: 1_500, limitMs: longMs },
    );
  });

  const messages = fc.oneof(
    anyJson.map((value) => JSON.stringify(value)),
    fc
      .record(
        {
          jsonrpc: fc.oneof(fc.constant("2.0"), anyJson),
          id: anyJson,
          method: fc.oneof(
            fc.constantFrom(
              "tools/call",
              "tools/list",
              "initialize",
              "ping",
              "server/discover",
              "prompts/get",
              "resources/read",
              "logging/setLevel",
            ),
            anyText,
          ),
          params: fc.oneof(
            anyJson,
            fc.record({ name: anyJson, arguments: anyJson, _meta: anyJson, uri: anyText, protocolVersion: anyJson }),
          ),
        },
        { requiredKeys: [] },
      )
      .map((value) => JSON.stringify(value)),
    mutated(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"dev_preview_list","arguments":{}}}',
      '{}[]",:\\u0\0 1e',
    ),
    anyText,
    fc.constantFrom(
      "[".repeat(100_000),
      `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
      "\ufeff{}",
      `"${"\\u0000".repeat(1_000)}"`,
    ),
  );

  it("takes any text for a message or a body, and says what is wrong with it", () =>
    fuzz(
      fc.tuple(messages, fc.constantFrom("/mcp", "/v1/links", "/v1/keys", "/v1/previews/web")),
      async ([body, path]) => isNoFault(await send("POST", path, { body })),
      { runs: 1_000 },
    ));
});

describe("a cursor of a log", () => {
  it("of any text is a place in the log, or is refused as not ours", () =>
    fuzz(fc.oneof(anyText, mutated(printLogCursor("a", "12"), "0123456789abcdef.-x")), (text) => {
      try {
        expect(positionIn("a", text)).toMatch(/^\d{1,15}$/);
      } catch (error) {
        expect(error).toBeInstanceOf(PreviewError);
      }
    }));
});
