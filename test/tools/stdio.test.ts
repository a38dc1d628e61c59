import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { phases } from "../../src/preview/contract.ts";
import { compileScript } from "./support/compile-script.mjs";
import type { CompiledScript } from "./support/compile-script.mjs";
import { openV2 } from "./support/doors.ts";
import { startStdioProcess } from "./support/stdio-process.ts";
import type { StdioProcess } from "./support/stdio-process.ts";
import { initializeRequest, modernRequest } from "./support/wire.ts";
import type { Message } from "./support/wire.ts";

let script: CompiledScript;
let server: StdioProcess;

beforeAll(async () => {
  script = await compileScript("test/tools/support/stdio-server.ts");
});
afterAll(() => script.close());
beforeEach(() => {
  server = startStdioProcess(script.path);
});
afterEach(() => server.kill());

test("serves initialize after server/discover on one connection", async () => {
  server.send(modernRequest(1, "server/discover"));
  expect((await server.answer(1)).result).toMatchObject({ supportedVersions: ["2026-07-28"] });

  server.send(initializeRequest(2));
  expect((await server.answer(2)).result).toMatchObject({ protocolVersion: "2025-11-25" });
  server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
  server.send({ jsonrpc: "2.0", id: 3, method: "tools/list" });
  expect((await server.answer(3)).result?.["tools"]).toHaveLength(5);
});

test("serves the modern era without any handshake, and says how long lists may be kept", async () => {
  server.send(modernRequest(1, "tools/list"));
  expect((await server.answer(1)).result).toMatchObject({ ttlMs: 300_000, cacheScope: "public" });
  server.send(modernRequest(2, "tools/call", { name: "dev_preview_start", arguments: {} }));
  expect((await server.answer(2)).result).toMatchObject({ structuredContent: { serving: true } });
});

test("serves a client that finds out the era by itself", async () => {
  const transport = new StdioClientTransport({ command: process.execPath, args: [script.path], stderr: "ignore" });
  const client = await openV2(transport, "auto");
  expect(await client.listTools()).toHaveLength(5);
  await client.close();
});

test("ends with code 0 and a silent stderr when stdin ends, also when nothing was ever said", async () => {
  expect(await server.end()).toEqual({ code: 0, stderr: "" });
  expect(server.lines).toEqual([]);
});

test("ends when stdin ends while a call waits, which stops waiting", async () => {
  server.send(initializeRequest(1));
  await server.answer(1);
  server.send({
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { name: "dev_preview_start", arguments: { name: "slow" }, _meta: { progressToken: 1 } },
  });
  server.send({ jsonrpc: "2.0", id: 3, method: "ping" });
  await server.answer(3);
  expect(await server.end()).toMatchObject({ code: 0 });
});

test("writes nothing but JSON-RPC to stdout, and causes to stderr", async () => {
  server.send(initializeRequest(1));
  await server.answer(1);
  server.send({
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { name: "dev_preview_start", arguments: { name: "broken" } },
  });
  expect((await server.answer(2)).result).toMatchObject({ isError: true });
  const { stderr } = await server.end();
  for (const line of server.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: "2.0" });
  expect(stderr).toContain('"requestId":"stdio-1"');
  expect(stderr).not.toContain("hunter2");
});

test("sends every progress note before the result", async () => {
  server.send(initializeRequest(1));
  await server.answer(1);
  server.send({
    jsonrpc: "2.0",
    id: 2,
    method: "tools/call",
    params: { name: "dev_preview_start", arguments: {}, _meta: { progressToken: "t" } },
  });
  await server.answer(2);
  const sent = server.lines.slice(1).map((line) => JSON.parse(line) as Message);
  expect(sent.map(({ method, id }) => method ?? id)).toEqual([...phases.map(() => "notifications/progress"), 2]);
});

test("stays alive after a line that is no JSON-RPC", async () => {
  server.send({ jsonrpc: "2.0", id: 7, method: "no/such/method" });
  expect((await server.answer(7)).error).toMatchObject({ code: expect.any(Number) as number });
  server.send(initializeRequest(8));
  expect((await server.answer(8)).result).toBeDefined();
});
