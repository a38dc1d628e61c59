import type { Page, Request } from "playwright-core";
import { until } from "../../support/until.ts";

/** So long nothing is loaded any more: a cold server may find dependencies late and load the page again. */
const quietMs = 1000;
/** What a page is made of; sockets and polls for changes stay open. */
const parts = new Set(["document", "script", "stylesheet"]);

/** Follows what a page loads; returns a wait until it has all of it. */
export function watchLoading(page: Page): (timeoutMs: number) => Promise<unknown> {
  const loading = new Set<Request>();
  let changedAt = Date.now();
  page.on("request", (request) => {
    if (parts.has(request.resourceType())) loading.add(request);
    if (loading.has(request)) changedAt = Date.now();
  });
  const ended = (request: Request) => {
    if (loading.delete(request)) changedAt = Date.now();
  };
  page.on("requestfinished", ended);
  page.on("requestfailed", ended);
  // what a page had asked for is gone with it
  page.on("framenavigated", (frame) => {
    if (frame === page.mainFrame()) loading.clear();
  });
  const quiet = () => loading.size === 0 && Date.now() - changedAt > quietMs;
  return (timeoutMs) => until("nothing more is loaded", quiet, timeoutMs);
}
