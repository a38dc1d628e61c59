import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { until } from "../support/until.ts";
import { noChromium, openChromium } from "./support/chromium.ts";
import { openGatedPlane } from "./support/gated-plane.ts";
import type { GatedPlane, SeenByApp } from "./support/gated-plane.ts";
import { rawRequest } from "./support/raw-request.ts";
import { noCertificate, openTlsFront } from "./support/tls-front.ts";
import type { TlsFront } from "./support/tls-front.ts";

type Started = Awaited<ReturnType<GatedPlane["start"]>>;
const domain = "preview.example.com";
const missing = noChromium ?? noCertificate;

describe.skipIf(missing !== undefined)(`a gated link behind TLS, ${missing ?? ""}`, () => {
  let front: TlsFront;
  let gated: GatedPlane;
  let web: Started;
  let evil: Started;
  beforeAll(async () => {
    front = await openTlsFront(domain);
    gated = await openGatedPlane({}, { front, domain });
    gated.provider.people.set("mallory", "local");
    web = await gated.start("web");
    evil = await gated.start("evil");
  });
  afterAll(async () => {
    await gated.close();
    await front.close();
  });

  async function withPage(work: (page: Page) => Promise<void>): Promise<void> {
    const browser = await openChromium({ hosts: { [`*.${domain}`]: "127.0.0.1" } });
    try {
      await work(await browser.newPage());
    } finally {
      await browser.close();
    }
  }

  async function fillIn(page: Page, name: string): Promise<void> {
    await page.locator("input[name=login]").fill(name);
    await page.getByRole("button", { name: "Log in" }).click();
  }

  async function logIn(page: Page, name: string, url = web.previewUrl): Promise<void> {
    await page.goto(url);
    await fillIn(page, name);
    await page.locator("body[data-live=yes]").waitFor();
  }

  const seen = async ({ previewUrl, token }: Started): Promise<SeenByApp["heads"]> => {
    const headers = { host: new URL(previewUrl).host, "x-preview-token": token };
    const { body } = await rawRequest({ port: gated.plane.gatewayPort, path: "/seen", headers });
    return (JSON.parse(body) as SeenByApp).heads;
  };

  /** Somebody's way through the login, which ends before the browser asks for this path. */
  async function stopAt(name: string, path: string): Promise<string> {
    let stopped: string | undefined;
    await withPage(async (page) => {
      const session = await page.context().newCDPSession(page);
      session.on("Fetch.requestPaused", ({ requestId, request }) => {
        stopped = request.url;
        void session.send("Fetch.failRequest", { requestId, errorReason: "Aborted" });
      });
      await session.send("Fetch.enable", { patterns: [{ urlPattern: `*${path}?*` }] });
      await page.goto(web.previewUrl);
      await fillIn(page, name);
      await until("the browser is there", () => stopped !== undefined);
    });
    return stopped ?? "";
  }

  it("keeps its cookies to their hosts, and the app never sees one", () =>
    withPage(async (page) => {
      await logIn(page, "ada");
      await page.goto(`${web.previewUrl}steal`);
      await page.goto(`${web.previewUrl}after`);
      await page.locator("body[data-live=yes]").waitFor();
      const cookies = (await page.context().cookies()).filter(({ name }) => name.includes("dev-preview-"));
      const host = new URL(web.previewUrl).hostname;
      expect(cookies.map(({ name, domain: where }) => `${name} ${where}`).toSorted()).toEqual([
        `__Host-dev-preview-browser ${host}`,
        `__Host-dev-preview-session auth.${domain}`,
        `__Host-dev-preview-visit ${host}`,
      ]);
      for (const cookie of cookies) expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: "Lax" });
      expect(await page.evaluate("document.cookie")).toBe("own=1");
      const heads = await seen(web);
      expect(heads.find(({ url }) => url === "/after")?.headers["cookie"]).toBe("own=1");
      expect(JSON.stringify(heads)).not.toMatch(/dev-preview-(?!probe)|planted/);
    }));

  it("takes no cookie that a sibling plants", () =>
    withPage(async (page) => {
      await logIn(page, "mallory", evil.previewUrl);
      const [visit] = (await page.context().cookies()).filter(({ name }) => name.endsWith("visit"));
      for (const name of ["__Host-dev-preview-visit", "dev-preview-visit", "__Host-dev-preview-browser"])
        await page.evaluate(`document.cookie = "${name}=${visit?.value}; Domain=${domain}; Path=/; Secure"`);
      // the browser refused those with the prefix; the other is none of ours here, and not passed on either
      const planted = (await page.context().cookies()).filter(({ domain: where }) => where === `.${domain}`);
      expect(planted.map(({ name }) => name)).toEqual(["dev-preview-visit"]);
      const first = page.waitForResponse(web.previewUrl);
      await page.goto(web.previewUrl);
      expect((await first).status()).toBe(303);
      await page.locator("body[data-live=yes]").waitFor();
      expect(JSON.stringify(await seen(web))).not.toMatch(/dev-preview-(?!probe)/);
    }));

  it("is not opened by the cookie of another preview", () =>
    withPage(async (page) => {
      await logIn(page, "mallory", evil.previewUrl);
      const [visit] = (await page.context().cookies()).filter(({ name }) => name.endsWith("visit"));
      const headers = (to: Started) => ({
        host: new URL(to.previewUrl).host,
        cookie: `${visit?.name}=${visit?.value}`,
      });
      const port = gated.plane.gatewayPort;
      expect((await rawRequest({ port, headers: headers(evil) })).status).toBe(200);
      expect((await rawRequest({ port, headers: headers(web) })).status).toBe(401);
    }));

  it("is not reached by a page of the same site, which sends its cookie along", () =>
    withPage(async (page) => {
      await logIn(page, "ada");
      await page.goto(evil.previewUrl);
      await page.locator("body[data-live=yes]").waitFor();
      const answered = page.waitForResponse((response) => response.url().endsWith("/attack"));
      const closed = await page.evaluate(async (target) => {
        await fetch(`${target}attack`, { method: "POST", mode: "no-cors", credentials: "include" });
        const socket = new WebSocket(`${target.replace("http", "ws")}attack`);
        return await new Promise((resolve) => {
          socket.addEventListener("open", () => resolve("open"));
          socket.addEventListener("close", () => resolve("closed"));
        });
      }, web.previewUrl);
      // without the cookie it would be 401
      expect([(await answered).status(), closed]).toEqual([403, "closed"]);
      expect((await seen(web)).filter(({ url }) => url.includes("attack"))).toEqual([]);
    }));

  it("shows nobody another person's session: not by a ticket, and not by the provider's answer", async () => {
    const ticket = await stopAt("mallory", "/enter");
    const callback = await stopAt("mallory", "/callback");
    expect([ticket, callback]).toEqual([expect.stringContaining("ticket="), expect.stringContaining("code=")]);
    await withPage(async (page) => {
      expect((await page.goto(ticket))?.status()).toBe(403);
      expect((await page.goto(callback))?.status()).toBe(400);
      // also where the victim has a login of its own under way
      await page.goto(web.previewUrl);
      const later = await stopAt("mallory", "/callback");
      expect((await page.goto(later))?.status()).toBe(400);
      await page.goto(`${gated.authOrigin}/`);
      await page.getByRole("heading", { name: "You are logged out" }).waitFor();
      await page.goto(web.previewUrl);
      await page.locator("input[name=login]").waitFor();
    });
  });

  it.each(["//evil.example.org/", "/\\evil.example.org/", "https://evil.example.org/", "/\t/evil.example.org/"])(
    "leads back to no other site: %j",
    (path) =>
      withPage(async (page) => {
        const begun = new URL((await loginOf(page)) ?? "");
        begun.searchParams.set("path", path);
        await page.goto(begun.href);
        await fillIn(page, "ada");
        await page.locator("body[data-live=yes]").waitFor();
        expect(page.url()).toBe(web.previewUrl);
      }),
  );

  /** The address at the auth host that this page was sent to. */
  async function loginOf(page: Page): Promise<string | undefined> {
    const response = await page.goto(web.previewUrl);
    let request = response?.request() ?? null;
    while (request !== null && new URL(request.url()).pathname !== "/login") request = request.redirectedFrom();
    return request?.url();
  }
});
