import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What Chromium starts on Linux to hand an address to the desktop, or to ask who would take it. */
const openers = ["xdg-open", "xdg-email", "xdg-settings", "xdg-mime"];

/** Makes a directory for the front of PATH, in which these programs do nothing. */
export async function makeOpenerStubs(parent: string): Promise<string> {
  const directory = join(parent, "bin");
  await mkdir(directory);
  await Promise.all(openers.map((name) => writeFile(join(directory, name), "#!/bin/sh\nexit 1\n", { mode: 0o700 })));
  return directory;
}
