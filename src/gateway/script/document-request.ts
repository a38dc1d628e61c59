import type { IncomingMessage } from "node:http";
import { asksForDocument } from "../asks-for-document.ts";
import { createNameTable } from "../header-names.ts";
import { unmarkTags } from "./entity-tag.ts";

/** True when the answer, if it is a page, is given the script. What code fetches is never touched. */
export function mayTakeScript({ method, headers }: Pick<IncomingMessage, "method" | "headers">): boolean {
  if (method === "HEAD") return false;
  return asksForDocument(headers) || isPrefetch(headers["sec-purpose"]);
}

/** What a page fetches ahead is shown later without another request. */
function isPrefetch(purpose: string | readonly string[] | undefined): boolean {
  return typeof purpose === "string" && /^prefetch\b/i.test(purpose);
}

const kindOf = createNameTable({
  "accept-encoding": "drop",
  range: "drop",
  "if-range": "drop",
  "if-modified-since": "date",
  "if-none-match": "tags",
} as const);

/**
 * The headers with which a document is asked for: readable, whole, and confirmed only where the browser's
 * copy has the script that pages are given now. A date cannot tell, so it counts only beside a tag.
 */
export function askForPlainDocument(rawHeaders: readonly string[]): string[] {
  const asked: string[] = [];
  let date: readonly string[] = [];
  let confirms = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    const kind = kindOf(name);
    const tags = kind === "tags" ? unmarkTags(value) : undefined;
    if (kind === undefined) asked.push(name, value);
    else if (kind === "date") date = [name, value];
    else if (tags !== undefined) asked.push(name, tags);
    confirms ||= tags !== undefined;
  }
  return [...asked, ...(confirms ? date : []), "Accept-Encoding", "identity"];
}
