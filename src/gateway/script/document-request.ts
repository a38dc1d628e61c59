import type { IncomingMessage } from "node:http";
import { asksForDocument } from "../answers/asks-for-document.ts";
import { createNameTable } from "../forward/header-names.ts";
import { unmarkTags } from "./entity-tag.ts";

/** True when the answer, if it is a page, is given the script. What code fetches is never touched. */
export function mayTakeScript({ method, rawHeaders }: Pick<IncomingMessage, "method" | "rawHeaders">): boolean {
  if (method === "HEAD") return false;
  const asker = readAsker(rawHeaders);
  return asksForDocument(asker) || isPrefetch(asker["sec-purpose"]);
}

const askerName = createNameTable({
  accept: "accept",
  "sec-fetch-dest": "sec-fetch-dest",
  "sec-fetch-mode": "sec-fetch-mode",
  "sec-purpose": "sec-purpose",
  "x-requested-with": "x-requested-with",
} as const);

/** The few headers that matter: `request.headers` would be made of all of them, for each module of a page. */
function readAsker(rawHeaders: readonly string[]): Partial<Record<NonNullable<ReturnType<typeof askerName>>, string>> {
  const asker: ReturnType<typeof readAsker> = {};
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = askerName(rawHeaders[at] ?? "");
    if (name !== undefined) asker[name] = rawHeaders[at + 1] ?? "";
  }
  return asker;
}

/** What a page fetches ahead is shown later without another request. */
function isPrefetch(purpose: string | undefined): boolean {
  return purpose !== undefined && /^prefetch\b/i.test(purpose);
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
