import type { IncomingMessage, ServerResponse } from "node:http";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Route } from "../../../src/preview/route.ts";
import { noChromium, openChromium } from "../../e2e/support/chromium.ts";
import type { Browser } from "../../e2e/support/chromium.ts";
import { noCertificate, openTlsFront } from "../../e2e/support/tls-front.ts";
import { watchPage } from "../../e2e/support/watch-page.ts";
import { documents } from "../support/documents.ts";
import { closing } from "../support/fixture.ts";
import { dialLoopback, domain, mintLink, startGateway } from "../support/harness.ts";
import { startSocketApp } from "../support/socket-app.ts";
import type { SocketApp } from "../support/socket-app.ts";

const missing = noChromium ?? noCertificate;
type Serve = (request: IncomingMessage, response: ServerResponse) => void;

interface Shown {
  readonly app: SocketApp;
  /** `https://<name>:<port>` of the preview. */
  readonly origin: string;
}

async function show(
  scheme: "http" | "https",
  serve: Serve,
  route: Partial<Route> = { socketScript: true },
): Promise<Shown> {
  const app = await startSocketApp(serve);
  const link = mintLink(app.port, route);
  const front = scheme === "https" ? closing(await openTlsFront(domain)) : undefined;
  const { port } = closing(
    await startGateway([link.route], {
      dial: dialLoopback,
      publicScheme: scheme,
      ...(front && { publicPort: front.port }),
    }),
  );
  front?.relayTo(port);
  return { app, origin: `${scheme}://${link.name}:${front?.port ?? port}` };
}

/** Serves this page, with these headers, on every path but those of the favicon. */
function servePage(html: string, headers: Readonly<Record<string, string | string[]>> = {}): Serve {
  return (request, response) => {
    if (request.url === "/favicon.ico") return void response.writeHead(204).end();
    response.writeHead(200, { "Content-Type": "text/html", ...headers }).end(html, "latin1");
  };
}

/** Dials from the page, and waits for what the socket says first. */
function dial(page: Page, url: string): Promise<string> {
  return page.evaluate(
    (address) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(address);
        socket.addEventListener("message", ({ data }) => resolve(`${socket.url} says ${data}`));
        socket.addEventListener("error", () => resolve(`${socket.url} failed`));
      }),
    url,
  );
}

/** Native functions tell their name; what stands before one does not. */
const wrapped = "!String(WebSocket).includes('WebSocket')";
const isWrapped = (frame: Pick<Page, "evaluate">) => frame.evaluate<boolean>(wrapped);

/** Shows the documents of these addresses in frames of the page, and says what became of each. */
const lookInFrames = (
  addresses: readonly string[],
) => `Promise.all(${JSON.stringify(addresses)}.map((src) => new Promise((resolve) => {
  const frame = document.createElement("iframe");
  frame.addEventListener("load", () => {
    const { documentElement, compatMode, doctype } = frame.contentDocument;
    const wrapped = !String(frame.contentWindow.WebSocket).includes("WebSocket");
    resolve({ html: documentElement.outerHTML, compatMode, doctype: doctype && doctype.publicId, wrapped });
  });
  frame.src = src;
  document.body.append(frame);
})))`;

describe.skipIf(missing !== undefined)(`in Chromium ${missing ?? ""}`, { timeout: 90_000 }, () => {
  let browser: Browser;
  let page: Page;
  beforeAll(async () => {
    browser = await openChromium({ hosts: { [`*.${domain}`]: "127.0.0.1" } });
    page = await browser.newPage();
  });
  afterAll(() => browser.close());

  describe.each(["http", "https"] as const)("over %s", (scheme) => {
    const own = (origin: string) => origin.replace("http", "ws");

    test("sockets to the dev port, however it is named, reach the app through the preview's own host", async () => {
      const { app, origin } = await show(scheme, servePage("<!doctype html><html><head><title>a</title></head>"));
      await page.goto(origin);
      const { hostname } = new URL(origin);
      for (const host of ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", hostname])
        expect(await dial(page, `ws://${host}:${app.port}/ws?a=${host}`)).toBe(
          `${own(origin)}/ws?a=${host} says /ws?a=${host}`,
        );
      expect(await dial(page, `ws://${hostname}/b`)).toBe(`${own(origin)}/b says /b`);
      expect(app.dialled).toHaveLength(6);
      expect(app.dialled.every(({ throughGateway }) => throughGateway)).toBe(true);
    });

    test("sockets to another port reach it the same way, when the launch has it", async () => {
      const second = await startSocketApp();
      const { app, origin } = await show(scheme, servePage("<head>"));
      await page.goto(origin);
      const target = `/.dev-preview/port/${second.port}/hmr`;
      expect(await dial(page, `ws://localhost:${second.port}/hmr`)).toBe(`${own(origin)}${target} says /hmr`);
      expect([second.dialled, app.dialled]).toEqual([[{ path: "/hmr", throughGateway: true }], []]);
    });

    test("a preview without the script, and sockets to others, are as they were", async () => {
      const other = await startSocketApp();
      const { app, origin } = await show(scheme, servePage("<head>"), { socketScript: false });
      await page.goto(origin);
      expect(await isWrapped(page)).toBe(false);
      await dial(page, `ws://localhost:${app.port}/direct`);
      expect(app.dialled).toEqual([{ path: "/direct", throughGateway: false }]);
      const scripted = await show(scheme, servePage("<head>"));
      await page.goto(scripted.origin);
      await dial(page, `ws://127.0.0.2:${other.port}/`);
      expect(await isWrapped(page)).toBe(true);
      expect([scripted.app.dialled, other.dialled.map((one) => one.throughGateway)]).toEqual([[], []]);
    });
  });

  test("the page's own first script finds it done, and the document without a trace of it", async () => {
    const html =
      "<!doctype html><html><head><script>window.first=!String(WebSocket).includes('WebSocket');" +
      "window.scripts=document.scripts.length</script><title>a</title></head><body>";
    const { origin } = await show("http", servePage(html));
    await page.goto(origin);
    expect(await page.evaluate("[first, scripts]")).toEqual([true, 1]);
  });

  test("every document is to the browser what it was without the script", async () => {
    const shown = documents.map((picture) => picture.replace("^", ""));
    const serve: Serve = (request, response) => {
      const html = shown[Number(request.url?.slice(1) || "NaN")] ?? "<body>";
      servePage(html, { "Content-Type": "text/html; charset=windows-1252" })(request, response);
    };
    const lookThrough = async (route: Partial<Route>) => {
      const { origin } = await show("http", serve, route);
      await page.goto(origin);
      return await page.evaluate<{ wrapped: boolean }[]>(lookInFrames(shown.map((_document, index) => `/${index}`)));
    };
    const withIt = await lookThrough({ socketScript: true });
    const without = await lookThrough({ socketScript: false });
    for (const [index, picture] of documents.entries()) {
      expect.soft(withIt[index], picture).toEqual({ ...without[index], wrapped: picture.includes("^") });
      expect.soft(without[index]?.wrapped).toBe(false);
    }
  });

  test("a charset that the page itself tells is still found", async () => {
    const html = `<!doctype html><html><head>${"<!-- -->".repeat(12)}<meta charset="utf-8"><title>\xc3\xa4</title>`;
    const { origin } = await show("http", servePage(html));
    await page.goto(origin);
    expect([await page.evaluate("document.characterSet"), await page.title()]).toEqual(["UTF-8", "\xe4"]);
  });

  test("a page in a frame has it, a page that was fetched ahead has it, what code fetches has not", async () => {
    const serve: Serve = (request, response) => {
      const html =
        request.url === "/" ? '<head><link rel=prefetch href="/ahead"></head><iframe src="/frame">' : "<head>";
      servePage(html, { "Cache-Control": "max-age=60" })(request, response);
    };
    const { origin } = await show("https", serve);
    await page.goto(origin, { waitUntil: "networkidle" });
    expect(await isWrapped(page.frames().at(1)!)).toBe(true);
    const fetched = page.evaluate(async () => await (await fetch("/fragment")).text());
    expect(await fetched).toBe("<head>");
    await page.goto(`${origin}/ahead`);
    expect(await isWrapped(page)).toBe(true);
  });

  test("workers and inline frames are left alone", async () => {
    const { origin } = await show("http", servePage("<head></head><iframe srcdoc='<p>a'>"));
    await page.goto(origin);
    const inWorker = page.evaluate<string>(`new Promise((resolve) => {
      const source = new Blob(["postMessage(String(WebSocket))"], { type: "text/javascript" });
      new Worker(URL.createObjectURL(source)).onmessage = ({ data }) => resolve(data);
    })`);
    expect(await inWorker).toContain("WebSocket");
    expect(await isWrapped(page.frames().at(1)!)).toBe(false);
  });

  test("a page that the browser kept, and the app confirmed, still has it", async () => {
    let confirmed = 0;
    const serve: Serve = (request, response) => {
      const known = request.headers["if-none-match"] === '"v1"';
      if (known) confirmed++;
      const headers = { ETag: '"v1"', "Content-Security-Policy": "script-src 'self'", "Cache-Control": "no-cache" };
      if (known) response.writeHead(304, headers).end();
      else servePage("<!doctype html><head>", headers)(request, response);
    };
    const { origin } = await show("http", serve);
    for (const _visit of [1, 2, 3]) {
      await page.goto(`${origin}/cached`);
      expect(await isWrapped(page)).toBe(true);
    }
    expect(confirmed).toBe(2);
  });

  /** What the page's own parts do under each policy is what they did without us. */
  test.each([
    ["script-src 'nonce-abc'", ["nonce"], true],
    ["script-src 'nonce-abc' 'strict-dynamic' 'unsafe-inline'", ["nonce"], true],
    ["default-src 'none'; script-src 'nonce-abc'; connect-src 'self'", ["nonce"], false],
    ["default-src 'self' 'nonce-abc'", ["nonce"], false],
    ["default-src 'self' 'unsafe-inline'", ["nonce", "inline", "handler"], true],
    ["script-src 'unsafe-inline'; connect-src ws://localhost:*", ["nonce", "inline", "handler"], true],
    [["script-src 'nonce-abc', script-src 'nonce-abc' https:", "default-src 'unsafe-inline' 'self'"], ["nonce"], true],
    ["script-src-elem 'nonce-abc'; script-src 'unsafe-inline'", ["nonce", "handler"], true],
  ] as const)("under %j the script runs, and of the page's own %j", async (policy, ran, styled) => {
    const html = `<!doctype html><head><script nonce=abc>window.ran=["nonce"]</script>
      <script>window.ran.push("inline")</script><style>p{color:red}</style></head>
      <body><p onclick='window.ran.push("handler")'>a</p></body>`;
    const { app, origin } = await show("https", servePage(html, { "Content-Security-Policy": [policy].flat() }));
    await page.goto(origin);
    expect(await dial(page, `ws://localhost:${app.port}/hmr`)).toContain(" says /hmr");
    await page.click("p");
    const seen = await page.evaluate("[...ran, getComputedStyle(document.querySelector('p')).color]");
    expect(seen).toEqual([...ran, styled ? "rgb(255, 0, 0)" : "rgb(0, 0, 0)"]);
  });

  test("neither an enforced nor a reporting policy complains about it", async () => {
    const html = "<!doctype html><head><script src=/app.js></script></head>";
    const headers = {
      "Content-Security-Policy": "default-src 'self'",
      "Content-Security-Policy-Report-Only": "script-src 'self'; require-trusted-types-for 'script'",
    };
    const serve: Serve = (request, response) => {
      if (request.url === "/app.js") response.writeHead(200, { "Content-Type": "text/javascript" }).end();
      else servePage(html, headers)(request, response);
    };
    const { app, origin } = await show("https", serve);
    const own = await browser.newPage();
    const watch = watchPage(own);
    await own.goto(origin);
    await dial(own, `ws://localhost:${app.port}/`);
    expect(watch.errors).toEqual([]);
    await own.close();
  });

  test("a page that forbids scripts altogether is not made to run one", async () => {
    const { origin } = await show(
      "http",
      servePage("<head><p>a", { "Content-Security-Policy": "sandbox allow-same-origin" }),
    );
    await page.goto(origin);
    expect(await page.textContent("p")).toBe("a");
  });
});
