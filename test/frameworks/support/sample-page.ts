import type { Page } from "playwright-core";
import { until } from "../../support/until.ts";
import { watchPage } from "../../e2e/support/watch-page.ts";
import type { PageWatch } from "../../e2e/support/watch-page.ts";
import type { Sample } from "../sample.ts";

/** How long a page may take until it shows what it should: the first request makes some servers compile. */
const showsWithinMs = 60_000;
/** So long nothing is loaded any more: a cold server may find dependencies late and load the page again. */
const quietMs = 1000;

/** The browser's page of a sample, and everything that went wrong in it. */
export interface SamplePageView {
  readonly page: Page;
  readonly watch: PageWatch;
  goto(url: string): Promise<void>;
  /** Loads the page again; what went wrong before is forgotten. */
  reload(): Promise<void>;
  /** Waits until the place of the text shows it. */
  sees(text: string, options?: { timeoutMs?: number; anywhere?: boolean }): Promise<void>;
  shows(text: string): Promise<boolean>;
  /** Clicks the sample's counter until it counts, and returns what it shows; undefined without a counter. */
  count(): Promise<string | undefined>;
  counter(): Promise<string | undefined>;
  /** What went wrong, without what the framework itself always prints. */
  errors(): string[];
  /** Sockets that went elsewhere than to the preview's own host. */
  strayedSockets(): string[];
}

export function openSamplePage(page: Page, { page: expected, ownErrors = [] }: Sample): SamplePageView {
  const watch = watchPage(page);
  const place = page.locator(expected.selector ?? "body");
  let lastLoadAt = Date.now();
  page.on("request", (request) => {
    if (["document", "script", "stylesheet"].includes(request.resourceType())) lastLoadAt = Date.now();
  });
  const settled = () => until("nothing more is loaded", () => Date.now() - lastLoadAt > quietMs, showsWithinMs);
  const counter = async () =>
    expected.counter === undefined ? undefined : ((await page.locator(expected.counter).first().textContent()) ?? "");
  const errors = () => watch.errors.filter((error) => ![...always, ...ownErrors].some((own) => own.test(error)));
  const textOf = async (anywhere = false): Promise<string> =>
    (await (anywhere ? page.locator("body") : place.first()).innerText({ timeout: 1000 }).catch(() => "")).trim();

  return {
    page,
    watch,
    errors,
    counter,
    async goto(url) {
      await page.goto(url, { timeout: showsWithinMs, waitUntil: "domcontentloaded" });
      await settled();
    },
    async reload() {
      watch.errors.length = 0;
      await page.reload({ timeout: showsWithinMs, waitUntil: "domcontentloaded" });
    },
    shows: async (text) => (await textOf()).includes(text),
    async sees(text, { timeoutMs = showsWithinMs, anywhere = false } = {}) {
      try {
        await until(`the page shows ${text}`, async () => (await textOf(anywhere)).includes(text), timeoutMs);
      } catch (cause) {
        const seen = { page: (await textOf(true)).slice(0, 500), errors: errors().slice(0, 10) };
        throw new Error(`the page does not show ${JSON.stringify(text)}: ${JSON.stringify(seen)}`, { cause });
      }
    },
    async count() {
      const { counter: selector } = expected;
      if (selector === undefined) return undefined;
      await settled();
      const before = await counter();
      // a click before the page is hydrated does nothing
      const clicked = async () => {
        await page.locator(selector).first().click();
        return await until("the counter counts", async () => (await counter()) !== before, 500).catch(() => false);
      };
      await until(`${selector} counts its clicks, from ${before}; ${errors().join("; ")}`, clicked, 30_000);
      return await counter();
    },
    strayedSockets: () =>
      watch.sockets.map(({ url }) => url).filter((url) => new URL(url).host !== new URL(page.url()).host),
  };
}

/** A project without an icon of its own is none of ours. */
const always = [/\/favicon\.ico\b/];
