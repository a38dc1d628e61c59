import type { Logger } from "../logger.ts";
import type { Browser, BrowserPage, LaunchBrowser, PageOptions } from "./browser.ts";
import { giveUpAfter } from "../in-time.ts";
import { raceAbort } from "./race-abort.ts";

export interface SharedBrowserOptions {
  readonly launch: LaunchBrowser;
  readonly logger: Logger;
  /** How long the browser stays without a page. */
  readonly idleMs: number;
  /** How long a page may take to close before its whole browser is ended. */
  readonly pageCloseMs: number;
}

export interface Visit {
  readonly signal: AbortSignal;
  /** Called when nothing is left of the page. */
  readonly gone: () => void;
}

export interface SharedBrowser {
  /**
   * Runs `use` with a page of the browser, which is started when it is needed. The signal ends the
   * wait for both, and `use`; the page is closed behind the caller's back.
   */
  withPage<Result>(options: PageOptions, use: (page: BrowserPage) => Promise<Result>, visit: Visit): Promise<Result>;
  /** A page is open, or about to be. */
  busy(): boolean;
  /** There is a browser, or one is starting. */
  running(): boolean;
  /** Ends the browser, once its pages are closed; idempotent. Callers end their visits before. */
  close(): Promise<void>;
}

/** One browser at a time, for whoever may share one. */
export function createSharedBrowser({ launch, logger, idleMs, pageCloseMs }: SharedBrowserOptions): SharedBrowser {
  const leaving = new Set<Promise<void>>();
  let current: Promise<Browser> | undefined;
  let ending: Promise<void> = Promise.resolve();
  let pages = 0;
  let closed = false;
  let idle: NodeJS.Timeout | undefined;

  /** The next one starts when the last is gone with its files. */
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
      if (current === opened || closed) throw error;
      return await (await browser()).openPage(pageOptions);
    });
  }

  async function leave(opening: Promise<BrowserPage> | undefined): Promise<void> {
    const gone = opening === undefined || (await closesInTime(opening, pageCloseMs));
    // one that does not close would stay: its browser goes, and with it whoever else looks at a page
    if (!gone) await endBrowser();
    pages -= 1;
    if (pages === 0 && !closed) idle = setTimeout(() => void endBrowser(), idleMs).unref();
  }

  return {
    async withPage(pageOptions, use, { signal, gone }) {
      clearTimeout(idle);
      pages += 1;
      let opening: Promise<BrowserPage> | undefined;
      try {
        signal.throwIfAborted();
        // a start that outlasts its caller goes on, for the next one
        await raceAbort(browser(), signal);
        opening = openPage(pageOptions);
        const page = await raceAbort(opening, signal);
        return await raceAbort(use(page), signal);
      } finally {
        const left = leave(opening).finally(gone);
        leaving.add(left);
        void left.finally(() => leaving.delete(left));
      }
    },
    busy: () => pages > 0,
    running: () => current !== undefined,
    async close() {
      closed = true;
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
