import type { Page } from "playwright-core";

interface SeenSocket {
  readonly url: string;
  /** Milliseconds since the epoch; absent while it is open. */
  closedAt?: number;
}

export interface PageWatch {
  /** Console errors, uncaught exceptions and requests that failed or answered 400 and more. */
  readonly errors: string[];
  /** Every WebSocket that the page opened, in order. */
  readonly sockets: SeenSocket[];
  /** Documents that the main frame loaded; hot reload leaves it as it is. */
  loads: number;
}

/** Starts recording; call it before `goto`. */
export function watchPage(page: Page): PageWatch {
  const watch: PageWatch = { errors: [], sockets: [], loads: 0 };
  page.on("console", (message) => {
    if (message.type() === "error") watch.errors.push(`console: ${message.text()} (${message.location().url})`);
  });
  page.on("pageerror", (error) => watch.errors.push(`uncaught: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText;
    // a request that the page itself gave up is no failure
    if (reason !== "net::ERR_ABORTED") watch.errors.push(`failed: ${request.url()} ${reason}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) watch.errors.push(`${response.status()}: ${response.url()}`);
  });
  page.on("domcontentloaded", () => {
    watch.loads += 1;
  });
  page.on("websocket", (socket) => {
    const seen: SeenSocket = { url: socket.url() };
    watch.sockets.push(seen);
    socket.on("close", () => {
      seen.closedAt = Date.now();
    });
  });
  return watch;
}
