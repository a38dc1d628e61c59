import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Page } from "playwright-core";
import { noChromium, openChromium } from "./support/chromium.ts";
import type { Browser } from "./support/chromium.ts";
import { endHome } from "./support/end-home.ts";
import { openEventStream } from "./support/event-stream.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleCopy, ExampleName } from "./support/example-copy.ts";
import { nextApp, seeHotReload, viteReact } from "./support/hot-reload.ts";
import type { HotReloaded } from "./support/hot-reload.ts";
import { expectCoreFields, startPreview, stopPreview } from "./support/main-job.ts";
import { httpClients, stdioClients } from "./support/mcp-clients.ts";
import type { McpClient } from "./support/mcp-clients.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { stdioFront } from "./support/stdio-front.ts";

describe.skipIf(noChromium !== undefined)(`the main job ${noChromium ?? ""}`, () => {
  let browser: Browser;
  let page: Page;
  let home: PlaneHome;
  let copy: ExampleCopy | undefined;
  let client: McpClient | undefined;
  beforeAll(async () => {
    browser = await openChromium();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
    page = await browser.newPage();
  });
  afterEach(async () => {
    await page.close();
    await client?.close();
    await endHome(home);
    await copy?.close();
  });

  const inCopyOf = async (name: ExampleName): Promise<ExampleCopy> => (copy = await copyExample(name));

  describe.each(stdioClients)("by a $title, which starts the plane itself,", ({ connect }) => {
    it("starts vite-react, shows an edit without a page load, and stops it", async () => {
      const project = await inCopyOf("vite-react");
      client = await connect(stdioFront(home, project.root));
      await doMainJob(client, page, { copy: project, example: viteReact });
    });
  });

  describe.each(httpClients)("by a $title, against a plane that is served,", ({ connect }) => {
    it("starts vite-react, shows an edit without a page load, and stops it", async () => {
      const project = await inCopyOf("vite-react");
      const plane = await startPlaneProcess({ ...home, workspace: project.root });
      const url = new URL("/mcp", plane.controlUrl);
      client = await connect({ url, token: plane.token, projectSlug: "app" });
      await doMainJob(client, page, { copy: project, example: viteReact });
    });
  });

  it("starts next-app, shows an edit of a server component without a page load, and stops it", async () => {
    const project = await inCopyOf("next-app");
    client = await stdioClients[2]!.connect(stdioFront(home, project.root));
    await doMainJob(client, page, { copy: project, example: nextApp });
  });

  it("starts node-http, shows server-sent events one by one, and stops it", async () => {
    const project = await inCopyOf("node-http");
    client = await stdioClients[0]!.connect(stdioFront(home, project.root));
    const preview = await startPreview(client);
    expectCoreFields(preview, { repoDir: project.root, framework: "node" });
    await page.goto(preview.previewUrl);
    expect(await page.title()).toBe("Dev preview: Node");
    const uptime = page.locator("#uptime");
    const first = await uptime.filter({ hasText: /\d+ s/ }).textContent();
    await expect.poll(() => uptime.textContent(), { timeout: 10_000 }).not.toBe(first);
    const events = await openEventStream(new URL("/events", preview.previewUrl));
    await events.count(3);
    // the server sends one each second: held back, they would arrive at once
    expect(events.arrivals[2]! - events.arrivals[1]!).toBeGreaterThan(500);
    expect(events.arrivals[1]! - events.arrivals[0]!).toBeGreaterThan(500);
    await stopPreview(client, preview, () => events.closedAt());
  });
});

async function doMainJob(
  client: McpClient,
  page: Page,
  { copy, example }: { copy: ExampleCopy; example: HotReloaded },
): Promise<void> {
  const preview = await startPreview(client);
  expectCoreFields(preview, { repoDir: copy.root, framework: example.framework });
  const { sockets } = await seeHotReload(page, preview.previewUrl, { copy, example });
  const { host } = new URL(preview.previewUrl);
  expect(sockets.map(({ url }) => new URL(url).host)).toEqual([host]);
  await stopPreview(client, preview, () => sockets[0]!.closedAt);
  expect((await page.goto(preview.previewUrl))?.status()).toBe(410);
}
