import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { until } from "../support/until.ts";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { openGatedPlane } from "./support/gated-plane.ts";
import type { GatedPlane, SeenByApp } from "./support/gated-plane.ts";
import { rawRequest } from "./support/raw-request.ts";

type Started = Awaited<ReturnType<GatedPlane["start"]>>;

/** What the app answers to one who holds the machine's token. */
async function seenBy({ plane }: GatedPlane, { previewUrl, token }: Started): Promise<SeenByApp> {
  const headers = { host: new URL(previewUrl).host, "x-preview-token": token };
  const { body } = await rawRequest({ port: plane.gatewayPort, path: "/seen", headers });
  return JSON.parse(body) as SeenByApp;
}

async function logIn(page: Page, name: string): Promise<void> {
  await page.locator("input[name=login]").fill(name);
  await page.getByRole("button", { name: "Log in" }).click();
}

describe.skipIf(noChromium !== undefined)(`a gated link, in a browser, ${noChromium ?? ""}`, () => {
  let gated: GatedPlane;
  let web: Started;
  let browser: Browser;
  beforeAll(async () => {
    gated = await openGatedPlane({ DEV_PREVIEW_GATEWAY_WORKERS: "2" });
    web = await gated.start("web");
  });
  afterAll(() => gated.close());

  async function withBrowser(work: (page: Page) => Promise<void>): Promise<void> {
    browser = await openChromium();
    try {
      await work(await browser.newPage());
    } finally {
      await browser.close();
    }
  }

  it("asks for a login, comes back to the path, and hot-reloads", () =>
    withBrowser(async (page) => {
      await page.goto(`${web.previewUrl}deep/page?a=1`);
      expect(page.url()).toContain(gated.provider.issuer);
      await logIn(page, "ada");
      await page.getByRole("heading").waitFor();
      expect(page.url()).toBe(`${web.previewUrl}deep/page?a=1`);
      await page.locator("body[data-live=yes]").waitFor();
      await gated.edit("edited");
      await page.getByRole("heading", { name: "edited" }).waitFor();
      await gated.edit("first");
    }));

  it("is cut within a second by logging out, open sockets included", () =>
    withBrowser(async (page) => {
      await page.goto(web.previewUrl);
      await logIn(page, "ada");
      await page.locator("body[data-live=yes]").waitFor();
      const other = await page.context().newPage();
      await other.goto(`${gated.authOrigin}/`);
      await other.getByRole("button", { name: "Log out" }).click();
      await page.locator("body[data-live=no]").waitFor({ timeout: 1000 });
      expect(await page.evaluate(async () => (await fetch("/")).status)).toBe(401);
    }));

  it("is cut within a second when an administrator ends the person's sessions, and others' go on", () =>
    withBrowser(async (page) => {
      await page.goto(web.previewUrl);
      await logIn(page, "ada");
      await page.locator("body[data-live=yes]").waitFor();
      const { sessions } = gated.plane.client;
      expect((await sessions.list()).map(({ user }) => user)).toContain("ada");
      expect(await sessions.end({ user: "bob" })).toEqual({ ended: 0 });
      expect(await page.locator("body[data-live=yes]").count()).toBe(1);
      await sessions.end({ user: "ada" });
      await page.locator("body[data-live=no]").waitFor({ timeout: 1000 });
      expect(await page.evaluate(async () => (await fetch("/")).status)).toBe(401);
      expect((await sessions.list()).map(({ user }) => user)).not.toContain("ada");
    }));

  it("lets in a guest of another org, and of none, until it is listed no more", () =>
    withBrowser(async (page) => {
      gated.provider.people.set("gus", undefined);
      const shared = await gated.start("shared", { guests: ["eve", "gus"] });
      for (const name of ["eve", "gus"]) {
        await page.context().clearCookies();
        await page.goto(shared.previewUrl);
        await logIn(page, name);
        await page.locator("body[data-live=yes]").waitFor();
      }
      await gated.plane.client.url({ name: "shared", guests: ["eve"] });
      await page.locator("body[data-live=no]").waitFor({ timeout: 1000 });
      await page.goto(shared.previewUrl);
      await page.getByRole("heading", { name: "Nothing here for you" }).waitFor();
    }));

  it("shows nothing to a member of another org, not even that there is a preview", () =>
    withBrowser(async (page) => {
      await page.goto(web.previewUrl);
      await logIn(page, "eve");
      await page.getByRole("heading", { name: "Nothing here for you" }).waitFor();
      const shown = await page.textContent("p");
      await page.goto(web.previewUrl.replace(`${web.port}-`, "1-"));
      await page.getByRole("heading", { name: "Nothing here for you" }).waitFor();
      expect(await page.textContent("p")).toBe(shown);
    }));

  it("hands the app no cookie and no token of ours", async () => {
    await withBrowser(async (page) => {
      await page.goto(web.previewUrl);
      await logIn(page, "ada");
      await page.locator("body[data-live=yes]").waitFor();
      await page.goto(`${web.previewUrl}steal`);
      await page.goto(`${web.previewUrl}after`);
      await page.locator("body[data-live=yes]").waitFor();
    });
    const { heads } = await until("the app has seen it", async () => {
      const seen = await seenBy(gated, web);
      return seen.heads.some(({ url }) => url === "/after") && seen;
    });
    expect(heads.some(({ headers }) => headers["cookie"] === "own=1")).toBe(true);
    expect(JSON.stringify(heads)).not.toMatch(/dev-preview-(?!probe)|x-preview-token|planted/);
  });

  it("lets the plane's own browser in, without a session", async () => {
    const response = await fetch(`${gated.plane.controlUrl}/v1/checks`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${gated.plane.token}`,
        "content-type": "application/json",
        "x-project-slug": "app",
      },
      body: JSON.stringify({ path: "/looked-at?a=1" }),
    });
    expect(await response.json()).toMatchObject({ title: "app" });
    const { heads } = await seenBy(gated, web);
    expect(heads.filter(({ url }) => url.includes("looked-at")).map(({ url }) => url)).toEqual(["/looked-at?a=1"]);
  });

  it("and a signed one of the same preview are two: no cookie is set at the signed one, whose token opens only itself", async () => {
    const signed = await gated.plane.client.url({ signed: true });
    expect(signed.signed).toBe(true);
    const answer = await gated.plane.get(signed.previewUrl ?? "");
    expect([answer.status, answer.headers["set-cookie"]]).toEqual([200, undefined]);
    const headers = { host: new URL(web.previewUrl).host, "x-preview-token": signed.token ?? "" };
    expect((await rawRequest({ port: gated.plane.gatewayPort, headers })).status).toBe(401);
    expect((await gated.plane.client.url({})).previewUrl).toBe(web.previewUrl);
  });

  it("leaves no token, ticket or cookie in the plane's log", () => {
    const log = gated.plane.log();
    expect(log).toContain('"event":"login"');
    expect(log).toContain("gateway_request");
    for (const secret of [web.token, "ticket=", "dev-preview-visit", "code="]) expect(log).not.toContain(secret);
  });
});
