import type { Page } from "playwright-core";
import { expect } from "vitest";
import type { ExampleCopy } from "./example-copy.ts";
import { watchPage } from "./watch-page.ts";
import type { PageWatch } from "./watch-page.ts";

/** An example whose page follows its source: which file is edited, and the title that its page has. */
export interface HotReloaded {
  readonly name: "vite-react" | "next-app";
  readonly framework: string;
  readonly file: string;
  readonly title: string;
}

export const viteReact: HotReloaded = {
  name: "vite-react",
  framework: "vite",
  file: "src/app.jsx",
  title: "Dev preview: Vite + React",
};
export const nextApp: HotReloaded = {
  name: "next-app",
  framework: "next",
  file: "app/page.jsx",
  title: "Dev preview: Next",
};

/**
 * Opens the page, clicks its counter, edits the source, and sees the new heading beside the old count:
 * hot reload, not a page load. The page stays open.
 */
export async function seeHotReload(
  page: Page,
  url: string,
  { copy, example }: { copy: Pick<ExampleCopy, "edit">; example: HotReloaded },
): Promise<PageWatch> {
  const watch = watchPage(page);
  await page.goto(url);
  expect(await page.title()).toBe(example.title);
  const button = page.getByRole("button", { name: /Clicked/ });
  await expect.poll(() => clickUntil(button, "Clicked 1 time"), { timeout: 30_000 }).toBe(true);
  await copy.edit(example.file, "Hello from a dev preview", "Hello again");
  await page.getByRole("heading", { name: "Hello again" }).waitFor({ timeout: 60_000 });
  expect(await button.textContent()).toBe("Clicked 1 time");
  expect(watch.loads).toBe(1);
  expect(watch.errors).toEqual([]);
  return watch;
}

/** A click before the page is hydrated does nothing. */
async function clickUntil(
  button: { textContent(): Promise<string | null>; click(): Promise<void> },
  text: string,
): Promise<boolean> {
  if ((await button.textContent()) === text) return true;
  await button.click();
  return (await button.textContent()) === text;
}
