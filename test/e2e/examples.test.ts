import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleName } from "./support/example-copy.ts";
import { nextApp, seeHotReload, viteReact } from "./support/hot-reload.ts";
import { runPlan } from "./support/run-plan.ts";

describe.skipIf(noChromium !== undefined)(`the examples by themselves ${noChromium ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it.each([viteReact, nextApp])("$name shows an edit without a page load", async (example) => {
    await using copy = await running(example.name);
    const page = await browser.newPage();
    await seeHotReload(page, copy.url, { copy, example });
    await page.close();
  });

  it("node-http pushes its uptime to the page", async () => {
    await using example = await running("node-http");
    const page = await browser.newPage();
    await page.goto(example.url);
    expect(await page.title()).toBe("Dev preview: Node");
    await page.getByText(/runs for \d+ s/).waitFor();
    await page.close();
  });
});

async function running(name: ExampleName) {
  const copy = await copyExample(name);
  try {
    const server = await runPlan(copy.root);
    return {
      url: server.url,
      edit: (file: string, from: string, to: string) => copy.edit(file, from, to),
      async [Symbol.asyncDispose]() {
        await server.close();
        await copy.close();
      },
    };
  } catch (error) {
    await copy.close();
    throw error;
  }
}
