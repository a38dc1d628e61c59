import * as z from "zod";
import { PreviewError } from "../errors.ts";
import type { ScreenshotInput, ScreenshotOutput } from "../preview/inspection.ts";
import type { Inspection } from "./inspector.ts";
import { openAndSettle } from "./settle.ts";
import { takeImage } from "./take-image.ts";
import type { PageSize } from "./take-image.ts";

/** A page that grows as it is scrolled has no end; CSS pixels. */
const maxHeight = 10_000;
const measureMs = 1000;
const wholeHeight = z.number().min(1).max(Number.MAX_SAFE_INTEGER);

/** Opens the page and takes its image once it has settled. Throws `page_not_loaded` when no document came. */
export async function shootPage(inspection: Inspection, input: ScreenshotInput): Promise<ScreenshotOutput> {
  const { page, notes, located, deadline } = inspection;
  // opening gets two thirds of the time: the image of a page that goes on loading is an answer too
  const settleUntil = deadline - (deadline - performance.now()) / 3;
  await openAndSettle(page, notes, { url: located.url, deadline: settleUntil });
  if (notes.read().httpStatus === undefined) throw notLoaded(located.path, "no document came");
  const size = await sizeOf(inspection, input);
  const image = await takeImage(page, size, deadline);
  if (image === undefined) throw notLoaded(located.path, "the page did not let itself be drawn in time");
  return image;
}

async function sizeOf({ page }: Inspection, { width, height, fullPage }: ScreenshotInput): Promise<PageSize> {
  if (!fullPage) return { width, height };
  const whole =
    wholeHeight.safeParse(await page.look("document.documentElement.scrollHeight", measureMs)).data ?? height;
  return { width, height: Math.min(Math.max(height, Math.ceil(whole)), maxHeight) };
}

function notLoaded(path: string, why: string): PreviewError {
  return new PreviewError("page_not_loaded", `there is no image of ${path}: ${why}`, {
    hint: "dev_preview_check tells what failed on the page; raise waitSeconds for a slow one.",
  });
}
