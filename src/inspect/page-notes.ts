import type { FailedRequest } from "../preview/inspection.ts";
import type { PageEvent } from "./browser.ts";
import { pageText } from "./page-text.ts";
import type { Redact } from "./page-text.ts";

/** What went wrong on a page so far, cleaned, in the order in which it happened, each thing once. */
export interface PageNotes {
  readonly consoleErrors: readonly string[];
  readonly pageErrors: readonly string[];
  readonly failedRequests: readonly FailedRequest[];
  /** Further ones that were not kept. */
  readonly omitted: number;
  /** Status of the last document of the main frame. */
  readonly httpStatus?: number;
  /** The page's process ended. */
  readonly crashed: boolean;
  /** It printed more than anybody would read, and goes on doing so. */
  readonly flooded: boolean;
}

export interface PageNotebook {
  take(event: PageEvent): void;
  read(): PageNotes;
  /** Milliseconds since a request began or ended. */
  quietFor(): number;
  /** The page ended, or told more than anybody would read: waiting for more is no use. */
  hopeless(): boolean;
}

const maxEach = 20;
const maxText = 500;
const maxUrl = 300;
const maxReason = 100;
/** What a page may say in all, lines and characters, read or not: each costs the plane time. */
const flood = { lines: 2000, characters: 20_000_000 } as const;

/** Keeps what a page tells, however much and whatever that is. */
export function createPageNotebook(redact: Redact): PageNotebook {
  const consoleErrors = createKept<{ about: string }>();
  const pageErrors = createKept<object>();
  const failures = createKept<Omit<FailedRequest, "url">>();
  const text = (raw: string) => pageText(raw, maxText, redact);
  const url = (raw: string) => pageText(raw, maxUrl, redact);
  let [lines, characters, lastTraffic] = [0, 0, performance.now()];
  let document: { readonly url: string; readonly status: number } | undefined;
  let crashed = false;

  const flooded = () => lines > flood.lines || characters > flood.characters;

  function note(event: PageEvent): void {
    switch (event.kind) {
      case "console-error":
        return consoleErrors.add(text(event.text), { about: url(event.about) });
      case "page-error":
        return pageErrors.add(text(event.text), {});
      case "bad-status":
        return failures.add(url(event.url), { status: event.status });
      case "failed":
        return failures.add(url(event.url), { error: pageText(event.error, maxReason, redact) });
      case "chatter":
        return;
      case "traffic":
        lastTraffic = performance.now();
        return;
      case "document":
        document = { url: url(event.url), status: event.status };
        return;
      case "crashed":
        crashed = true;
    }
  }

  return {
    take(event) {
      const said = lengthOf(event);
      if (said !== undefined) lines += 1;
      characters += said ?? 0;
      note(event);
    },
    read() {
      const failedRequests = failures.all().map(([url, outcome]) => ({ url, ...outcome }));
      const known = new Set([...failedRequests.map(({ url }) => url), document?.url]);
      return {
        // what the browser prints about a request is told by the request
        consoleErrors: consoleErrors.all().flatMap(([text, { about }]) => (known.has(about) ? [] : [text])),
        pageErrors: pageErrors.all().map(([text]) => text),
        failedRequests,
        omitted: consoleErrors.dropped() + pageErrors.dropped() + failures.dropped(),
        crashed,
        flooded: flooded(),
        ...(document !== undefined && { httpStatus: document.status }),
      };
    },
    quietFor: () => performance.now() - lastTraffic,
    hopeless: () => crashed || flooded(),
  };
}

/** Of what the page says by itself; requests are counted by nobody, as large applications make thousands. */
function lengthOf(event: PageEvent): number | undefined {
  switch (event.kind) {
    case "console-error":
    case "page-error":
      return event.text.length;
    case "chatter":
      return event.length;
    case "traffic":
    case "document":
    case "bad-status":
    case "failed":
    case "crashed":
      return undefined;
  }
}

/** The first few different keys, each with what came with it first. */
function createKept<Value>() {
  const kept = new Map<string, Value>();
  let dropped = 0;
  return {
    add(key: string, value: Value): void {
      if (key === "" || kept.has(key)) return;
      if (kept.size < maxEach) kept.set(key, value);
      else dropped += 1;
    },
    all: () => [...kept],
    dropped: () => dropped,
  };
}
