import { PreviewError } from "../errors.ts";
import type { BrowserPage, PageOptions } from "./browser.ts";
import { createSharedBrowser } from "./shared-browser.ts";
import type { SharedBrowser, SharedBrowserOptions } from "./shared-browser.ts";
import { createSlots } from "./slots.ts";

export interface BrowserPoolOptions extends Pick<SharedBrowserOptions, "launch" | "logger"> {
  /** Pages open at once, and browsers; default 2. */
  readonly maxPages?: number;
  /** Default 60 s. */
  readonly idleMs?: number;
  /** Default 2 s. */
  readonly pageCloseMs?: number;
}

export interface PoolPageOptions extends PageOptions {
  /** Whose page it is: a browser is shared by the pages of one owner alone. */
  readonly owner: string;
}

export interface BrowserPool {
  /**
   * Runs `use` with a page of its owner's browser, which is started when it is needed; calls beyond
   * the bound wait for their turn. The signal ends every wait, and `use`.
   */
  withPage<Result>(
    options: PoolPageOptions,
    use: (page: BrowserPage) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>;
  /** Ends what is under way, and the browsers; idempotent. */
  close(): Promise<void>;
}

/**
 * A few browsers. Threat: a page that hangs or takes all memory costs its browser, and whoever else
 * looks with it; therefore no two owners ever share one.
 */
export function createBrowserPool(options: BrowserPoolOptions): BrowserPool {
  const { launch, logger, maxPages = 2, idleMs = 60_000, pageCloseMs = 2000 } = options;
  const slots = createSlots(maxPages);
  const closing = new AbortController();
  /** The one that was used last stands last. */
  const browsers = new Map<string, SharedBrowser>();
  const evicted = new Set<Promise<void>>();

  function browserOf(owner: string): SharedBrowser {
    const browser = browsers.get(owner) ?? create();
    browsers.delete(owner);
    browsers.set(owner, browser);
    return browser;
  }

  function create(): SharedBrowser {
    const room = makeRoom();
    return createSharedBrowser({ launch: () => room.then(launch), logger, idleMs, pageCloseMs });
  }

  /** Who comes has a place: one browser at least is idle then, or not running at all. */
  async function makeRoom(): Promise<void> {
    for (const [owner, browser] of browsers) {
      if (browser.busy() || (browser.running() && browsers.size < maxPages)) continue;
      browsers.delete(owner);
      const gone = browser.close();
      evicted.add(gone);
      void gone.finally(() => evicted.delete(gone));
    }
    await Promise.all(evicted);
  }

  return {
    async withPage({ owner, ...pageOptions }, use, callerSignal) {
      const signal = AbortSignal.any([callerSignal, closing.signal]);
      const gone = await slots.take(signal);
      return await browserOf(owner).withPage(pageOptions, use, { signal, gone });
    },
    async close() {
      closing.abort(planeCloses());
      await Promise.all([...browsers.values()].map((browser) => browser.close()));
      await Promise.all(evicted);
    },
  };
}

function planeCloses(): PreviewError {
  return new PreviewError("browser_failed", "the plane is shutting down", { hint: "Call again once it runs." });
}
