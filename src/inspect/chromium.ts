import { totalmem } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { BrowserType } from "playwright-core";
import { createClosingStack } from "../closing-stack.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { GatewayAddress } from "../preview/deps.ts";
import type { LaunchBrowser } from "./browser.ts";
import { browserEnv } from "./browser-env.ts";
import { browserHomes } from "./browser-homes.ts";
import { chromiumFlags, unwantedDefaults } from "./chromium-flags.ts";
import { openConfinedProxy } from "./confined-proxy.ts";
import type { ConfinedProxyOptions } from "./confined-proxy.ts";
import { findChromium, knownPlaces } from "./find-chromium.ts";
import { createReach } from "./reach.ts";
import type { ReachRules } from "./reach.ts";
import { createSelfSigned } from "./self-signed.ts";
import { runningChromium } from "./running-chromium.ts";

export interface ChromiumOptions {
  /** Path of the executable; without it the usual places are searched. */
  readonly executable: string | undefined;
  /** Of the browsers' files. It is this plane's alone: whatever is in it before the first was left by a dead one. */
  readonly directory: string;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly gateway: GatewayAddress;
  /** Ports of the plane's listeners, which no page may reach. */
  readonly deniedPorts: readonly number[];
  readonly logger: Logger;
  /** Of all its processes together; more ends it. Default 3 GiB, and never more than a third of the host's. */
  readonly maxMemoryBytes?: number;
  /** The world outside; replaced in tests. */
  readonly internet?: Pick<ReachRules, "resolve"> & Pick<ConfinedProxyOptions, "dial">;
}

const gibibyte = 1024 ** 3;
const launchMs = 30_000;

/** Starts a headless Chromium that reaches previews and public addresses alone. */
export function chromiumLauncher(options: ChromiumOptions): LaunchBrowser {
  const makeHome = browserHomes(options.directory);
  return async () => {
    const { chromium } = await importPlaywright();
    const executable = findChromium(options.executable, [...knownPlaces, ...downloadedBy(chromium)]);
    const stack = createClosingStack();
    try {
      const home = stack.add(await makeHome());
      const network = createNetwork(options);
      const startedAt = performance.now();
      const context = await chromium.launchPersistentContext(join(home.path, "profile"), {
        executablePath: executable,
        headless: true,
        timeout: launchMs,
        // else it is made in the system's temporary directory, and left there by a plane that is killed
        artifactsDir: home.path,
        // as root the sandbox cannot be set up: see docs/security.md
        chromiumSandbox: process.getuid?.() !== 0,
        // ending the plane is the plane's own business
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
        env: browserEnv(options.hostEnv, home),
        args: chromiumFlags(network.flags),
        ignoreDefaultArgs: [...unwantedDefaults],
      });
      const browser = await runningChromium(context, {
        openProxy: network.openProxy,
        stack,
        logger: options.logger,
        maxMemoryBytes: options.maxMemoryBytes ?? Math.min(3 * gibibyte, totalmem() / 3),
      }).catch(async (error: unknown) => {
        await context.close();
        throw error;
      });
      options.logger.info(
        { event: "browser.started", durationMs: Math.round(performance.now() - startedAt) },
        "browser started",
      );
      return browser;
    } catch (error) {
      await stack.close();
      throw error instanceof PreviewError ? error : startFailed(executable, error);
    }
  };
}

/** Loaded when it is needed: it is large, and optional. */
async function importPlaywright(): Promise<{ readonly chromium: BrowserType }> {
  try {
    return await import("playwright-core");
  } catch (cause) {
    if (!(cause instanceof Error) || !("code" in cause) || cause.code !== "ERR_MODULE_NOT_FOUND") throw cause;
    throw new PreviewError("browser_missing", "the package playwright-core is not installed beside dev-preview-plane", {
      hint: "Install it: npm install playwright-core, or npx -y -p dev-preview-plane -p playwright-core dev-preview mcp.",
      cause,
    });
  }
}

/** Where `playwright-core install chromium` puts one; nowhere on platforms that it does not know. */
function downloadedBy(chromium: BrowserType): string[] {
  try {
    return [chromium.executablePath()];
  } catch {
    return []; // there is none for this platform
  }
}

/** What opens the way out of one page, and what the browser must be told of it. */
function createNetwork(options: ChromiumOptions) {
  const { domain, publicPort, publicScheme, listenHost, listenPort, listenTls = false } = options.gateway;
  const { deniedPorts, internet } = options;
  const trusted = publicScheme === "https" ? createSelfSigned(Date.now()) : undefined;
  const tls = trusted === undefined ? {} : { tls: createSecureContext({ key: trusted.key, cert: trusted.cert }) };
  const gateway = { host: listenHost, port: listenPort, tls: listenTls };
  const reach = createReach({ previews: { domain, port: publicPort }, deniedPorts, ...internet });
  return {
    openProxy: () => openConfinedProxy({ reach, gateway, ...internet, ...tls }),
    flags: trusted === undefined ? {} : { trustedKey: trusted.fingerprint },
  };
}

function startFailed(executable: string, cause: unknown): PreviewError {
  return new PreviewError("browser_failed", `${executable} could not be started`, {
    hint: "See the plane's log. Without root it needs user namespaces or its setuid sandbox; a snap does not work: name another one in DEV_PREVIEW_CHROMIUM_PATH.",
    cause,
  });
}
