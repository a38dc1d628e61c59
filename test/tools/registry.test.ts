import { describe, expect, test } from "vitest";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { maxWaitSeconds, phases } from "../../src/preview/contract.ts";
import { instructionsFor, serverName } from "../../src/tools/instructions.ts";
import { tools as alwaysThere, toolsOf } from "../../src/tools/registry.ts";
import { createFakeInspect } from "../support/fake-inspect.ts";

const { inspect } = createFakeInspect();
const tools = toolsOf({ inspect });

const listedOf = (some: typeof tools) =>
  some.map(({ name, title, description, annotations, inputSchema, outputSchema }) => ({
    name,
    title,
    description,
    inputSchema,
    annotations,
    outputSchema,
  }));

function bytesOfList(some: typeof tools): number {
  const answer = { jsonrpc: "2.0", id: 1, result: { tools: listedOf(some), ttlMs: 300_000, cacheScope: "public" } };
  return Buffer.byteLength(JSON.stringify(answer));
}

test("the whole tools/list answer stays below 10.5 KB", () => {
  expect(bytesOfList(alwaysThere)).toBeLessThanOrEqual(10_500);
});

test("the toolset inspect adds its two tools behind the others, in less than 3.5 KB", () => {
  expect(toolsOf({})).toEqual(alwaysThere);
  expect(tools.slice(0, alwaysThere.length)).toEqual(alwaysThere);
  expect(tools.slice(alwaysThere.length).map(({ name }) => name)).toEqual([
    "dev_preview_check",
    "dev_preview_screenshot",
  ]);
  expect(bytesOfList(tools) - bytesOfList(alwaysThere)).toBeLessThan(3500);
});

test.each([
  ["alone", alwaysThere],
  ["with the toolset inspect", tools],
])("the instructions of the tools %s stay below 2 KB, and name only tools that are there", (_, listed) => {
  const instructions = instructionsFor(listed);
  expect(Buffer.byteLength(instructions)).toBeLessThan(2000);
  const named = new Set(instructions.match(/dev_preview_[a-z]+/g));
  expect([...named].filter((name) => !listed.some((tool) => tool.name === name))).toEqual([]);
  expect(named.has("dev_preview_check")).toBe(listed === tools);
});

test("every tool file is named after its tool and registered", () => {
  const directory = fileURLToPath(new URL("../../src/tools", import.meta.url));
  const files = readdirSync(directory).filter((file) => file.startsWith("dev-preview-"));
  const expected = tools.map(({ name }) => `${name.replaceAll("_", "-")}.ts`);
  expect(files.toSorted()).toEqual(expected.toSorted());
});

describe.each(tools)("$name", (tool) => {
  test("has a name of one prefix that clients with a server prefix still accept", () => {
    expect(tool.name).toMatch(/^dev_preview_[a-z]+$/);
    expect(`mcp__${serverName}__${tool.name}`.length).toBeLessThanOrEqual(64);
  });

  test("describes itself in a few words, and titles itself once", () => {
    expect(tool.description.length).toBeGreaterThan(20);
    expect(tool.description.length).toBeLessThanOrEqual(240);
    expect(tool.title.length).toBeLessThanOrEqual(30);
    expect(tool.annotations.title).toBe(tool.title);
  });

  test("gives all four hints, and none that contradict each other", () => {
    const { readOnlyHint, destructiveHint, idempotentHint, openWorldHint } = tool.annotations;
    for (const hint of [readOnlyHint, destructiveHint, idempotentHint, openWorldHint])
      expect(hint).toBeTypeOf("boolean");
    expect(readOnlyHint && destructiveHint).toBe(false);
  });

  test("takes a closed object of arguments, none of which names who calls or where", () => {
    expect(tool.inputSchema).toMatchObject({ type: "object", additionalProperties: false });
    const names = Object.keys(tool.inputSchema["properties"] as object);
    expect(names.filter((name) => /org|user|workspace|project|sandbox|tenant/i.test(name))).toEqual([]);
    expect(tool.inputSchema["required"]).toBeUndefined();
  });

  test("answers with an object of described fields, or with an image alone", () => {
    if (tool.name === "dev_preview_screenshot") expect(tool).not.toHaveProperty("outputSchema");
    else expect(tool.outputSchema).toMatchObject({ type: "object" });
  });

  test("uses nothing in its schemas that strict clients choke on", () => {
    const nodes = [...nodesOf(tool.inputSchema), ...nodesOf(tool.outputSchema)];
    expect(nodes.filter(({ type }) => Array.isArray(type) || type === "null")).toEqual([]);
    for (const word of ["nullable", "anyOf", "oneOf", "$ref", "$schema"])
      expect(nodes.filter((node) => word in node)).toEqual([]);
  });

  test("keeps each schema small", () => {
    expect(JSON.stringify(tool.inputSchema).length).toBeLessThan(1600);
    expect(JSON.stringify(tool.outputSchema ?? {}).length).toBeLessThan(1600);
  });

  test("waits no longer than clients do", () => {
    const { waitSeconds } = tool.inputSchema["properties"] as { waitSeconds?: { maximum: number } };
    if (waitSeconds !== undefined) expect(waitSeconds.maximum).toBe(maxWaitSeconds);
    expect(maxWaitSeconds).toBeLessThanOrEqual(45);
  });

  test("reports phases that the contract knows", () => {
    expect(tool.phases.filter((name) => !phases.includes(name))).toEqual([]);
  });
});

/** Every object inside a JSON value. */
function* nodesOf(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* nodesOf(inner);
}
