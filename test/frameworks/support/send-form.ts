import { expect } from "vitest";
import { expectRefusals } from "./expect-refusals.ts";
import type { SampleForm } from "../sample.ts";
import type { SamplePageView } from "./sample-page.ts";

/** Fills the form in, sends it, and sees its result under the preview's own origin. */
export async function sendForm(view: SamplePageView, form: SampleForm, previewUrl: string): Promise<void> {
  const { page } = view;
  await view.goto(new URL(form.path ?? "/", previewUrl).href);
  const fields = { [form.field]: form.value, ...form.others };
  for (const [selector, value] of Object.entries(fields)) await page.locator(selector).fill(value);
  const [posted] = await Promise.all([
    form.refuses && page.waitForRequest((request) => request.method() === "POST", { timeout: view.timeoutMs }),
    page.locator(form.submit).click(),
  ]);
  await view.sees(form.shows, { anywhere: true });
  expect(new URL(page.url()).origin, "the form led elsewhere").toBe(new URL(previewUrl).origin);
  if (posted !== undefined) await expectRefusals(posted, form.refuses ?? []);
}
