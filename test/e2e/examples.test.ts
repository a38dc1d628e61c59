import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleName } from "./support/example-copy.ts";
import { runPlan } from "./support/run-plan.ts";
import { watchPage } from "./support/watch-page.ts";

const hotReloaded = [
  { name: "vite-react", file: "src/app.jsx", title: "Dev preview: Vite + React" },
  { name: "next-app", file: "app/page.jsx", title: "Dev preview: Next" },
] as const;

describe.skipIf(noChromium !== undefined)(`the examples by themselves ${noChromium ?? ""}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());

  it.each(hotReloaded)("$name shows an edit without a page load", async ({ name, file, title }) => {
    await using example = await running(name);
    const page = await browser.newPage();
    const watch = watchPage(page);
    await page.goto(example.url);
    expect(await page.title()).toBe(title);
    const button = page.getByRole("button", { name: /Clicked/ });
    await expect.poll(() => clickUntil(button, "Clicked 1 time")).toBe(true);
    await example.edit(file, "Hello from a dev preview", "Hello again");
    await page.getByRole("heading", { name: "Hello again" }).waitFor();
    expect(await button.textContent()).toBe("Clicked 1 time");
    expect(watch.loads).toBe(1);
    expect(watch.errors).toEqual([]);
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

/** A click before the page is hydrated does nothing. */
async function clickUntil(
  button: { textContent(): Promise<string | null>; click(): Promise<void> },
  text: string,
): Promise<boolean> {
  if ((await button.textContent()) === text) return true;
  await button.click();
  return (await button.textContent()) === text;
}

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
