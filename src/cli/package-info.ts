import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/** The program as it was started: its version, its entry file, and whether it runs from a checkout. */
export interface PackageInfo {
  readonly version: string;
  /** Absolute path of `dev-preview`'s entry file. */
  readonly bin: string;
  /** The published package has no sources. */
  readonly isCheckout: boolean;
}

export function readPackageInfo(): PackageInfo {
  // package.json lies two folders above, in the sources as in `dist`.
  const root = new URL("../../", import.meta.url);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(new URL("package.json", root), "utf8")));
  return {
    version,
    bin: fileURLToPath(new URL("dist/cli/bin.js", root)),
    isCheckout: existsSync(new URL("src/", root)),
  };
}
