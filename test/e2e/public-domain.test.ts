import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { endHome } from "./support/end-home.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleCopy } from "./support/example-copy.ts";
import { nextApp, seeHotReload, viteReact } from "./support/hot-reload.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { noCertificate, openTlsFront } from "./support/tls-front.ts";
import type { TlsFront } from "./support/tls-front.ts";

const domain = "preview.example.com";
const missing = noChromium ?? noCertificate;

/** `*.localhost` is on the white list of most frameworks and is a secure context without TLS; this name is neither. */
describe.skipIf(missing !== undefined)(`under a real domain, behind TLS, ${missing ?? ""}`, () => {
  let browser: Browser;
  let front: TlsFront;
  let home: PlaneHome;
  let copy: ExampleCopy | undefined;
  beforeAll(async () => {
    browser = await openChromium({ hosts: { [`*.${domain}`]: "127.0.0.1" } });
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    front = await openTlsFront(domain);
    home = await makePlaneHome({
      DEV_PREVIEW_LOG_LEVEL: "warn",
      DEV_PREVIEW_DOMAIN: domain,
      DEV_PREVIEW_PUBLIC_SCHEME: "https",
      DEV_PREVIEW_PUBLIC_PORT: String(front.port),
    });
  });
  afterEach(async () => {
    await endHome(home);
    await front.close();
    await copy?.close();
  });

  it.each([viteReact, nextApp])("$name shows its page, and an edit without a page load", async (example) => {
    copy = await copyExample(example.name);
    const plane = await startPlaneProcess({ ...home, workspace: copy.root });
    front.relayTo(plane.gatewayPort);
    let preview = await plane.client.start({ waitSeconds: 45 });
    while (preview.status === "starting") preview = await plane.client.url({ waitSeconds: 45 });
    const { previewUrl = "", port, token } = preview;
    expect(previewUrl).toBe(`https://${port}-${token}.${domain}:${front.port}/`);
    const page = await browser.newPage();
    const { sockets } = await seeHotReload(page, previewUrl, { copy, example });
    expect(sockets.map(({ url }) => new URL(url).origin)).toEqual([`wss://${new URL(previewUrl).host}`]);
    await page.close();
  });
});
