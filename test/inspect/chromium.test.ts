import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createLogger } from "../../src/logger.ts";
import { chromiumLauncher } from "../../src/inspect/chromium.ts";
import type { Browser } from "../../src/inspect/browser.ts";
import { until } from "../support/until.ts";
import { watchBrowserProcesses } from "./support/browser-processes.ts";
import type { BrowserProcess } from "./support/browser-processes.ts";
import { noBrowser, openInspectedPlane } from "./support/inspected-plane.ts";

const gateway = {
  domain: "localhost",
  publicScheme: "http",
  publicPort: 9,
  listenHost: "127.0.0.1",
  listenPort: 9,
} as const;
const page = { width: 300, height: 300, origin: "http://x.localhost:9", onEvent: () => undefined };

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "chromium-"));
  processes = watchBrowserProcesses(home());
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** Servers of this process. */
const listening = () => process.getActiveResourcesInfo().filter((each) => each === "TCPServerWrap").length;
const home = () => join(directory, "browser");
let processes: () => BrowserProcess[];
function launch(executable?: string, maxMemoryBytes?: number): Promise<Browser> {
  return chromiumLauncher({
    ...(maxMemoryBytes !== undefined && { maxMemoryBytes }),
    executable,
    directory: home(),
    hostEnv: { ...process.env, DATABASE_URL: "postgres://secret", DEV_PREVIEW_TOKEN: "secret" },
    gateway,
    deniedPorts: [],
    logger: createLogger("silent"),
  })();
}

describe.skipIf(noBrowser !== undefined)(`Chromium ${noBrowser ?? ""}`, { timeout: 90_000 }, () => {
  it("ends with every process and file of it, helpers included", async () => {
    const listeners = listening();
    const browser = await launch();
    await browser.openPage(page);
    expect(listening()).toBe(listeners + 1);
    expect(processes().length).toBeGreaterThan(3);
    expect(readdirSync(home())).toHaveLength(1);
    await browser.close();
    await browser.close();
    await browser.ended;
    await until("no process is left", () => processes().length === 0);
    expect(readdirSync(home())).toEqual([]);
    await until("no proxy is left", () => listening() === listeners);
  });

  it("cleans up after itself when it is killed from outside", async () => {
    const listeners = listening();
    const browser = await launch();
    const opened = await browser.openPage(page);
    const [main] = processes().filter(
      ({ command }) => !command.includes("--type=") && command.includes("--user-data-dir"),
    );
    process.kill(main!.pid, "SIGKILL");
    await browser.ended;
    await expect(opened.look("1", 5000)).rejects.toMatchObject({ code: "browser_failed", retryable: true });
    await expect(browser.openPage(page)).rejects.toMatchObject({ code: "browser_failed" });
    await until("no process is left", () => processes().length === 0);
    await until("no file is left", () => readdirSync(home()).length === 0);
    await until("no proxy is left", () => listening() === listeners);
    await browser.close();
  });

  it("is ended with its page when that takes too much memory", { timeout: 90_000 }, async () => {
    const browser = await launch(undefined, 2 ** 29);
    const opened = await browser.openPage(page);
    const took = await opened
      .look("globalThis.held = [1, 2, 3, 4, 5, 6].map(() => new Uint8Array(1e8).fill(1)), 1", 60_000)
      .catch((error: unknown) => error);
    await browser.ended;
    expect([1, expect.objectContaining({ code: "browser_failed" })]).toContainEqual(took);
    await until("no process is left", () => processes().length === 0);
    await until("no file is left", () => readdirSync(home()).length === 0);
  });

  it("sees nothing of the plane's environment, and removes what a dead plane left", async () => {
    mkdirSync(join(home(), "b-old"), { recursive: true });
    writeFileSync(join(home(), "b-old", "Cookies"), "old");
    const browser = await launch();
    expect(existsSync(join(home(), "b-old"))).toBe(false);
    for (const { environment } of processes()) {
      expect(environment).not.toContain("DATABASE_URL");
      expect(environment).not.toContain("DEV_PREVIEW_TOKEN");
    }
    await browser.close();
  });

  it("has its sandbox, unless it runs as root", async () => {
    const browser = await launch();
    const flags = processes().map(({ command }) => command);
    expect(flags.some((command) => command.includes("--no-sandbox"))).toBe(process.getuid?.() === 0);
    await browser.close();
  });

  it("offers no debugging port, and no way around the proxy", async () => {
    const browser = await launch();
    const command = processes()
      .map((each) => each.command)
      .find((each) => each.includes("--user-data-dir"))!;
    expect(command).not.toContain("--remote-debugging-port");
    expect(command).toContain("--proxy-server=socks5://127.0.0.1:1 ");
    expect(command).toContain("--proxy-bypass-list=<-loopback>");
    await browser.close();
  });

  it("is ended with the inspector, also while it looks at a page", async () => {
    const plane = await openInspectedPlane();
    await plane.startPages();
    await plane.check("/", { waitSeconds: 45 });
    expect(plane.browserProcesses().length).toBeGreaterThan(5);
    const looking = plane.check("/slow", { waitSeconds: 45 }).catch((error: unknown) => error);
    await until("it looks", async () => (await plane.logs({ grep: "GET /slow" })).lines.length > 0);
    await plane.inspector.close();
    expect(await looking).toMatchObject({ code: "browser_failed" });
    await until("no process is left", () => plane.browserProcesses().length === 0);
    await plane.close();
  });

  it("is ended when it is idle, and starts again when it is needed", async () => {
    const plane = await openInspectedPlane({ idleMs: 100 });
    await plane.startPages();
    expect(await plane.check("/", { waitSeconds: 45 })).toMatchObject({ title: "Fine" });
    await until("it ended", () => plane.browserProcesses().length === 0);
    expect(await plane.check("/", { waitSeconds: 45 })).toMatchObject({ title: "Fine" });
    await plane.close();
    await until("no process is left", () => plane.browserProcesses().length === 0);
  });
});

describe("a Chromium that cannot start", () => {
  it("is told with its path, and leaves nothing", async () => {
    await expect(launch("/bin/false")).rejects.toMatchObject({
      code: "browser_failed",
      message: expect.stringContaining("/bin/false"),
    });
    expect(readdirSync(home())).toEqual([]);
  });

  it("because it is not there makes no directory", async () => {
    await expect(launch(join(directory, "none"))).rejects.toMatchObject({ code: "browser_missing" });
    expect(existsSync(home())).toBe(false);
  });
});
