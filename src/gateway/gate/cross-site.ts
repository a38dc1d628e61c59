import type { AskerHeaders } from "../answers/asks-for-document.ts";
import type { Asker } from "./gate-world.ts";
import { isFrame, refererOrigin } from "./in-frame.ts";

const safeMethods = new Set(["GET", "HEAD"]);

/** Origins that are not foreign to a gated host. */
interface Known {
  readonly publicOrigin: string;
  /** May show it in a frame. */
  readonly embedOrigins: readonly string[];
}

/**
 * Whether a request that rides on the cookie of a gated host was begun by another origin. Siblings under
 * the domain are other origins too, though browsers count them to the same site and send the cookie.
 * Only a link that a person follows may come from elsewhere, and the document of a frame where it may
 * be shown in one: they show a page and change nothing.
 */
export function isCrossSite(request: Asker, { publicOrigin, embedOrigins }: Known): boolean {
  const { method, headers, upgrade } = request;
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (upgrade) return origin !== publicOrigin;
  if (!safeMethods.has(method) && origin !== undefined && origin !== publicOrigin) return true;
  if (site === undefined || site === "same-origin" || site === "none") return false;
  if (!safeMethods.has(method)) return true;
  return !isTopLevel(headers) && !(isFrame(request) && isKnownFrame(request, { publicOrigin, embedOrigins }));
}

function isTopLevel(headers: AskerHeaders): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}

/** Where the page around it is not told, the browser alone judges, by the frame-ancestors of the answer. */
function isKnownFrame(request: Asker, { publicOrigin, embedOrigins }: Known): boolean {
  const around = refererOrigin(request);
  if (embedOrigins.length === 0) return false;
  return around === undefined || around === publicOrigin || embedOrigins.includes(around);
}
