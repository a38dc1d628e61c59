import { afterEach, describe, expect, it, test } from "vitest";
import { PreviewError } from "../../src/errors.ts";
import { createInspector } from "../../src/inspect/inspector.ts";
import type { Inspector, InspectorOptions } from "../../src/inspect/inspector.ts";
import { createLogger } from "../../src/logger.ts";
import type { PreviewOutput } from "../../src/preview/contract.ts";
import { checkInput, screenshotInput } from "../../src/preview/inspection.ts";
import { fakePreview } from "../api/support/fake-use-cases.ts";
import { createFakeBrowsers } from "./support/fake-browser.ts";
import type { Behaviour } from "./support/fake-browser.ts";

const token = "cc3vnc7ftfnt7wllaglceafovqzttazo2obsxluld3hlzxz4";
const origin = `http://5173-${token}.localhost:4781`;
const context = {
  principal: { kind: "local", org: "local", user: "me", scopes: ["operator"] },
  projectSlug: "shop",
  requestId: "r",
} as const;

let inspector: Inspector;
afterEach(() => inspector.close());

/** The inspector over a fake browser, and a preview that is as it is told to be. */
function open(behaviour: Behaviour = {}, changed: Partial<PreviewOutput> = {}) {
  const browsers = createFakeBrowsers(behaviour);
  const asked: unknown[] = [];
  const useCases: InspectorOptions["useCases"] = {
    url: (_, input) => {
      asked.push(input);
      return Promise.resolve({
        ...fakePreview("shop", input.name ?? "web"),
        previewUrl: `${origin}${input.path}`,
        token,
        ...changed,
      });
    },
  };
  const record = { name: "web", env: { API_KEY: "sesame-open-1234" } };
  const db = {
    projects: { bySlug: () => Promise.resolve({ id: "p" }) },
    previews: { byName: () => Promise.resolve(record) },
  };
  inspector = createInspector({
    launch: browsers.launch,
    useCases,
    // of the database, only what redaction needs is asked
    db: db as unknown as InspectorOptions["db"],
    logger: createLogger("silent"),
  });
  return {
    browsers,
    asked,
    check: (input: object = {}, signal?: AbortSignal) =>
      inspector.check(context, checkInput.parse(input), signal === undefined ? {} : { signal }),
    screenshot: (input: object = {}) => inspector.screenshot(context, screenshotInput.parse(input)),
  };
}

describe("a check", () => {
  it("opens the preview's own URL, in a window of the size asked for, and keeps the page at its origin", async () => {
    const { browsers, asked, check } = open();
    const report = await check({ name: "docs", path: "/a?b=1#c", width: 400, height: 300, waitSeconds: 7 });
    expect(asked).toEqual([expect.objectContaining({ name: "docs", path: "/a?b=1#c", waitSeconds: 7, rotate: false })]);
    expect(browsers.pages[0]!.opened).toEqual([`${origin}/a?b=1#c`]);
    expect(browsers.pages[0]!.options).toMatchObject({ width: 400, height: 300, origin });
    expect(report).toMatchObject({ httpStatus: 200, title: "Fake", blank: false, loadMs: expect.any(Number) });
  });

  it("takes any part of a second for its time", async () => {
    expect(await open().check({ waitSeconds: 44.987_654_321 })).toMatchObject({ httpStatus: 200 });
  });

  it("shows neither the link's token nor what the caller gave to the dev server, wherever the page says it", async () => {
    const secrets = `${origin}/ ${token} sesame-open-1234 ${Buffer.from("sesame-open-1234").toString("base64")}`;
    const { check } = open({
      look: () => ({ title: secrets, blank: false, overlay: secrets }),
      open: (page) => {
        page.tell({ kind: "document", url: `${origin}/`, status: 200 });
        page.tell({ kind: "console-error", text: secrets, about: "" }, { kind: "page-error", text: secrets });
        page.tell({ kind: "failed", url: `${origin}/?k=sesame-open-1234`, error: secrets });
        return Promise.resolve();
      },
    });
    const text = JSON.stringify(await check());
    expect(text).toContain("[redacted]");
    for (const secret of [token, "sesame-open", "c2VzYW1l"]) expect(text).not.toContain(secret);
  });

  it("takes no more from a page than its script gives: whatever else it answers is no answer", async () => {
    for (const answer of [
      undefined,
      null,
      "text",
      { title: 1, blank: false },
      { title: "x".repeat(5000), blank: true },
    ]) {
      const { check } = open({ look: () => answer });
      const report = await check();
      expect(report).not.toHaveProperty("title");
      expect(report).not.toHaveProperty("blank");
      await inspector.close();
    }
  });

  it("reports a page that never loads within its time", async () => {
    const { check } = open({ loading: () => true });
    const startedAt = performance.now();
    const report = await check({ waitSeconds: 1 });
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(report).toMatchObject({ httpStatus: 200, title: "Fake" });
    expect(report).not.toHaveProperty("loadMs");
  });

  it("reports a document that never comes", async () => {
    const { check } = open({ open: () => Promise.resolve() });
    const report = await check();
    for (const field of ["httpStatus", "title", "blank", "loadMs"]) expect(report).not.toHaveProperty(field);
    expect(report.finalUrl).toBe("http://5173-[redacted].localhost:4781/");
  });

  it("stops waiting for a page that drowns it in errors", async () => {
    const { check } = open({
      loading: () => true,
      open: (page) => {
        page.tell({ kind: "document", url: `${origin}/`, status: 200 });
        for (let index = 0; index < 6000; index += 1) page.tell({ kind: "console-error", text: `${index}`, about: "" });
        return Promise.resolve();
      },
    });
    const startedAt = performance.now();
    const report = await check({ waitSeconds: 30 });
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(report.omitted).toBeGreaterThan(5900);
    expect(report.next).toContain("without end");
  });

  it("waits for a blank page to show something, but not for ever", async () => {
    let looks = 0;
    const later = open({ look: () => ({ title: "", blank: (looks += 1) < 4 }) });
    expect(await later.check()).toMatchObject({ blank: false });
    await inspector.close();
    const startedAt = performance.now();
    expect(await open({ look: () => ({ title: "", blank: true }) }).check()).toMatchObject({ blank: true });
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });

  it("is cancelled with its caller", async () => {
    const cancel = new AbortController();
    const { browsers, check } = open({ open: () => new Promise(() => undefined) });
    const call = check({}, cancel.signal);
    setTimeout(() => cancel.abort(), 50);
    await expect(call).rejects.toMatchObject({ code: "cancelled" });
    await inspector.close();
    expect(browsers.openPages()).toBe(0);
  });

  it("ends in its time when the browser hangs", async () => {
    const { check } = open({ open: () => new Promise(() => undefined) });
    const startedAt = performance.now();
    await expect(check({ waitSeconds: 1 })).rejects.toMatchObject({ code: "browser_failed", retryable: true });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  it("says why there is no browser, in the words of who looked for one", async () => {
    const missing = new PreviewError("browser_missing", "there is no Chromium", { hint: "Install one." });
    const { check, screenshot } = open({ launch: () => Promise.reject(missing) });
    await expect(check()).rejects.toBe(missing);
    await expect(screenshot()).rejects.toBe(missing);
  });

  it("leaves a fault of ours a fault of ours", async () => {
    const fault = new TypeError("a bug");
    const { check } = open({ open: () => Promise.reject(fault) });
    await expect(check()).rejects.toBe(fault);
  });

  test.each(["starting", "crashed", "stopped"] as const)(
    "of a preview that is %s starts no browser and says what to do",
    async (status) => {
      const { browsers, check } = open({}, { serving: false, status, next: "Do this." });
      await expect(check()).rejects.toMatchObject({
        code: "preview_not_serving",
        hint: "Do this.",
        message: expect.stringContaining(status),
      });
      expect(browsers.launches()).toBe(0);
    },
  );
});

describe("a screenshot", () => {
  it("is the image alone", async () => {
    expect(await open().screenshot()).toEqual({ mimeType: "image/png", data: "AAAA" });
  });

  it("is refused when no document came, or the page does not draw itself", async () => {
    await expect(open({ open: () => Promise.resolve() }).screenshot({ path: "/x" })).rejects.toMatchObject({
      code: "page_not_loaded",
      message: expect.stringContaining("/x"),
    });
    await inspector.close();
    await expect(open({ capture: () => undefined }).screenshot()).rejects.toMatchObject({ code: "page_not_loaded" });
  });
});

describe("the arguments", () => {
  test.each([
    { waitSeconds: 46 },
    { waitSeconds: 0 },
    { width: 100 },
    { height: 5000 },
    { path: "x" },
    { path: "/ü" },
    { url: "http://x" },
    { project: "x" },
  ])("refuse %j", (input) => expect(checkInput.safeParse(input).success).toBe(false));
  test.each([{}, { waitSeconds: 45 }, { path: "/a/b?c=d#e" }, { name: "docs", width: 375, height: 667 }])(
    "accept %j",
    (input) => expect(checkInput.safeParse(input).success).toBe(true),
  );
});
