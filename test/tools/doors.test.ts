import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { phases, previewOutput } from "../../src/preview/contract.ts";
import { maxResultBytes } from "../../src/tools/fit-result.ts";
import { failureMetaKey } from "../../src/tools/tool-server.ts";
import { compileScript } from "./support/compile-script.mjs";
import type { CompiledScript } from "./support/compile-script.mjs";
import { doors } from "./support/doors.ts";
import type { CallResult, DoorClient, Progress } from "./support/doors.ts";
import { createFakeUseCases, plantedSecret } from "./support/fake-use-cases.ts";
import { startHttpServer } from "./support/http-server.ts";
import type { HttpServer } from "./support/http-server.ts";
import { until } from "./support/until.ts";

let script: CompiledScript;
let server: HttpServer;

beforeAll(async () => {
  script = await compileScript("test/tools/support/stdio-server.ts");
  server = await startHttpServer(createFakeUseCases());
});

afterAll(async () => {
  await server.close();
  await script.close();
});

describe.each(doors)("$title", (door) => {
  let client: DoorClient;

  beforeEach(async () => {
    client = await door.open({ script: script.path, url: server.url });
  });

  afterEach(() => client.close());

  test("lists the five tools in their order, with the server's name and instructions", async () => {
    const listed = await client.listTools();
    expect(listed.map(({ name }) => name)).toEqual([
      "dev_preview_start",
      "dev_preview_url",
      "dev_preview_stop",
      "dev_preview_list",
      "dev_preview_logs",
    ]);
    expect(listed[0]).toMatchObject({ title: "Start dev preview", inputSchema: { additionalProperties: false } });
    expect(client.serverName).toBe("dev-preview");
    expect(client.instructions).toContain("dev_preview_start");
  });

  test("starts a preview, tells each phase, and answers with a complete structured result", async () => {
    await client.listTools();
    const notes: Progress[] = [];
    const call = client.call("dev_preview_start", { name: "held" }, { onprogress: (note) => notes.push(note) });
    // Held back, because a client that reads a note and the result at once may drop the note.
    await until(() => notes.length === phases.length);
    await client.call("dev_preview_stop", { name: "held" });
    const result = await call;

    expect(previewOutput.strict().parse(result.structuredContent)).toMatchObject({
      serving: true,
      port: 3000,
      project: "shop",
    });
    expect(notes.map(({ message }) => message)).toEqual(phases.map((name) => `phase ${name}`));
    expect(notes.map(({ progress }) => progress)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(notes.every(({ total }) => total === phases.length)).toBe(true);
  });

  test("answers a call without a progress token with the result alone", async () => {
    const result = await client.call("dev_preview_start", { name: "api" });
    expect(result.structuredContent).toMatchObject({ name: "api" });
  });

  test.each(["project", "sandboxId", "org", "user", "workspace"])("refuses the argument %s by name", async (name) => {
    const result = await client.call("dev_preview_start", { [name]: "other" });
    expect(result.isError).toBe(true);
    expect(textOf(result)).toContain(`takes no argument "${name}"`);
    expect(failureOf(result)).toMatchObject({ code: "invalid_input", retryable: false });
  });

  test("ends the wait of a cancelled call and leaves the connection usable", async () => {
    const cancel = new AbortController();
    const before = await count(client, "slow cancelled");
    const waits = await count(client, "slow waits");
    const call = client.call("dev_preview_start", { name: "slow" }, { signal: cancel.signal });
    const ended = expect(call).rejects.toThrow();
    await until(async () => (await count(client, "slow waits")) > waits);
    cancel.abort();
    await ended;
    // A stateless server cannot match a 2025 cancel note, which is a request of its own, with the
    // call; there the wait ends with the connection, or after its 45 s at the latest.
    if (door.transport === "http" && door.era === "legacy") {
      await client.close();
      client = await door.open({ script: script.path, url: server.url });
    }
    await until(async () => (await count(client, "slow cancelled")) > before);
  });

  test("bounds a result with much output, and keeps its state and newest lines", async () => {
    const result = await client.call("dev_preview_start", { name: "chatty" });
    const { logTail, ...rest } = previewOutput.parse(result.structuredContent);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThanOrEqual(maxResultBytes);
    expect(logTail.at(-1)).toMatch(/^line 399 /);
    expect(logTail.length).toBeGreaterThan(5);
    expect(rest).toMatchObject({ status: "starting", next: "Open previewUrl." });
  });

  test("drops fields that no schema names, where a strict client would refuse the answer", async () => {
    await client.listTools();
    const result = await client.call("dev_preview_start", { name: "extra" });
    expect(result.structuredContent).toMatchObject({ name: "extra" });
    expect(JSON.stringify(result)).not.toContain("4711");
  });

  test("gives a refusal with its code, hint and whether to retry", async () => {
    const result = await client.call("dev_preview_start", { name: "taken" });
    expect(result).toMatchObject({ isError: true });
    expect(result.structuredContent).toBeUndefined();
    expect(textOf(result)).toBe("preview taken runs\nPass ifRunning.\ncode: already_running, retryable: no");
    expect(failureOf(result)).toMatchObject({ code: "already_running", hint: "Pass ifRunning.", retryable: false });
  });

  test("keeps what an unexpected error says to itself", async () => {
    const result = await client.call("dev_preview_start", { name: "broken" });
    expect(failureOf(result)).toMatchObject({ code: "internal", retryable: true });
    expect(textOf(result)).toContain(String(failureOf(result)?.["requestId"]));
    expect(JSON.stringify(result)).not.toContain("planted");
    expect(JSON.stringify(result)).not.toContain(plantedSecret);
  });
});

function textOf({ content }: CallResult): string {
  return content.map(({ text }) => text ?? "").join("\n");
}

function failureOf(result: CallResult): Record<string, unknown> | undefined {
  return result._meta?.[failureMetaKey] as Record<string, unknown> | undefined;
}

/** How often something happened on the server. */
async function count(client: DoorClient, event: string): Promise<number> {
  const result = await client.call("dev_preview_logs", { name: "events", limit: 200 });
  const { lines } = result.structuredContent as { lines: string[] };
  return lines.filter((line) => line === event).length;
}
