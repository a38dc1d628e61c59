import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FrameLocator, Page } from "playwright-core";
import { noChromium, openChromium } from "./support/chromium.ts";
import { openEmbedder } from "./support/embedder.ts";
import type { Embedder } from "./support/embedder.ts";
import { openGatedPlane } from "./support/gated-plane.ts";
import type { GatedPlane, SeenByApp } from "./support/gated-plane.ts";
import { rawRequest } from "./support/raw-request.ts";
import { noCertificate, openTlsFront } from "./support/tls-front.ts";
import type { TlsFront } from "./support/tls-front.ts";

type Started = Awaited<ReturnType<GatedPlane["start"]>>;
const domain = "preview.example.com";
const missing = noChromium ?? noCertificate;

describe.skipIf(missing !== undefined)(`a gated preview in a frame, behind TLS, ${missing ?? ""}`, () => {
  let front: TlsFront;
  let embedder: Embedder;
  let gated: GatedPlane;
  let web: Started;
  beforeAll(async () => {
    front = await openTlsFront(domain);
    embedder = await openEmbedder("example.org");
    gated = await openGatedPlane({}, { front, domain });
    web = await gated.start("web", { embedOrigins: [embedder.originOf("chat")] });
  });
  afterAll(async () => {
    await gated.close();
    await front.close();
    await embedder.close();
  });

  async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
    const hosts = { [`*.${domain}`]: "127.0.0.1", "*.example.org": "127.0.0.1" };
    // cookies of other sites are blocked: what works here needs none
    const browser = await openChromium({ hosts, further: ["--test-third-party-cookie-phaseout"] });
    try {
      await work(await browser.newPage());
    } finally {
      await browser.close();
    }
  }

  async function openFrame(page: Page, site: string, path = ""): Promise<FrameLocator> {
    await page.goto(embedder.pageOf(site, `${web.previewUrl}${path}`));
    return page.frameLocator("iframe");
  }

  async function logInInFrame(page: Page, frame: FrameLocator): Promise<void> {
    const opened = page.waitForEvent("popup");
    await frame.getByRole("button", { name: "Log in" }).click();
    const popup = await opened;
    await popup.locator("input[name=login]").fill("ada");
    const closed = popup.waitForEvent("close");
    await popup.getByRole("button", { name: "Log in" }).click();
    await closed;
    await frame.locator("body[data-live=yes]").waitFor();
  }

  it("logs in in a window of its own, comes back to its path, hot-reloads, and is cut by a logout", () =>
    withPage(async (page) => {
      const frame = await openFrame(page, "chat", "deep?a=1");
      await logInInFrame(page, frame);
      expect(page.frames()[1]?.url()).toBe(`${web.previewUrl}deep?a=1`);
      await gated.edit("edited");
      await frame.getByRole("heading", { name: "edited" }).waitFor();
      await gated.edit("first");
      await page.reload();
      await frame.locator("body[data-live=yes]").waitFor();
      const other = await page.context().newPage();
      await other.goto(`${gated.authOrigin}/`);
      await other.getByRole("button", { name: "Log out" }).click();
      await frame.locator("body[data-live=no]").waitFor({ timeout: 1000 });
      await page.reload();
      await frame.getByRole("button", { name: "Log in" }).waitFor();
    }));

  it("has cookies of that frame alone, bound to their host, out of reach for scripts and unseen by the app", () =>
    withPage(async (page) => {
      const frame = await openFrame(page, "chat");
      await logInInFrame(page, frame);
      const host = new URL(web.previewUrl).hostname;
      const cookies = (await page.context().cookies()).filter((cookie) => cookie.domain === host);
      expect(cookies.map(({ name }) => name).sort()).toEqual([
        "__Host-dev-preview-frame-browser",
        "__Host-dev-preview-frame-visit",
      ]);
      for (const cookie of cookies) {
        expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "None", path: "/" });
        expect(cookie.partitionKey).toBe("https://example.org");
      }
      expect(await page.frames()[1]?.evaluate("document.cookie")).toBe("");
      const { body } = await rawRequest({
        port: gated.plane.gatewayPort,
        path: "/seen",
        headers: { host: new URL(web.previewUrl).host, "x-preview-token": web.token },
      });
      const { heads } = JSON.parse(body) as SeenByApp;
      expect(heads.length).toBeGreaterThan(1);
      expect(JSON.stringify(heads)).not.toMatch(/dev-preview-(?!probe)|ticket=/);
    }));

  it("offers no login to a frame of another origin, and shows nothing there to who is logged in", () =>
    withPage(async (page) => {
      const frame = await openFrame(page, "evil");
      await frame.getByRole("heading", { name: "Log in first" }).waitFor();
      expect(await frame.getByRole("button").count()).toBe(0);
      await page.goto(web.previewUrl);
      await page.locator("input[name=login]").fill("ada");
      await page.getByRole("button", { name: "Log in" }).click();
      await page.locator("body[data-live=yes]").waitFor();
      const again = await openFrame(page, "evil");
      await again.getByRole("heading", { name: "Log in first" }).waitFor();
      const allowed = await openFrame(page, "chat");
      // who is logged in is not asked again
      await allowed.getByRole("button", { name: "Log in" }).click();
      await allowed.locator("body[data-live=yes]").waitFor();
      // the same site as the one that is allowed, and so the same cookies: its origin is another
      const refused = page.waitForResponse((response) => response.url() === web.previewUrl);
      await openFrame(page, "evil");
      expect((await refused).status()).toBe(403);
    }));

  it("is not asked by the page around it, which the browser would send the frame's cookie for", () =>
    withPage(async (page) => {
      await logInInFrame(page, await openFrame(page, "chat"));
      const asked = page.waitForResponse((response) => response.url().endsWith("/attack"));
      const closed = await page.evaluate(async (target) => {
        await fetch(`${target}attack`, { method: "POST", mode: "no-cors", credentials: "include" });
        const socket = new WebSocket(`${target.replace("http", "ws")}attack`);
        return await new Promise((resolve) => {
          socket.addEventListener("open", () => resolve("open"));
          socket.addEventListener("close", () => resolve("closed"));
        });
      }, web.previewUrl);
      expect([closed, (await asked).status()]).toEqual(["closed", 403]);
    }));

  it("of a signed link is shown to that origin alone", () =>
    withPage(async (page) => {
      const { previewUrl = "" } = await gated.plane.client.url({ name: "web", signed: true });
      await page.goto(embedder.pageOf("chat", previewUrl));
      await page.frameLocator("iframe").locator("body[data-live=yes]").waitFor();
      const refused = page.waitForEvent("console", (message) => message.text().includes("frame-ancestors"));
      await page.goto(embedder.pageOf("evil", previewUrl));
      await refused;
      expect(await page.frameLocator("iframe").locator("body[data-live]").count()).toBe(0);
    }));
});

describe.skipIf(noChromium !== undefined)(`a gated preview in a frame, under localhost, ${noChromium ?? ""}`, () => {
  it("logs in as behind TLS: browsers take its cookies for secure there", async () => {
    const embedder = await openEmbedder("localhost");
    const gated = await openGatedPlane();
    const browser = await openChromium({ further: ["--test-third-party-cookie-phaseout"] });
    try {
      const { previewUrl } = await gated.start("web", { embedOrigins: [embedder.originOf("console")] });
      const page = await browser.newPage();
      await page.goto(embedder.pageOf("console", previewUrl));
      const frame = page.frameLocator("iframe");
      const opened = page.waitForEvent("popup");
      await frame.getByRole("button", { name: "Log in" }).click();
      const popup = await opened;
      await popup.locator("input[name=login]").fill("ada");
      await popup.getByRole("button", { name: "Log in" }).click();
      await frame.locator("body[data-live=yes]").waitFor();
    } finally {
      await browser.close();
      await gated.close();
      await embedder.close();
    }
  });
});
