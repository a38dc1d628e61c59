import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { noChromium, openChromium } from "./support/chromium.ts";
import { openGatedPlane } from "./support/gated-plane.ts";
import type { GatedPlane, SeenByApp } from "./support/gated-plane.ts";
import { rawRequest } from "./support/raw-request.ts";

type Started = Awaited<ReturnType<GatedPlane["start"]>>;
const lifeSeconds = 15;

describe.skipIf(noChromium !== undefined)(`beside a gated link, in a browser, ${noChromium ?? ""}`, () => {
  let gated: GatedPlane;
  let web: Started;
  let evil: Started;
  beforeAll(async () => {
    gated = await openGatedPlane({ DEV_PREVIEW_LOGIN_SECONDS: String(lifeSeconds) });
    web = await gated.start("web");
    evil = await gated.start("evil");
  });
  afterAll(() => gated.close());

  async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
    const browser = await openChromium();
    try {
      await work(await browser.newPage());
    } finally {
      await browser.close();
    }
  }

  async function logIn(page: Page, url: string): Promise<void> {
    await page.goto(url);
    const name = page.locator("input[name=login]");
    await name.or(page.locator("body[data-live=yes]")).waitFor();
    if (await name.isVisible()) {
      await name.fill("ada");
      await page.getByRole("button", { name: "Log in" }).click();
    }
    await page.locator("body[data-live=yes]").waitFor();
  }

  it("a page of another preview neither posts to it nor opens its sockets", () =>
    withPage(async (page) => {
      await logIn(page, web.previewUrl);
      await logIn(page, evil.previewUrl);
      const closed = await page.evaluate(async (target) => {
        await fetch(`${target}attack`, { method: "POST", mode: "no-cors", credentials: "include" });
        const socket = new WebSocket(`${target.replace("http", "ws")}attack`);
        return await new Promise((resolve) => {
          socket.addEventListener("open", () => resolve("open"));
          socket.addEventListener("close", () => resolve("closed"));
        });
      }, web.previewUrl);
      expect(closed).toBe("closed");
      const headers = { host: new URL(web.previewUrl).host, "x-preview-token": web.token };
      const { body } = await rawRequest({ port: gated.plane.gatewayPort, path: "/seen", headers });
      const { heads } = JSON.parse(body) as SeenByApp;
      expect(heads.filter(({ url }) => url.includes("attack"))).toEqual([]);
    }));

  it("a ticket that was used is refused, and so is one in another browser", () =>
    withPage(async (page) => {
      const tickets: string[] = [];
      page.on("request", (request) => {
        if (request.url().includes("/enter?ticket=")) tickets.push(request.url());
      });
      await logIn(page, web.previewUrl);
      expect((await page.goto(tickets[0]!))?.status()).toBe(403);
      await withPage(async (other) => {
        expect((await other.goto(tickets[0]!))?.status()).toBe(403);
      });
    }));

  it("who left the org is out when the login is over: the socket is cut, a new login leads nowhere", () =>
    withPage(async (page) => {
      await logIn(page, web.previewUrl);
      gated.provider.people.set("ada", "globex");
      try {
        await page.locator("body[data-live=no]").waitFor({ timeout: (lifeSeconds + 5) * 1000 });
        expect(await page.evaluate(async () => (await fetch("/")).status)).toBe(401);
        await page.goto(web.previewUrl);
        // the provider still knows the person, and asks nothing
        await page.getByRole("heading", { name: "Nothing here for you" }).waitFor();
      } finally {
        gated.provider.people.set("ada", "local");
      }
    }));

  it("a link to it from elsewhere is followed, and it is not shown in a foreign frame", () =>
    withPage(async (page) => {
      await logIn(page, web.previewUrl);
      await logIn(page, evil.previewUrl);
      const status = page.waitForResponse((response) => response.url() === `${web.previewUrl}framed`);
      const framed = JSON.stringify(`${web.previewUrl}framed`);
      await page.evaluate(`document.body.append(Object.assign(document.createElement("iframe"), { src: ${framed} }))`);
      expect([401, 403]).toContain((await status).status());
      await page.evaluate(`location.assign(${JSON.stringify(web.previewUrl)})`);
      await page.waitForURL(web.previewUrl);
      await page.locator("body[data-live=yes]").waitFor();
    }));
});
