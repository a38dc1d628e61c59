import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import type { Page } from "playwright-core";

const candidates = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const executablePath = candidates.find((path) => existsSync(path));

/** Why tests that need a browser are skipped; `undefined` where there is one. Put it into the title of the skip. */
export const noChromium =
  executablePath === undefined ? `no Chromium at ${candidates.join(", ")}: apt-get install chromium` : undefined;

const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

/**
 * A headless Chromium with a profile of its own. It resolves `*.localhost` to loopback by itself;
 * `hosts` maps other names to addresses (`"*.preview.example.com"` to `"127.0.0.1"`), whose
 * certificates are not checked. `further` are flags of Chromium.
 */
export async function openChromium(
  options: { hosts?: Readonly<Record<string, string>>; further?: readonly string[] } = {},
): Promise<Browser> {
  if (executablePath === undefined) throw new Error(noChromium);
  const profile = await mkdtemp(join(tmpdir(), "dev-preview-chromium-"));
  const rules = Object.entries(options.hosts ?? {}).map(([name, address]) => `MAP ${name} ${address}`);
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    // not `ignoreHTTPSErrors`: with it a busy page has ended in ERR_TOO_MANY_RETRIES
    args: [
      ...flags,
      ...(options.further ?? []),
      ...(rules.length === 0 ? [] : [`--host-resolver-rules=${rules.join(",")}`, "--ignore-certificate-errors"]),
    ],
  });
  return {
    newPage: () => context.newPage(),
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
