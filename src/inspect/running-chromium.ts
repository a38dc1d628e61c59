import type { BrowserContext, Browser as Chromium } from "playwright-core";
import type { ClosingStack } from "../closing-stack.ts";
import type { Logger } from "../logger.ts";
import type { Browser } from "./browser.ts";
import { openChromiumPage } from "./chromium-page.ts";
import type { ConfinedProxy } from "./confined-proxy.ts";
import { endProcess, killGroup } from "./end-process.ts";
import { spendExternalLaunch } from "./spend-external-launch.ts";
import { watchMemory } from "./watch-memory.ts";

export interface RunningOptions {
  /** Each page gets its own. */
  readonly openProxy: () => Promise<ConfinedProxy>;
  /** Of what the browser needs; closed when it ends, whoever ended it. */
  readonly stack: ClosingStack;
  readonly maxMemoryBytes: number;
  readonly logger: Logger;
}

const closeMs = 4000;
const memoryLookMs = 500;

/** A Chromium that was launched with this context, as the pool of browsers wants it. */
export async function runningChromium(context: BrowserContext, options: RunningOptions): Promise<Browser> {
  const { openProxy, stack, logger } = options;
  const browser = context.browser();
  if (browser === null) throw new Error("a launched context has no browser");
  const ended = new Promise<void>((resolve) => void browser.once("disconnected", () => resolve()));
  const processes = await openProcessList(browser);
  const { pid } = processes;
  stack.add({ close: () => endProcess(pid, { politely: () => browser.close(), withinMs: closeMs }) });
  stack.add(
    watchMemory({
      processes: processes.ids,
      limitBytes: options.maxMemoryBytes,
      everyMs: memoryLookMs,
      onExceeded: (bytes) => {
        logger.warn({ event: "browser.memory_exceeded", bytes }, "the browser took too much memory and was ended");
        killGroup(pid);
      },
    }),
  );
  // what it leaves when it ends by itself goes too
  void ended
    .then(() => stack.close())
    .catch((err: unknown) => logger.warn({ event: "browser.end_failed", err }, "a browser left something behind"));
  await spendExternalLaunch(context);
  return {
    ended,
    openPage: (pageOptions) => openChromiumPage(browser, openProxy, pageOptions),
    close: () => stack.close(),
  };
}

/** The processes as the browser itself counts them; `pid` is the one that leads them. */
async function openProcessList(browser: Chromium) {
  const session = await browser.newBrowserCDPSession();
  const list = async () => (await session.send("SystemInfo.getProcessInfo")).processInfo;
  const pid = (await list()).find(({ type }) => type === "browser")?.id;
  if (pid === undefined) throw new Error("Chromium does not tell its process id");
  return { pid, ids: async () => (await list()).map(({ id }) => id) };
}
