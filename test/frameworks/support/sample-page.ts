import type { Locator, Page } from "playwright-core";
import { until } from "../../support/until.ts";
import { watchPage } from "../../e2e/support/watch-page.ts";
import type { PageWatch } from "../../e2e/support/watch-page.ts";
import type { Sample } from "../sample.ts";
import { watchLoading } from "./page-loading.ts";

/** The browser's page of a sample, and everything that went wrong in it. */
export interface SamplePageView {
  readonly page: Page;
  readonly watch: PageWatch;
  /** How long it may take until the page shows what it should. */
  readonly timeoutMs: number;
  /** Opens an URL and waits until nothing more is loaded. */
  goto(url: string): Promise<void>;
  /** Loads the page again; what went wrong before is forgotten. */
  reload(): Promise<void>;
  /** Waits until the place of the text, or the whole page, shows it. */
  sees(text: string, options?: { anywhere?: boolean }): Promise<void>;
  /** Whether the place of the text shows it now. */
  shows(text: string): Promise<boolean>;
  /** Clicks the sample's counter, if there is one, until it counts. */
  count(): Promise<void>;
  /** What the counter shows; undefined without one. */
  counter(): Promise<string | undefined>;
  /** What went wrong, without what the framework itself always prints. */
  errors(): string[];
  /** Sockets that went elsewhere than to the preview's own host. */
  strayedSockets(): string[];
}

export function openSamplePage(
  page: Page,
  { page: expected, ownErrors = [] }: Pick<Sample, "page" | "ownErrors">,
  /** The first request makes some servers compile. */
  timeoutMs = 60_000,
): SamplePageView {
  const watch = watchPage(page);
  const settled = watchLoading(page);
  const place = page.locator(expected.selector ?? "body").first();
  const button = expected.counter === undefined ? undefined : page.locator(expected.counter).first();
  const errors = () => watch.errors.filter((error) => ![...always, ...ownErrors].some((own) => own.test(error)));
  const load = { timeout: timeoutMs, waitUntil: "domcontentloaded" } as const;

  return {
    page,
    watch,
    timeoutMs,
    errors,
    async goto(url) {
      await page.goto(url, load);
      await settled(timeoutMs);
    },
    async reload() {
      watch.errors.length = 0;
      await page.reload(load);
    },
    shows: async (text) => (await textOf(place)).includes(text),
    async sees(text, { anywhere = false } = {}) {
      const body = page.locator("body");
      const seen = async () => (await textOf(anywhere ? body : place)).includes(text);
      await until("the text", seen, timeoutMs).catch(async (cause: unknown) => {
        const instead = { page: (await textOf(body)).slice(0, 500), errors: errors().slice(0, 10) };
        throw new Error(`the page does not show ${JSON.stringify(text)}: ${JSON.stringify(instead)}`, { cause });
      });
    },
    async count() {
      if (button !== undefined) await clickUntilItCounts(button);
    },
    counter: async () => (button === undefined ? undefined : await textOf(button)),
    strayedSockets: () =>
      watch.sockets.map(({ url }) => url).filter((url) => new URL(url).host !== new URL(page.url()).host),
  };
}

/** A project without an icon of its own is none of ours. */
const always = [/\/favicon\.ico\b/];

/** What a place shows now; nothing while it is not there. */
async function textOf(place: Locator): Promise<string> {
  return (await place.innerText({ timeout: 1000 }).catch(() => "")).trim();
}

/** A click before the page is hydrated does nothing. */
async function clickUntilItCounts(button: Locator): Promise<void> {
  const before = await textOf(button);
  const clicked = async () => {
    await button.click();
    return await until("another count", async () => (await textOf(button)) !== before, 500).catch(() => false);
  };
  await until(`the counter counts its clicks, from ${JSON.stringify(before)}`, clicked, 30_000);
}
