import { delimiter } from "node:path";
import type { BrowserHome } from "./browser-homes.ts";

/** Chromium makes a Unix socket below TMPDIR, whose whole path must fit 104 bytes. */
const maxTmpPath = 50;

/** Nothing of the plane's environment, which holds secrets, but what a program needs to run. */
export function browserEnv(
  hostEnv: Readonly<Record<string, string | undefined>>,
  { path, stubs }: Pick<BrowserHome, "path" | "stubs">,
): Record<string, string> {
  const kept = ["LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH"];
  const inherited = kept.flatMap((name) => {
    const value = hostEnv[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    PATH: `${stubs}${delimiter}${hostEnv["PATH"] ?? "/usr/bin:/bin"}`,
    HOME: path,
    ...(path.length <= maxTmpPath && { TMPDIR: path }),
  };
}
