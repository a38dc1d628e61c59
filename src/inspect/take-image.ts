import { maxImageChars } from "../preview/inspection.ts";
import type { ScreenshotOutput } from "../preview/inspection.ts";
import type { BrowserPage, Shot } from "./browser.ts";

export interface PageSize {
  readonly width: number;
  readonly height: number;
}

/** More is shrunk: no reader sees more, and the encoder takes long. */
const maxPixels = 4_000_000;
/** PNG is crisp and small for most pages; photographs and gradients take JPEG. */
const attempts: readonly Pick<Shot, "format" | "quality">[] = [
  { format: "png" },
  { format: "jpeg", quality: 80 },
  { format: "jpeg", quality: 60 },
];
const shrink = 0.6;
/** 0.6^6 of the side: even noise fits. */
const maxShrinks = 6;

/** An image that fits one answer; undefined when the page does not give one before the deadline. */
export async function takeImage(
  page: Pick<BrowserPage, "capture">,
  size: PageSize,
  deadline: number,
): Promise<ScreenshotOutput | undefined> {
  for (const shot of shots(size)) {
    const data = await page.capture(shot, Math.max(0, deadline - performance.now()));
    if (data === undefined) return undefined;
    if (data.length <= maxImageChars) return { mimeType: `image/${shot.format}`, data };
  }
  return undefined;
}

function* shots({ width, height }: PageSize): Generator<Shot> {
  const scale = Math.min(1, Math.sqrt(maxPixels / (width * height)));
  for (const attempt of attempts) yield { ...attempt, area: { width, height, scale } };
  for (let times = 1; times <= maxShrinks; times += 1)
    yield { format: "jpeg", quality: 60, area: { width, height, scale: scale * shrink ** times } };
}
