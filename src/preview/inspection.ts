import * as z from "zod";
import type { RequestContext } from "../identity/context.ts";
import { maxWaitSeconds, startInput, urlInput } from "./contract.ts";
import type { CallOptions } from "./use-cases.ts";

const page = {
  name: startInput.shape.name,
  path: urlInput.shape.path.unwrap().default("/").describe("Page of the preview; default /"),
  waitSeconds: z
    .number()
    .min(1)
    .max(maxWaitSeconds)
    .default(20)
    .describe("Longest time for the whole call; a preview that is starting is waited for"),
  width: z.int().min(200).max(2560).default(1280).describe("Of the window, CSS pixels"),
  height: z.int().min(200).max(1600).default(800),
};

export const checkInput = z.strictObject(page);

export const screenshotInput = z.strictObject({
  ...page,
  fullPage: z.boolean().default(false).describe("The whole page rather than the window"),
});

/** A request of the page that failed: the server answered `status`, or none came because of `error`. */
export const failedRequest = z.object({ url: z.string(), status: z.int().optional(), error: z.string().optional() });

/** What a browser saw. Everything but `next` is the page's own word: untrusted, bounded, redacted. */
export const checkOutput = z.object({
  httpStatus: z.int().optional().describe("Of the document; absent when none came"),
  title: z.string().optional(),
  finalUrl: z.string().describe("After redirects; the link's token is left out"),
  consoleErrors: z.array(z.string()),
  pageErrors: z.array(z.string()).describe("Uncaught errors"),
  failedRequests: z.array(failedRequest),
  errorOverlay: z.string().optional().describe("Text of the framework's error overlay"),
  blank: z.boolean().optional().describe("Nothing visible; absent when the page did not let itself be looked at"),
  loadMs: z.int().optional().describe("Until the load event; absent when it did not come in time"),
  omitted: z.int().optional().describe("Further errors left out to bound the answer"),
  next: z.string().describe("The sensible next step"),
});

export const screenshotOutput = z.object({
  mimeType: z.enum(["image/png", "image/jpeg"]),
  /** Base64, at most `maxImageChars` characters. */
  data: z.base64(),
});

/** Longest image of one answer, as base64. */
export const maxImageChars = 1_000_000;

export type CheckInput = z.infer<typeof checkInput>;
export type ScreenshotInput = z.infer<typeof screenshotInput>;
export type FailedRequest = z.infer<typeof failedRequest>;
export type CheckOutput = z.infer<typeof checkOutput>;
export type ScreenshotOutput = z.infer<typeof screenshotOutput>;

/** Looking at previews with a local browser: beside the use-cases, because it needs one to be there. */
export interface InspectUseCases {
  /**
   * Opens a page and tells what went wrong on it. Throws `browser_missing` without a browser,
   * `preview_not_serving` when there is nothing to open, `browser_failed` when the browser broke or was busy.
   */
  check(context: RequestContext, input: CheckInput, options?: CallOptions): Promise<CheckOutput>;
  /** The same page as an image; throws `page_not_loaded` too, when no document came. */
  screenshot(context: RequestContext, input: ScreenshotInput, options?: CallOptions): Promise<ScreenshotOutput>;
}
