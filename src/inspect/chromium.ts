import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { totalmem } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import type { BrowserType } from "playwright-core";
import { createClosingStack } from "../closing-stack.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { GatewayAddress } from "../preview/deps.ts";
import type { LaunchBrowser } from "./browser.ts";
import { chromiumFlags, unwantedDefaults } from "./chromium-flags.ts";
import type { ChromiumNetwork } from "./chromium-flags.ts";
import { openConfinedProxy } from "./confined-proxy.ts";
import type { ConfinedProxy, ConfinedProxyOptions } from "./confined-proxy.ts";
import { findChromium, knownPlaces } from "./find-chromium.ts";
import { createReach } from "./reach.ts";
import type { ReachRules } from "./reach.ts";
import { createSelfSigned } from "./self-signed.ts";
import { runningChromium } from "./running-chromium.ts";

export interface ChromiumOptions {
  /** Path of the executable; without it the usual places are searched. */
  readonly executable: string | undefined;
  /** Of the browser's files. It is this plane's alone: whatever is in it at a start was left by a dead one. */
  readonly directory: string;
  readonly hostEnv: Readonly<Record<string, string | undefined>>;
  readonly gateway: GatewayAddress;
  /** Ports of the plane's listeners, which no page may reach. */
  readonly deniedPorts: readonly number[];
  readonly logger: Logger;
  /** Of all its processes together; more ends it. Default 3 GiB, and never more than half of the host's. */
  readonly maxMemoryBytes?: number;
  /** The world outside; replaced in tests. */
  readonly internet?: Pick<ReachRules, "resolve"> & Pick<ConfinedProxyOptions, "dial">;
}

const gibibyte = 1024 ** 3;
const launchMs = 30_000;

/** Starts a headless Chromium that reaches previews and public addresses alone. */
export function chromiumLauncher(options: ChromiumOptions): LaunchBrowser {
  return async () => {
    const { chromium } = await importPlaywright();
    const executable = findChromium(options.executable, [...knownPlaces, ...downloadedBy(chromium)]);
    const stack = createClosingStack();
    try {
      const home = stack.add(await makeHome(options.directory));
      const network = await openNetwork(options);
      const proxy = stack.add(network.proxy);
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
        env: browserEnv(options.hostEnv, home.path),
        args: chromiumFlags(network.flags),
        ignoreDefaultArgs: [...unwantedDefaults],
      });
      const browser = await runningChromium(context, {
        proxy,
        stack,
        logger: options.logger,
        maxMemoryBytes: options.maxMemoryBytes ?? Math.min(3 * gibibyte, totalmem() / 2),
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

async function makeHome(directory: string) {
  await rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = await mkdtemp(join(directory, "b-"));
  return { path, close: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}

async function openNetwork(options: ChromiumOptions): Promise<{ proxy: ConfinedProxy; flags: ChromiumNetwork }> {
  const { domain, publicPort, publicScheme, listenHost, listenPort } = options.gateway;
  const trusted = publicScheme === "https" ? createSelfSigned(Date.now()) : undefined;
  const proxy = await openConfinedProxy({
    reach: createReach({
      previews: { domain, port: publicPort },
      deniedPorts: options.deniedPorts,
      ...options.internet,
    }),
    gateway: { host: listenHost, port: listenPort },
    ...options.internet,
    ...(trusted !== undefined && { tls: createSecureContext({ key: trusted.key, cert: trusted.cert }) }),
  });
  return {
    proxy,
    flags: { proxyPort: proxy.port, ...(trusted !== undefined && { trustedKey: trusted.fingerprint }) },
  };
}

/** Nothing of the plane's environment, which holds secrets, but what a program needs to run. */
function browserEnv(hostEnv: ChromiumOptions["hostEnv"], home: string): Record<string, string> {
  const kept = ["PATH", "LANG", "LC_ALL", "TZ", "FONTCONFIG_PATH", "FONTCONFIG_FILE", "LD_LIBRARY_PATH"];
  const inherited = kept.flatMap((name) => {
    const value = hostEnv[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(inherited), HOME: home, ...(home.length <= maxTmpPath && { TMPDIR: home }) };
}

/** Chromium makes a Unix socket below TMPDIR, whose whole path must fit 104 bytes. */
const maxTmpPath = 50;

function startFailed(executable: string, cause: unknown): PreviewError {
  return new PreviewError("browser_failed", `${executable} could not be started`, {
    hint: "See the plane's log. Without root it needs user namespaces or its setuid sandbox; a snap does not work: name another one in DEV_PREVIEW_CHROMIUM_PATH.",
    cause,
  });
}
