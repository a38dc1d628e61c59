import type { BrowserContext } from "playwright-core";

/**
 * Threat: an address like `mailto:…` makes Chromium start the desktop's mail program, with arguments
 * that a page chose. It does so once without a person's click or key, and never again before one
 * came, which here never comes. Spends that once on a scheme that no program answers.
 */
export async function spendExternalLaunch(context: BrowserContext): Promise<void> {
  const page = context.pages()[0] ?? (await context.newPage());
  // it fails in any case: whatever took the address, no document comes of it
  await page.goto("dev-preview-none:x").catch(() => undefined);
}
