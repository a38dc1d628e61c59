import { expect, test } from "vitest";
import { pino } from "pino";
import { PreviewError } from "../../src/errors.ts";
import type { RequestContext } from "../../src/identity/context.ts";
import { callTool } from "../../src/tools/call-tool.ts";
import type { ToolOutcome } from "../../src/tools/call-tool.ts";
import type { ToolResult } from "../../src/tools/define-tool.ts";
import { tools } from "../../src/tools/registry.ts";
import { chatter, createFakeUseCases, plantedSecret } from "./support/fake-use-cases.ts";

const context: RequestContext = {
  principal: { kind: "local", org: "local", user: "ada", scopes: ["operator"] },
  projectSlug: "shop",
  requestId: "req-7",
};

function setUp(contextOf: () => RequestContext = () => context) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino({ level: "debug" }, { write: (line) => void lines.push(JSON.parse(line)) });
  const deps = { useCases: createFakeUseCases(), logger };
  const call = (name: string, given: unknown) =>
    callTool(
      deps,
      tools.find((tool) => tool.name === name)!,
      {
        arguments: given,
        options: {},
        contextOf,
        fallbackId: "mcp-1",
      },
    );
  return { lines, call };
}

test("logs one line per call, with its outcome and duration", async () => {
  const { lines, call } = setUp();
  await call("dev_preview_list", {});
  expect(lines).toEqual([
    expect.objectContaining({
      level: 20,
      msg: "tool call",
      tool: "dev_preview_list",
      outcome: "ok",
      requestId: "req-7",
    }),
  ]);
  expect(lines[0]?.["durationMs"]).toBeTypeOf("number");
});

test("gives an unexpected error's request id to the caller and its cause to the log", async () => {
  const { lines, call } = setUp();
  const outcome = await call("dev_preview_start", { name: "broken" });
  expect(outcome).toMatchObject({ failure: { code: "internal", retryable: true, requestId: "req-7" } });
  expect(JSON.stringify(outcome)).toContain("req-7");
  expect(JSON.stringify(outcome)).not.toContain("planted");
  expect(lines).toEqual([expect.objectContaining({ level: 50, outcome: "internal", requestId: "req-7" })]);
  expect(JSON.stringify(lines[0]?.["err"])).toContain(plantedSecret);
});

test("tells a caller's own mistake quietly, and trouble of the environment as a warning", async () => {
  const { lines, call } = setUp();
  await call("dev_preview_start", { name: "taken" });
  expect(lines.at(-1)).toMatchObject({ level: 20, outcome: "already_running" });

  const down = setUp(() => {
    throw new PreviewError("database_unavailable", "the database is away", { hint: "Try again." });
  });
  const outcome = await down.call("dev_preview_list", {});
  expect(outcome).toMatchObject({ failure: { code: "database_unavailable", retryable: true } });
  expect(down.lines.at(-1)).toMatchObject({ level: 40, outcome: "database_unavailable", requestId: "mcp-1" });
});

test("pages through a long log without losing a line, each page below the bound", async () => {
  const { call } = setUp();
  const seen: string[] = [];
  let cursor = "0";
  for (let more = true; more;) {
    const outcome = await call("dev_preview_logs", { name: "web", limit: 200, cursor });
    const result = resultOf(outcome);
    const page = result.structuredContent as { lines: string[]; cursor: string; more: boolean };
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(10_000);
    seen.push(...page.lines);
    ({ cursor, more } = page);
  }
  expect(seen).toEqual(chatter);
});

test("shows the newest lines of a long log when no cursor is given", async () => {
  const { call } = setUp();
  const outcome = await call("dev_preview_logs", { limit: 200 });
  const { lines } = resultOf(outcome).structuredContent as { lines: string[] };
  expect(lines).toEqual(chatter.slice(-lines.length));
  expect(lines.length).toBeGreaterThan(10);
});

test("bounds a list of many previews and says how many it left out", async () => {
  const { call } = setUp();
  await call("dev_preview_start", { name: "many" });
  const outcome = await call("dev_preview_list", {});
  const { previews, omitted } = resultOf(outcome).structuredContent as { previews: unknown[]; omitted: number };
  expect(previews.length + omitted).toBe(200);
  expect(previews.length).toBeGreaterThan(10);
});

test("keeps child output out of everything but logTail and lines", async () => {
  const { call } = setUp();
  const outcome = await call("dev_preview_start", { name: "chatty" });
  const { structuredContent, text } = resultOf(outcome);
  for (const fields of [structuredContent, JSON.parse(text) as Record<string, unknown>]) {
    const { logTail, ...rest } = fields;
    expect(JSON.stringify(logTail)).toContain("line 399");
    expect(JSON.stringify(rest)).not.toMatch(/line \d/);
  }
});

test("spares a serving preview's log in the text twin, which is JSON of the same fields", async () => {
  const { call } = setUp();
  const outcome = await call("dev_preview_start", { name: "web" });
  const { structuredContent, text } = resultOf(outcome);
  const { logTail, ...rest } = structuredContent;
  expect(logTail).toEqual(["listening on 3000"]);
  expect(JSON.parse(text)).toEqual(rest);
});

function resultOf(outcome: ToolOutcome): ToolResult {
  if ("failure" in outcome) throw new Error(outcome.failure.message);
  if ("image" in outcome.result) throw new Error("an image");
  return outcome.result;
}
