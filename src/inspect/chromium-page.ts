import type { Browser, CDPSession, Page } from "playwright-core";
import { createClosingStack } from "../closing-stack.ts";
import { PreviewError } from "../errors.ts";
import type { BrowserPage, PageOptions, Shot } from "./browser.ts";
import { confineMainFrame } from "./confine-main-frame.ts";
import type { ConfinedProxy } from "./confined-proxy.ts";
import { giveUpAfter } from "../in-time.ts";
import { listenToPage } from "./listen-to-page.ts";

/** Opens an empty page in a context of its own, which shares nothing with any other, and has its own way out. */
export async function openChromiumPage(
  browser: Browser,
  openProxy: () => Promise<ConfinedProxy>,
  options: PageOptions,
): Promise<BrowserPage> {
  const stack = createClosingStack();
  try {
    const proxy = stack.add(await openProxy());
    const context = await browser.newContext({
      viewport: { width: options.width, height: options.height },
      deviceScaleFactor: 1,
      acceptDownloads: false,
      // loopback too
      proxy: { server: `socks5://127.0.0.1:${proxy.port}`, bypass: "<-loopback>" },
    });
    stack.add({ close: () => context.close() });
    // its way out goes with it, whoever ended it; what does not close was gone before
    context.once("close", () => void stack.close().catch(() => undefined));
    // an empty list denies every permission, instead of leaving it to a prompt that nobody sees
    await context.grantPermissions([]);
    const page = await context.newPage();
    context.on("page", (popup) => void popup.close().catch(() => undefined));
    const session = await context.newCDPSession(page);
    const { pending } = listenToPage(page, proxy, options.onEvent);
    const { loading } = await followLoading(session);
    await confineMainFrame(session, options);
    return createBrowserPage({ page, session, pending, loading, close: () => stack.close() });
  } catch (cause) {
    // it may have no context any more, and nobody who waits for its end
    await stack.close().catch(() => undefined);
    throw browserGone(cause);
  }
}

interface Parts {
  readonly page: Page;
  readonly session: CDPSession;
  readonly pending: () => number;
  readonly loading: () => boolean;
  /** Idempotent. */
  readonly close: () => Promise<void>;
}

/** Whether the main frame is loading. Its load event does not tell: it never comes when a navigation was given up. */
async function followLoading(session: CDPSession): Promise<{ loading: () => boolean }> {
  let loading = false;
  const { frameTree } = await session.send("Page.getFrameTree");
  const follow = (now: boolean) => (event: { frameId: string }) => {
    if (event.frameId === frameTree.frame.id) loading = now;
  };
  session.on("Page.frameStartedLoading", follow(true));
  session.on("Page.frameStoppedLoading", follow(false));
  await session.send("Page.enable");
  return { loading: () => loading };
}

function createBrowserPage({ page, session, pending, loading, close }: Parts): BrowserPage {
  /** What the page answers in time, else undefined. Throws `browser_failed` when there is no page any more. */
  const inTime = async <Answer>(timeoutMs: number, ask: () => Promise<Answer>): Promise<Answer | undefined> => {
    const answer = ask().catch((cause: unknown) => {
      if (page.isClosed()) throw browserGone(cause);
      return undefined;
    });
    return await giveUpAfter(timeoutMs, answer);
  };
  return {
    pending,
    loading,
    url: () => page.url(),
    async open(url, timeout) {
      // why it failed is told by the events of its request
      await inTime(timeout, () => page.goto(url, { waitUntil: "commit", timeout }));
    },
    look: (expression, timeoutMs) => inTime(timeoutMs, () => evaluateApart(session, expression, timeoutMs)),
    capture: (shot, timeoutMs) => inTime(timeoutMs, () => capture(session, shot)),
    close,
  };
}

/** In a world of its own: it shares the document with the page's scripts, and none of their objects. */
async function evaluateApart(session: CDPSession, expression: string, timeout: number): Promise<unknown> {
  const { frameTree } = await session.send("Page.getFrameTree");
  const { executionContextId } = await session.send("Page.createIsolatedWorld", {
    frameId: frameTree.frame.id,
    worldName: "dev-preview",
  });
  const { result, exceptionDetails } = await session.send("Runtime.evaluate", {
    expression,
    contextId: executionContextId,
    returnByValue: true,
    timeout,
  });
  return exceptionDetails === undefined ? result.value : undefined;
}

async function capture(session: CDPSession, { format, quality, area }: Shot): Promise<string> {
  const { data } = await session.send("Page.captureScreenshot", {
    format,
    ...(quality !== undefined && { quality }),
    clip: { x: 0, y: 0, ...area },
    captureBeyondViewport: true,
  });
  return data;
}

function browserGone(cause: unknown): PreviewError {
  return new PreviewError("browser_failed", "the browser ended while it was looking at the page", {
    hint: "Call again. A page that takes gigabytes of memory ends it each time.",
    cause,
  });
}
