import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { Browser, BrowserPage, LaunchBrowser, PageOptions } from "./browser.ts";
import { giveUpAfter } from "./give-up-after.ts";
import { raceAbort } from "./race-abort.ts";
import { createSlots } from "./slots.ts";

export interface BrowserPoolOptions {
  readonly launch: LaunchBrowser;
  readonly logger: Logger;
  /** Pages open at once; default 2. */
  readonly maxPages?: number;
  /** How long the browser stays without a page; default 60 s. */
  readonly idleMs?: number;
  /** How long a page may take to close before its whole browser is ended; default 2 s. */
  readonly pageCloseMs?: number;
}

export interface BrowserPool {
  /**
   * Runs `use` with a page of the one browser, which is started when it is needed. The signal ends
   * the wait for both, and `use`; the page is closed behind the caller's back.
   */
  withPage<Result>(
    options: PageOptions,
    use: (page: BrowserPage) => Promise<Result>,
    signal: AbortSignal,
  ): Promise<Result>;
  /** Ends what is under way and the browser; idempotent. */
  close(): Promise<void>;
}

export function createBrowserPool(options: BrowserPoolOptions): BrowserPool {
  const { launch, logger, maxPages = 2, idleMs = 60_000, pageCloseMs = 2000 } = options;
  const slots = createSlots(maxPages);
  const closing = new AbortController();
  const leaving = new Set<Promise<void>>();
  let current: Promise<Browser> | undefined;
  let ending: Promise<void> = Promise.resolve();
  let pages = 0;
  let idle: NodeJS.Timeout | undefined;

  /** One browser at a time: the next one starts when the last is gone with its files. */
  function browser(): Promise<Browser> {
    current ??= start();
    return current;
  }

  function start(): Promise<Browser> {
    const starting = ending.then(launch);
    const forget = () => {
      if (current === starting) current = undefined;
    };
    starting.then(({ ended }) => ended.then(forget), forget);
    return starting;
  }

  function endBrowser(): Promise<void> {
    const last = current;
    if (last === undefined) return ending;
    current = undefined;
    ending = last
      .then((open) => open.close())
      .catch((err: unknown) => logger.warn({ event: "browser.end_failed", err }, "the browser could not be ended"));
    return ending;
  }

  /** Of this browser; of the next one when it ended under our hands, for another page's sake. */
  async function openPage(pageOptions: PageOptions): Promise<BrowserPage> {
    const opened = browser();
    const open = await opened;
    return await open.openPage(pageOptions).catch(async (error: unknown) => {
      if (current === opened || closing.signal.aborted) throw error;
      return await (await browser()).openPage(pageOptions);
    });
  }

  function arrive(): void {
    clearTimeout(idle);
    pages += 1;
  }

  async function leave(opening: Promise<BrowserPage> | undefined): Promise<void> {
    const closed = opening === undefined || (await closesInTime(opening, pageCloseMs));
    pages -= 1;
    // one that does not close would stay: its browser goes, and with it whoever else looks at a page
    if (!closed) await endBrowser();
    if (pages === 0 && !closing.signal.aborted) idle = setTimeout(() => void endBrowser(), idleMs).unref();
  }

  return {
    async withPage(pageOptions, use, callerSignal) {
      const signal = AbortSignal.any([callerSignal, closing.signal]);
      const giveBack = await slots.take(signal);
      arrive();
      let opening: Promise<BrowserPage> | undefined;
      try {
        // a start that outlasts its caller goes on, for the next one
        await raceAbort(browser(), signal);
        opening = openPage(pageOptions);
        const page = await raceAbort(opening, signal);
        return await raceAbort(use(page), signal);
      } finally {
        const gone = leave(opening).finally(giveBack);
        leaving.add(gone);
        void gone.finally(() => leaving.delete(gone));
      }
    },
    async close() {
      closing.abort(planeCloses());
      clearTimeout(idle);
      await Promise.all(leaving);
      await endBrowser();
    },
  };
}

/** True when there is nothing left of the page: it closed, or never opened. */
async function closesInTime(opening: Promise<BrowserPage>, ms: number): Promise<boolean> {
  const closing = opening.then(
    (page) =>
      page.close().then(
        () => true,
        () => false,
      ),
    () => true,
  );
  return (await giveUpAfter(ms, closing)) ?? false;
}

function planeCloses(): PreviewError {
  return new PreviewError("browser_failed", "the plane is shutting down", { hint: "Call again once it runs." });
}
