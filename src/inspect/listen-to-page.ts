import type { Page, Request } from "playwright-core";
import type { PageEvent } from "./browser.ts";
import type { ConfinedProxy } from "./confined-proxy.ts";

/** A request that the page itself gave up: no failure. */
const givenUp = "net::ERR_ABORTED";
/** These stay open for as long as the page does. */
const endless: ReadonlySet<string> = new Set(["eventsource", "websocket", "media", "ping"]);

/** A document comes from where these lead to. */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Tells what happens on the page, and answers what nobody is there to answer. */
export function listenToPage(
  page: Page,
  proxy: Pick<ConfinedProxy, "refusal">,
  onEvent: (event: PageEvent) => void,
): { pending: () => number } {
  const open = new Set<Request>();
  const settle = (request: Request) => {
    open.delete(request);
    onEvent({ kind: "traffic" });
  };
  const failed = (url: string, error: string) =>
    onEvent({ kind: "failed", url, error: refusalOf(proxy, url) ?? error });

  page.on("request", (request) => {
    if (!endless.has(request.resourceType())) open.add(request);
    onEvent({ kind: "traffic" });
  });
  page.on("requestfinished", settle);
  page.on("requestfailed", (request) => {
    settle(request);
    const error = request.failure()?.errorText ?? "failed";
    if (error !== givenUp) failed(request.url(), error);
  });
  page.on("response", (response) => {
    const [request, status] = [response.request(), response.status()];
    const isDocument = isOfMainFrame(request, page);
    if (isDocument && !redirects.has(status)) onEvent({ kind: "document", url: response.url(), status });
    else if (!isDocument && status >= 400) onEvent({ kind: "bad-status", url: response.url(), status });
  });
  page.on("websocket", (socket) => {
    socket.on("socketerror", (error) => failed(socket.url(), error));
  });
  page.on("console", (message) => {
    const text = message.text();
    if (message.type() !== "error") return onEvent({ kind: "chatter", length: text.length });
    const about = message.args().length === 0 ? message.location().url : "";
    if (!isFavicon(about)) onEvent({ kind: "console-error", text, about });
  });
  page.on("pageerror", (error) => onEvent({ kind: "page-error", text: textOf(error) }));
  page.on("crash", () => onEvent({ kind: "crashed" }));
  // a dialog holds the page until it is answered
  page.on("dialog", (dialog) => void dialog.dismiss().catch(() => undefined));
  return { pending: () => open.size };
}

function isOfMainFrame(request: Request, page: Page): boolean {
  if (!request.isNavigationRequest()) return false;
  try {
    return request.frame() === page.mainFrame();
  } catch {
    // a frame that is not there yet, or no longer, is not the one that we look at
    return false;
  }
}

/** The browser asks for it unasked; that it is not there is no fault of the page. */
function isFavicon(url: string): boolean {
  return URL.canParse(url) && new URL(url).pathname === "/favicon.ico";
}

function refusalOf(proxy: Pick<ConfinedProxy, "refusal">, url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, protocol } = new URL(url);
  const implied = protocol === "https:" || protocol === "wss:" ? 443 : 80;
  const reason = proxy.refusal(hostname, port === "" ? implied : Number(port));
  return reason === undefined ? undefined : `blocked: ${reason}`;
}

/** The error, and where in the project's code it came from. */
function textOf(error: Error): string {
  const place = error.stack?.split("\n").find((line) => /^\s*at /.test(line));
  return `${error.name}: ${error.message}${place === undefined ? "" : `\n${place.trim()}`}`;
}
