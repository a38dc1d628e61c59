import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { checkOutput } from "../../src/preview/inspection.ts";
import { tools, toolsOf } from "../../src/tools/registry.ts";
import { failureMetaKey } from "../../src/tools/tool-server.ts";
import { createFakeInspect, fakeReport, pixel } from "../support/fake-inspect.ts";
import { compileScript } from "./support/compile-script.mjs";
import type { CompiledScript } from "./support/compile-script.mjs";
import { doors } from "./support/doors.ts";
import type { DoorClient } from "./support/doors.ts";
import { createFakeUseCases } from "./support/fake-use-cases.ts";
import { startHttpServer } from "./support/http-server.ts";
import type { HttpServer } from "./support/http-server.ts";

let script: CompiledScript;
let server: HttpServer;
let plain: HttpServer;

beforeAll(async () => {
  script = await compileScript("test/tools/support/stdio-inspect-server.ts");
  server = await startHttpServer(createFakeUseCases(), { tools: toolsOf({ inspect: createFakeInspect().inspect }) });
  plain = await startHttpServer(createFakeUseCases());
});
afterAll(async () => {
  await server.close();
  await plain.close();
  await script.close();
});

describe.each(doors)("the toolset inspect, $title", (door) => {
  let client: DoorClient;
  beforeEach(async () => {
    client = await door.open({ script: script.path, url: server.url });
  });
  afterEach(() => client.close());

  test("lists its two tools behind the others, which it leaves as they are", async () => {
    const listed = await client.listTools();
    const names = [...tools.map(({ name }) => name), "dev_preview_check", "dev_preview_screenshot"];
    expect(listed.map(({ name }) => name)).toEqual(names);
    expect(listed.at(-1)).not.toHaveProperty("outputSchema");
    if (door.transport === "stdio") return;
    const without = await door.open({ script: script.path, url: plain.url });
    expect(JSON.stringify(await without.listTools())).toBe(JSON.stringify(listed.slice(0, tools.length)));
    await without.close();
  });

  test("a check is structured, and its text says the same", async () => {
    await client.listTools();
    const result = await client.call("dev_preview_check", { path: "/cart" });
    expect(checkOutput.strict().parse(result.structuredContent)).toEqual(fakeReport);
    expect(JSON.parse(result.content[0]!.text!)).toEqual(fakeReport);
  });

  test("a screenshot is an image, and nothing beside it", async () => {
    await client.listTools();
    const result = await client.call("dev_preview_screenshot", { fullPage: true });
    expect(result.content).toEqual([{ type: "image", mimeType: "image/png", data: pixel }]);
    expect(result.structuredContent).toBeUndefined();
  });

  test("a machine without a browser is told with what to install", async () => {
    for (const tool of ["dev_preview_check", "dev_preview_screenshot"]) {
      const result = await client.call(tool, { name: "missing" });
      expect(result.isError).toBe(true);
      expect(result.content).toEqual([
        { type: "text", text: "there is no Chromium\nInstall one.\ncode: browser_missing, retryable: no" },
      ]);
      expect(result._meta?.[failureMetaKey]).toMatchObject({ code: "browser_missing" });
    }
  });

  test("an address, a project or too long a wait is refused", async () => {
    for (const given of [
      { url: "http://169.254.169.254/" },
      { project: "other" },
      { waitSeconds: 60 },
      { path: "http://x/" },
    ]) {
      const result = await client.call("dev_preview_check", given);
      expect(result._meta?.[failureMetaKey]).toMatchObject({ code: "invalid_input" });
    }
  });
});

test("a tool of a toolset that is off does not exist", async () => {
  const client = await doors
    .find(({ transport }) => transport === "http")!
    .open({ script: script.path, url: plain.url });
  const outcome = await client.call("dev_preview_check", {}).then(
    (result) => result.isError,
    () => true,
  );
  expect(outcome).toBe(true);
  await client.close();
});
