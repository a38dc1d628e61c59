import { setTimeout as delay } from "node:timers/promises";
import type { BrowserPage } from "./browser.ts";
import { pageFactsScript, parsePageFacts } from "./page-facts.ts";
import type { PageFacts } from "./page-facts.ts";
import type { PageNotebook } from "./page-notes.ts";

export interface Settled {
  /** Absent when it did not end loading in time, or no document came. */
  readonly loadMs?: number;
  /** Absent when there is no document, or it could not be looked at. */
  readonly facts?: PageFacts;
}

/** Nothing moved on the wire for this long: what the page wanted to fetch is there. */
const quietMs = 500;
/** Once it is loaded a page gets no longer than this to go quiet, or to show something. */
const patienceMs = 3000;
const pollMs = 50;
/** Kept of the time that is left, for looking at the page. */
const lookMs = 1500;

/**
 * Opens a page and waits until it shows what it is going to show: loaded, then quiet on the wire,
 * then something visible; never beyond the deadline (of `performance.now()`), and no longer than
 * there is something to wait for.
 */
export async function openAndSettle(
  page: BrowserPage,
  notes: PageNotebook,
  target: { readonly url: string; readonly deadline: number },
): Promise<Settled> {
  const timeLeft = () => Math.max(0, target.deadline - performance.now());
  const beforeLook = () => timeLeft() - Math.min(lookMs, timeLeft() / 3);
  const look = async () => parsePageFacts(await page.look(pageFactsScript, Math.min(timeLeft(), lookMs)));
  const until = async (done: () => boolean, ms: number) => {
    const end = performance.now() + ms;
    while (!done() && !notes.hopeless() && performance.now() < end) await delay(pollMs);
  };

  const openedAt = performance.now();
  await page.open(target.url, beforeLook());
  await until(() => !page.loading(), beforeLook());
  const loadedAt = performance.now();
  if (notes.read().httpStatus === undefined) return {};
  if (page.loading()) return withFacts({}, await look());

  const patience = () => Math.min(beforeLook(), patienceMs - (performance.now() - loadedAt));
  await until(() => page.pending() === 0 && notes.quietFor() >= quietMs, patience());
  let facts = await look();
  while (mayStillShow(facts, notes) && patience() > 0) {
    await delay(pollMs);
    facts = await look();
  }
  return withFacts({ loadMs: Math.round(loadedAt - openedAt) }, facts);
}

/** An error that was told is what there is to see of a blank page. */
function mayStillShow(facts: PageFacts | undefined, notes: PageNotebook): boolean {
  if (facts?.blank !== true || facts.overlay !== undefined || notes.hopeless()) return false;
  return notes.read().pageErrors.length === 0;
}

function withFacts(settled: Settled, facts: PageFacts | undefined): Settled {
  return facts === undefined ? settled : { ...settled, facts };
}
