import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { endHome } from "./support/end-home.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleCopy } from "./support/example-copy.ts";
import { seeHotReload, viteReact } from "./support/hot-reload.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { runCli } from "./support/run-cli.ts";

const domains = ["preview.example.com", "localhost"];

/** Statuses that WebSockets were opened with: 101 over HTTP/1.1, 200 over HTTP/2. */
async function watchHandshakes(page: Page): Promise<number[]> {
  const statuses: number[] = [];
  const session = await page.context().newCDPSession(page);
  session.on("Network.webSocketHandshakeResponseReceived", ({ response }) => statuses.push(response.status));
  await session.send("Network.enable");
  return statuses;
}

describe.skipIf(noChromium !== undefined)(`a gateway that speaks TLS itself ${noChromium ?? ""}`, () => {
  let browser: Browser;
  let home: PlaneHome | undefined;
  let copy: ExampleCopy | undefined;
  beforeAll(async () => {
    browser = await openChromium({ hosts: Object.fromEntries(domains.map((name) => [`*.${name}`, "127.0.0.1"])) });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    copy = await copyExample(viteReact.name);
  });
  afterEach(async () => {
    if (home !== undefined) await endHome(home);
    await copy?.close();
  });

  it.each(domains)("shows a page under %s over HTTP/2, and hot reload by extended CONNECT", async (domain) => {
    home = await makePlaneHome({
      DEV_PREVIEW_LOG_LEVEL: "warn",
      DEV_PREVIEW_GATEWAY_WORKERS: "2",
      DEV_PREVIEW_DOMAIN: domain,
      DEV_PREVIEW_TLS_LOCAL: "true",
    });
    const plane = await startPlaneProcess({ ...home, workspace: copy!.root });
    let preview = await plane.client.start({ waitSeconds: 45 });
    while (preview.status === "starting") preview = await plane.client.url({ waitSeconds: 45 });
    const { previewUrl = "", port, token } = preview;
    expect(preview.status).toBe("ready");
    expect(previewUrl).toBe(`https://${port}-${token}.${domain}:${plane.gatewayPort}/`);
    const page = await browser.newPage();
    const handshakes = await watchHandshakes(page);
    await seeHotReload(page, previewUrl, { copy: copy!, example: viteReact });
    const protocols = await page.evaluate(() =>
      performance.getEntries().flatMap((entry) => ("nextHopProtocol" in entry ? [String(entry.nextHopProtocol)] : [])),
    );
    expect(protocols.length).toBeGreaterThan(5);
    expect(new Set(protocols)).toEqual(new Set(["h2"]));
    expect(handshakes).toEqual([200]);
    await page.close();
    const check = await plane.client.check({ waitSeconds: 30 });
    expect(check).toMatchObject({ httpStatus: 200, title: viteReact.title, pageErrors: [], failedRequests: [] });
    const { stdout } = await runCli(home, "ca", "--json");
    const [authority] = JSON.parse(stdout).authorities;
    expect(authority).toMatchObject({ domain, fingerprint: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/) });
    expect(await readFile(authority.path, "utf8")).toContain("BEGIN CERTIFICATE");
    expect(authority.path).toBe(join(home.state, "authority", `${domain}.crt`));
  });
});
