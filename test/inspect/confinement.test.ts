import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, test } from "vitest";
import { noBrowser, openInspectedPlane } from "./support/inspected-plane.ts";
import type { InspectedPlane } from "./support/inspected-plane.ts";
import { openTripwire } from "./support/tripwire.ts";

type Tripwire = Awaited<ReturnType<typeof openTripwire>>;

const query = (name: string, values: readonly string[]) =>
  values.map((value) => `${name}=${encodeURIComponent(value)}`).join("&");

describe.skipIf(noBrowser !== undefined)(`a page that tries to get out ${noBrowser ?? ""}`, { timeout: 90_000 }, () => {
  let plane: InspectedPlane;
  let control: Tripwire;
  let inside: Tripwire;
  let outside: Tripwire;
  const asked = new Set<string>();
  /** Names of a DNS that whoever made the page may have made too. */
  const names: Record<string, string[]> = {
    "cdn.example": ["93.184.215.14"],
    "loopback.example": ["127.0.0.1"],
    "metadata.example": ["169.254.169.254"],
    "mixed.example": ["93.184.215.14", "127.0.0.1"],
    "six.example": ["::1"],
  };
  beforeAll(async () => {
    control = await openTripwire();
    inside = await openTripwire();
    outside = await openTripwire();
    plane = await openInspectedPlane({
      deniedPorts: [control.port],
      internet: {
        resolve: (name) => {
          asked.add(name);
          return Promise.resolve(names[name] ?? []);
        },
        dial: ({ host }) => connect(host === "93.184.215.14" ? outside.port : 9, "127.0.0.1"),
      },
    });
    await plane.startPages();
    await plane.check("/", { waitSeconds: 45 });
  }, 90_000);
  afterAll(async () => {
    // the browser itself has nothing to tell to anybody
    expect([...asked].filter((name) => !(name in names))).toEqual([]);
    await plane?.close();
    control?.close();
    inside?.close();
    outside?.close();
  });
  beforeEach(() => {
    control.reached.length = 0;
    inside.reached.length = 0;
    outside.reached.length = 0;
  });
  afterEach(() => {
    expect([...control.reached, ...inside.reached]).toEqual([]);
  });

  const check = (path: string) => plane.check(path, { waitSeconds: 45 });

  it("reaches its own server, and no other port of this host under any name or address", async () => {
    const own = Object.values(networkInterfaces()).flatMap((all) => all ?? []);
    const addresses = [
      "127.0.0.1",
      "localhost",
      "x.localhost",
      "127.1",
      "0x7f.1",
      "2130706433",
      "0.0.0.0",
      "[::1]",
      "[::ffff:127.0.0.1]",
    ];
    for (const { address, family } of own) if (family === "IPv4") addresses.push(address);
    const urls = addresses.flatMap((host) => [control.port, inside.port].map((port) => `http://${host}:${port}/`));
    const report = await check(`/fetches?${query("to", ["/", ...urls])}`);
    expect(report.title).toBe(["ok", ...urls.map(() => "no")].join().slice(0, 200));
    expect(report.failedRequests.length).toBeGreaterThan(10);
    for (const { error } of report.failedRequests) expect(error).toMatch(/^blocked: /);
  });

  it("reaches no private address, and not what a cloud keeps for its machines", async () => {
    const urls = [
      "http://10.0.0.1/",
      "http://192.168.1.1/",
      "http://169.254.169.254/latest/meta-data/",
      "http://[fe80::1]/",
      "http://[fd00::1]/",
    ];
    const startedAt = performance.now();
    const report = await check(`/fetches?${query("to", urls)}`);
    expect(report.title).toBe("no,no,no,no,no");
    expect(report.failedRequests.map(({ error }) => error)).toEqual(urls.map(() => "blocked: not a public address"));
    // nothing was waited for: no connection was tried
    expect(performance.now() - startedAt).toBeLessThan(20_000);
  });

  const ways = (scheme: "http" | "ws") => [
    `${scheme}://cdn.example/a`,
    ...Object.keys(names).flatMap((name) => [
      `${scheme}://${name}:${inside.port}/b`,
      `${scheme}://${name}:${control.port}/c`,
    ]),
  ];
  const reachable = (url: string) => new URL(url).hostname === "cdn.example" && !url.includes(`:${control.port}/`);

  test.each([
    ["fetch", "/fetches", "http"],
    ["WebSocket", "/sockets", "ws"],
    ["a service worker", "/by-worker", "http"],
  ] as const)("reaches by %s what is public, and no name that leads inside", async (_, page, scheme) => {
    const urls = ways(scheme);
    const report = await check(`${page}?${query("to", urls)}`);
    expect(report.title).toBe(urls.map((url) => (reachable(url) ? "ok" : "no")).join());
    expect(outside.reached).toContain("connection");
  });

  it("is led outside by a redirect, and neither inside nor to the plane", async () => {
    const port = inside.port;
    const to = (url: string) => `to=${encodeURIComponent(url)}`;
    const urls = [
      `/to?url=${encodeURIComponent("http://cdn.example/a")}`,
      `http://cdn.example/r?${to("http://cdn.example/b")}`,
      `/to?url=${encodeURIComponent(`http://loopback.example:${port}/`)}`,
      `http://cdn.example/r?${to(`http://127.0.0.1:${port}/`)}`,
      `http://cdn.example/r?${to(`http://mixed.example:${port}/`)}`,
      `http://cdn.example/r?${to(`http://cdn.example:${control.port}/`)}`,
    ];
    const report = await check(`/fetches?${query("to", urls)}`);
    expect(report.title).toBe("ok,ok,no,no,no,no");
    expect(outside.reached).toEqual(expect.arrayContaining(["GET /a", "GET /b"]));
  });

  it("gets out by no other road: socket, image, beacon, worker, redirect, prefetch, frame, WebRTC, WebTransport", async () => {
    const host = `127.0.0.1:${inside.port}`;
    const report = await check(`/escapes?host=${host}&udp=${host}`);
    expect(report.title).toBe("tried");
    const tried = report.failedRequests.map(({ url }) => new URL(url).pathname);
    expect(tried).toEqual(expect.arrayContaining(["/socket", "/image", "/framed"]));
  });

  it("may not leave the preview: by a script, by a redirect, or to another preview's host", async () => {
    const elsewhere = `http://127.0.0.1:${control.port}/`;
    const report = await check(`/leaves?${query("to", [elsewhere])}`);
    expect(report).toMatchObject({ httpStatus: 200, title: "page" });
    expect(report.failedRequests).toEqual([{ url: elsewhere, error: "blocked: the page may not leave the preview" }]);

    const redirected = await check(`/to?${query("url", ["https://example.com/login"])}`);
    expect(redirected).not.toHaveProperty("httpStatus");
    expect(redirected).not.toHaveProperty("title");
    expect(redirected.failedRequests).toEqual([
      { url: "https://example.com/login", error: "blocked: the page may not leave the preview" },
    ]);

    const other = `http://20999-${"a".repeat(48)}.localhost:${plane.gatewayPort}/`;
    expect((await check(`/leaves?${query("to", [other])}`)).failedRequests).toEqual([
      { url: expect.stringContaining("[redacted]"), error: "blocked: the page may not leave the preview" },
    ]);
    await expect(plane.screenshot(`/to?${query("url", [elsewhere])}`, { waitSeconds: 45 })).rejects.toMatchObject({
      code: "page_not_loaded",
    });
  });

  test.each([
    "file:///etc/passwd",
    "chrome://version/",
    "data:text/html,<title>away</title>",
    "view-source:http://x/",
    "about:blank",
  ])("may not go to %s", async (to) => {
    const report = await check(`/leaves?${query("to", [to])}`);
    expect(["page", ""]).toContain(report.title);
    expect(JSON.stringify(report)).not.toContain("root:");
  });

  test.each([
    ["a form", "/posts-to"],
    ["a refresh", "/refreshes-to"],
    ["a frame", "/top-leaves-to"],
    ["a document that it made", "/blob-leaves-to"],
    ["a service worker that redirects", "/worker-leaves-to"],
    ["a page that was rendered in advance", "/prerenders-then-leaves-to"],
  ])("may not leave by %s", async (_, path) => {
    const report = await check(`${path}?${query("to", ["http://cdn.example/away"])}`);
    expect(report.failedRequests).toContainEqual({
      url: "http://cdn.example/away",
      error: "blocked: the page may not leave the preview",
    });
    expect(report.finalUrl).toMatch(/^http:\/\/\d+-\[redacted\]\.localhost:/);
    expect(outside.reached.filter((each) => each !== "connection")).toEqual([]);
  });

  it("gets to a page of its own by a redirect, and by a script", async () => {
    expect(await check(`/to?${query("url", ["/error"])}`)).toMatchObject({
      httpStatus: 500,
      title: "500",
      finalUrl: expect.stringMatching(/\/error$/),
    });
    expect(await check(`/leaves?${query("to", ["/"])}`)).toMatchObject({ httpStatus: 200, title: "Fine" });
  });

  it("reaches another preview by that one's own link, as it does in the user's browser", async () => {
    const api = await plane.startPages({ name: "api" });
    const report = await check(
      `/fetches?${query("to", [api.previewUrl!, `http://20999-${"a".repeat(48)}.localhost:${plane.gatewayPort}/`])}`,
    );
    // the gateway itself answers for a link that is none
    expect(report).toMatchObject({ title: "ok,ok" });
  });
});
