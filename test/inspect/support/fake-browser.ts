import type { Browser, BrowserPage, PageEvent, PageOptions } from "../../../src/inspect/browser.ts";

export interface FakePage extends BrowserPage {
  readonly options: PageOptions;
  readonly opened: string[];
  isClosed(): boolean;
  tell(...events: PageEvent[]): void;
}

/** How pages of the fake behave; what is left out works at once. */
export interface Behaviour {
  readonly launch?: (attempt: number) => Promise<void>;
  readonly openPage?: () => Promise<void>;
  readonly open?: (page: FakePage) => Promise<void>;
  readonly loading?: () => boolean;
  readonly look?: () => unknown;
  readonly capture?: () => string | undefined;
  readonly close?: () => Promise<void>;
}

/** Browsers without a process. Counts what is open, and the most that ever was at once. */
export function createFakeBrowsers(behaviour: Behaviour = {}) {
  const pages: FakePage[] = [];
  let [launches, alive, mostPages, closes] = [0, 0, 0, 0];
  const enders: (() => void)[] = [];
  const openPages = () => pages.filter((page) => !page.isClosed()).length;

  const launch = async (): Promise<Browser> => {
    launches += 1;
    await behaviour.launch?.(launches);
    alive += 1;
    const own: FakePage[] = [];
    let end: () => void = () => undefined;
    let isAlive = true;
    const ended = new Promise<void>((resolve) => {
      end = () => {
        if (isAlive) alive -= 1;
        isAlive = false;
        resolve();
      };
    });
    enders.push(end);
    return {
      ended,
      async openPage(options) {
        if (!isAlive) throw new Error("the browser is gone");
        await behaviour.openPage?.();
        const page = createPage(options, behaviour);
        pages.push(page);
        own.push(page);
        mostPages = Math.max(mostPages, openPages());
        return page;
      },
      close: () => {
        closes += 1;
        end();
        return Promise.resolve();
      },
    };
  };
  return {
    launch,
    pages,
    openPages,
    launches: () => launches,
    alive: () => alive,
    closes: () => closes,
    mostPages: () => mostPages,
    /** The newest browser dies by itself. */
    crash: () => enders.at(-1)?.(),
  };
}

function createPage(options: PageOptions, behaviour: Behaviour): FakePage {
  const opened: string[] = [];
  let closed = false;
  const page: FakePage = {
    options,
    opened,
    tell: (...events) => events.forEach(options.onEvent),
    isClosed: () => closed,
    url: () => opened.at(-1) ?? "about:blank",
    async open(url) {
      opened.push(url);
      if (behaviour.open === undefined) page.tell({ kind: "document", url, status: 200 });
      else await behaviour.open(page);
    },
    loading: () => behaviour.loading?.() ?? false,
    pending: () => 0,
    look: () => Promise.resolve(behaviour.look === undefined ? { title: "Fake", blank: false } : behaviour.look()),
    capture: () => Promise.resolve(behaviour.capture === undefined ? "AAAA" : behaviour.capture()),
    async close() {
      await behaviour.close?.();
      closed = true;
    },
  };
  return page;
}

/** A promise, and the function that keeps it. */
export function createGate(): { passed: Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}
