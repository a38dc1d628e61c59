import { accessSync, constants } from "node:fs";
import { PreviewError } from "../errors.ts";

/** Where distributions and installers put a Chromium, in order of preference. */
export const knownPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/usr/bin/google-chrome-stable",
  "/opt/google/chrome/chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
] as const;

const hint =
  "Install one on the plane's host (Debian, Ubuntu: apt-get install chromium; macOS: brew install --cask google-chrome; else npx playwright-core install chromium), or name its executable in DEV_PREVIEW_CHROMIUM_PATH.";

/** Path of the configured executable, else of the first place where there is one. Throws `browser_missing`. */
export function findChromium(configured: string | undefined, places: readonly string[] = knownPlaces): string {
  const candidates = configured === undefined ? places : [configured];
  const found = candidates.find(isExecutable);
  if (found !== undefined) return found;
  throw new PreviewError("browser_missing", `there is no Chromium at ${candidates.join(", ")}`, { hint });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // not there, or not ours to run: the next place is asked
    return false;
  }
}
