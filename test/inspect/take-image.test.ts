import { expect, it } from "vitest";
import type { Shot } from "../../src/inspect/browser.ts";
import { takeImage } from "../../src/inspect/take-image.ts";
import { maxImageChars } from "../../src/preview/inspection.ts";

/** A page of which each pixel takes so many characters. */
function pageOf(charsPerPixel: Record<Shot["format"], number>) {
  const shots: Shot[] = [];
  const capture = (shot: Shot) => {
    shots.push(shot);
    const { width, height, scale } = shot.area;
    return Promise.resolve("A".repeat(Math.ceil(width * height * scale * scale * charsPerPixel[shot.format])));
  };
  return { shots, capture };
}
const soon = () => performance.now() + 10_000;
const size = { width: 1280, height: 800 };

it("takes a PNG where that fits", async () => {
  const page = pageOf({ png: 0.5, jpeg: 0.2 });
  const image = await takeImage(page, size, soon());
  expect(image).toMatchObject({ mimeType: "image/png" });
  expect(page.shots).toEqual([{ format: "png", area: { ...size, scale: 1 } }]);
});

it("takes a JPEG where a PNG would be too long", async () => {
  const image = await takeImage(pageOf({ png: 4, jpeg: 0.5 }), size, soon());
  expect(image).toMatchObject({ mimeType: "image/jpeg" });
});

it("shrinks what is too long even so", async () => {
  const page = pageOf({ png: 4, jpeg: 3 });
  const image = await takeImage(page, size, soon());
  expect(image!.data.length).toBeLessThanOrEqual(maxImageChars);
  expect(page.shots.at(-1)!.area.scale).toBeLessThan(1);
});

it("never draws more than four million pixels, however tall the page", async () => {
  const page = pageOf({ png: 0.1, jpeg: 0.1 });
  await takeImage(page, { width: 2560, height: 10_000 }, soon());
  for (const { area } of page.shots) expect(area.width * area.height * area.scale ** 2).toBeLessThanOrEqual(4_000_001);
});

it("gives none when the page does not draw itself, or only endlessly large", async () => {
  expect(await takeImage({ capture: () => Promise.resolve(undefined) }, size, soon())).toBeUndefined();
  let tries = 0;
  const endless = () => Promise.resolve("A".repeat(maxImageChars + ((tries += 1), 1)));
  expect(await takeImage({ capture: endless }, size, soon())).toBeUndefined();
  expect(tries).toBeLessThan(12);
});

it("leaves no time beyond the deadline", async () => {
  const times: number[] = [];
  const capture = (_: Shot, timeoutMs: number) => {
    times.push(timeoutMs);
    return Promise.resolve(undefined);
  };
  await takeImage({ capture }, size, performance.now() - 5);
  expect(times).toEqual([0]);
});
