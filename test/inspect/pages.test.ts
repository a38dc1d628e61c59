import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { checkInput, checkOutput, maxImageChars, screenshotInput } from "../../src/preview/inspection.ts";
import type { CheckOutput } from "../../src/preview/inspection.ts";
import { maxResultBytes } from "../../src/tools/fit-result.ts";
import { imageSize, pixelsOf } from "./support/image.ts";
import { noBrowser, openInspectedPlane } from "./support/inspected-plane.ts";
import type { InspectedPlane } from "./support/inspected-plane.ts";

const secret = "sesame-open-1234";

/** A loaded machine may take many seconds to start a browser; pages themselves are quick. */
describe.skipIf(noBrowser !== undefined)(`pages in a real browser ${noBrowser ?? ""}`, { timeout: 90_000 }, () => {
  let plane: InspectedPlane;
  let token: string;
  beforeAll(async () => {
    plane = await openInspectedPlane();
    const preview = await plane.startPages({ env: { MY_VALUE: secret } });
    token = preview.token!;
    await plane.check("/", { waitSeconds: 45 });
  }, 90_000);
  afterAll(() => plane?.close());

  const check = async (path: string, input: object = {}): Promise<CheckOutput> => {
    const report = checkOutput.strict().parse(await plane.check(path, { waitSeconds: 45, ...input }));
    expect(JSON.stringify(report)).not.toContain(token);
    return report;
  };

  it("a page that is fine has nothing to report", async () => {
    const report = await check("/");
    expect(report).toEqual({
      httpStatus: 200,
      title: "Fine",
      finalUrl: expect.stringMatching(/^http:\/\/\d+-\[redacted\]\.localhost:\d+\/$/),
      consoleErrors: [],
      pageErrors: [],
      failedRequests: [],
      blank: false,
      loadMs: expect.any(Number),
      next: expect.stringContaining("without errors"),
    });
  });

  it("is looked at for nobody who may only read: a look goes by the link", async () => {
    const { context, inspector } = plane;
    const reader = { ...context, principal: { ...context.principal, scopes: ["preview:read"] as const } };
    await expect(inspector.check(reader, checkInput.parse({}))).rejects.toMatchObject({ code: "insufficient_scope" });
    await expect(inspector.screenshot(reader, screenshotInput.parse({}))).rejects.toMatchObject({
      code: "insufficient_scope",
    });
  });

  it("console errors are told, warnings are not, each once and redacted", async () => {
    const { consoleErrors } = await check("/console-error");
    expect(consoleErrors).toEqual([
      "first {a: 1}",
      expect.stringMatching(/^at http:\/\/\d+-\[redacted\]\.localhost:\d+\/console-error with password=\[redacted\]$/),
      "[redacted]",
    ]);
    expect((await check("/frame")).consoleErrors).toHaveLength(3);
  });

  it("uncaught errors and rejections are told with their place", async () => {
    expect((await check("/page-error")).pageErrors).toEqual([
      expect.stringMatching(/^TypeError: Cannot read properties of null .*\nat http:.*\/page-error:1:\d+$/),
    ]);
    expect((await check("/rejection")).pageErrors).toEqual([expect.stringMatching(/^RangeError: late\nat http:/)]);
  });

  it("failed requests are told with their status, and not once more as console errors", async () => {
    const { failedRequests, consoleErrors } = await check("/failed-request");
    expect(failedRequests.toSorted((a, b) => a.status! - b.status!)).toEqual([
      { url: expect.stringContaining("/missing.png?token=[redacted]"), status: 404 },
      { url: expect.stringContaining("/error"), status: 500 },
    ]);
    expect(consoleErrors).toEqual([]);
  });

  test.each(["/blank", "/blank-image", "/empty"])("%s is blank", async (path) => {
    expect(await check(path)).toMatchObject({ blank: true, next: expect.stringContaining("Nothing is visible") });
  });

  test.each(["/shadow", "/late", "/colours"])("%s is not blank", async (path) => {
    expect(await check(path)).toMatchObject({ blank: false });
  });

  test.each([
    ["/overlay", "[plugin:vite] Unexpected token (3:7)\n/src/App.tsx"],
    ["/frame-overlay", "Compiled with problems:\n\nERROR in ./src/index.js"],
    ["/next-overlay", "Build Error\nModule not found"],
  ])("the error overlay of %s is read, without its styles", async (path, text) => {
    expect(await check(path)).toMatchObject({
      errorOverlay: text,
      blank: false,
      next: expect.stringContaining("errorOverlay"),
    });
  });

  test.each([
    ["angular-21", "Type 'string' is not assignable to type 'number'.\nsrc/main.ts:4:12", false],
    ["astro-7", "Could not import ../missing.ts", true],
    ["next-15", "Build Error\n\nModule not found: Can't resolve './missing.jsx'\n\n./app/page.jsx (1:1)", true],
    ["next-16", "Build Error\nModule not found: Can't resolve './missing.jsx'\n./app/page.jsx (1:1)", true],
    ["nuxt-4", "thrown in setup", false],
    ["rsbuild-2", "File: ./src/index.js:1:1-23", true],
    ["sveltekit-3", "Failed to load url ./missing.js", false],
    ["webpack-dev-server-5", "ERROR in ./src/index.js 1:0-22\nModule not found", true],
  ])("the overlay of %s is read as it was found there", async (name, text, blank) => {
    const { errorOverlay = "", ...report } = await check(`/overlays/${name}`);
    expect(errorOverlay).toContain(text);
    expect(errorOverlay).not.toMatch(/ignored|:host|<div/);
    expect(report).toMatchObject({ blank, next: expect.stringContaining("errorOverlay") });
  });

  it("an overlay that two frameworks might have made is read once", async () => {
    const { errorOverlay = "" } = await check("/overlays/webpack-dev-server-5");
    expect(errorOverlay.split("Compiled with problems")).toHaveLength(2);
  });

  it("an overlay that is folded away is none", async () => {
    expect(await check("/overlays/next-16-collapsed")).not.toHaveProperty("errorOverlay");
  });

  it("the overlay of a real Vite is read, once it is there", async () => {
    const vite = fileURLToPath(new URL("../../node_modules/vite/bin/vite.js", import.meta.url));
    await writeFile(join(plane.workspace, "index.html"), '<h1>App</h1><script type="module" src="/main.js"></script>');
    await writeFile(join(plane.workspace, "main.js"), 'import "./missing.js";');
    const command = `'${process.execPath}' '${vite}' --host 0.0.0.0 --port {port} --strictPort`;
    await plane.start({ name: "vite", command, waitSeconds: 45 });
    const report = await check("/", { name: "vite" });
    expect(report).toMatchObject({
      httpStatus: 200,
      failedRequests: [{ url: expect.stringContaining("/main.js"), status: 500 }],
    });
    expect(report.errorOverlay).toContain("main.js");
    expect(report.errorOverlay).not.toContain("font-family");
  });

  it("the element of an overlay that shows no error is none", async () => {
    expect(await check("/next-tools")).not.toHaveProperty("errorOverlay");
  });

  it("a page under an overlay that shows nothing itself is blank", async () => {
    expect(await check("/overlay-alone")).toMatchObject({ blank: true, errorOverlay: expect.any(String) });
  });

  it("a failing server, and a path that is not there, are told by the status", async () => {
    expect(await check("/error")).toMatchObject({ httpStatus: 500, consoleErrors: [], failedRequests: [] });
    expect(await check("/nowhere")).toMatchObject({ httpStatus: 404, next: expect.stringContaining("path") });
  });

  it("a login that nobody gives is answered with nothing, and the page behind it is seen", async () => {
    expect(await check("/login")).toMatchObject({
      httpStatus: 401,
      title: "log in",
      blank: false,
      consoleErrors: [],
      failedRequests: [],
    });
  });

  it("a redirect that never ends is told as a failed request", async () => {
    const report = await check("/loop");
    expect(report.failedRequests).toEqual([
      { url: expect.stringContaining("/loop"), error: "net::ERR_TOO_MANY_REDIRECTS" },
    ]);
    expect(report).not.toHaveProperty("httpStatus");
  });

  it("dialogs, printing and the wish to stay hold nobody up", async () => {
    expect(await check("/alerts")).toMatchObject({ title: "alerted", httpStatus: 200 });
  });

  it("windows, permissions and downloads are denied", async () => {
    expect(await check("/popup")).toMatchObject({ title: "true" });
    expect(await check("/permissions")).toMatchObject({ title: "denied,denied,denied,denied" });
    expect(await check("/file")).toMatchObject({ httpStatus: 200, blank: true });
  });

  it("a stream that stays open is no load that does not end", async () => {
    const report = await check("/streams");
    expect(report).toMatchObject({ blank: false, loadMs: expect.any(Number) });
  });

  it("sockets work through the gateway", async () => {
    expect(await check("/socket-page")).toMatchObject({ title: "socket: hello", failedRequests: [] });
  });

  test.each([
    ["/never", { failedRequests: [] }, ["httpStatus", "title", "blank", "loadMs"]],
    ["/slow", { httpStatus: 200, title: "Slow", blank: false }, ["loadMs"]],
    ["/slow-image", { httpStatus: 200, title: "Slow image", blank: false }, ["loadMs"]],
    ["/hangs", { httpStatus: 200, next: expect.stringContaining("endless") }, ["title", "blank", "loadMs"]],
    ["/floods", { httpStatus: 200 }, ["loadMs"]],
  ])("%s ends in its time, with what is known by then", async (path, expected, absent) => {
    const startedAt = performance.now();
    const report = await check(path, { waitSeconds: 8 });
    // half a second for the answer, and what a busy machine makes of it
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(report).toMatchObject(expected);
    for (const field of absent) expect(report).not.toHaveProperty(field);
  });

  it("a service worker that hangs holds nobody up, and is gone with its page", async () => {
    expect(await check(`/by-worker?to=${encodeURIComponent("/")}&to=hang`)).toMatchObject({
      title: "ok,ok",
      loadMs: expect.any(Number),
    });
    expect(await check("/")).toMatchObject({ title: "Fine" });
  });

  it("after a page that hung, the next one is seen as ever", async () => {
    expect(await check("/")).toMatchObject({ title: "Fine" });
  });

  it("a page with a hundred long errors of each kind fits one result", async () => {
    const report = await check("/many");
    const encoded = JSON.stringify({
      structuredContent: report,
      content: [{ type: "text", text: JSON.stringify(report) }],
    });
    expect(Buffer.byteLength(encoded)).toBeLessThanOrEqual(maxResultBytes);
    expect(report.omitted).toBeGreaterThan(100);
    expect(report.title!.length).toBeLessThanOrEqual(201);
  });

  it("three looks at once are two, then one, and none sees another's page", async () => {
    const titles = ["/", "/slow-image", "/error"].map(async (path) => (await check(path, { waitSeconds: 10 })).title);
    expect(await Promise.all(titles)).toEqual(["Fine", "Slow image", "500"]);
  });

  it("each look has storage of its own", async () => {
    expect(await check("/remembers")).toMatchObject({ title: "first visit" });
    expect(await check("/remembers")).toMatchObject({ title: "first visit" });
  });

  it("a screenshot shows the page, in the size asked for", async () => {
    const image = await plane.screenshot("/box", { waitSeconds: 45, width: 400, height: 300 });
    expect(image.mimeType).toBe("image/png");
    const png = Buffer.from(image.data, "base64");
    expect(imageSize(png)).toEqual({ width: 400, height: 300 });
    const pixel = pixelsOf(png);
    expect([pixel(80, 80), pixel(300, 200)]).toEqual([
      [0, 0, 255],
      [255, 255, 255],
    ]);
  });

  it("a screenshot of the whole page is bounded in height, and scaled to fit", async () => {
    const image = await plane.screenshot("/tall", { waitSeconds: 45, fullPage: true });
    const { width, height } = imageSize(Buffer.from(image.data, "base64"));
    expect(height / width).toBeCloseTo(10_000 / 1280, 1);
    expect(width * height).toBeLessThanOrEqual(4_010_000);
  });

  it("a picture that is noise becomes a JPEG that fits", async () => {
    const image = await plane.screenshot("/colours", { waitSeconds: 45 });
    expect(image.mimeType).toBe("image/jpeg");
    expect(image.data.length).toBeLessThanOrEqual(maxImageChars);
    expect(Buffer.from(image.data, "base64").subarray(0, 2).toString("hex")).toBe("ffd8");
  });

  it("a page that goes on loading is drawn all the same; one that never came is refused", async () => {
    const image = await plane.screenshot("/slow-image", { waitSeconds: 6 });
    expect(image.mimeType).toBe("image/png");
    await expect(plane.screenshot("/loop", { waitSeconds: 45 })).rejects.toMatchObject({ code: "page_not_loaded" });
  });
});
