import type { AskerHeaders } from "./asks-for-document.ts";

const safeMethods = new Set(["GET", "HEAD"]);

interface Ridden {
  readonly method: string;
  readonly headers: AskerHeaders;
  readonly upgrade: boolean;
}

/**
 * Whether a request that rides on the cookie of a gated host was begun by another origin. Siblings under
 * the domain are other origins too, though browsers count them to the same site and send the cookie.
 * Only a link that a person follows may come from elsewhere: it shows a page and changes nothing.
 */
export function isCrossSite({ method, headers, upgrade }: Ridden, publicOrigin: string): boolean {
  const { origin } = headers;
  const site = headers["sec-fetch-site"];
  if (upgrade) return origin !== publicOrigin;
  if (!safeMethods.has(method) && origin !== undefined && origin !== publicOrigin) return true;
  if (site === undefined || site === "same-origin" || site === "none") return false;
  return !(safeMethods.has(method) && isTopLevel(headers));
}

function isTopLevel(headers: AskerHeaders): boolean {
  return headers["sec-fetch-mode"] === "navigate" && headers["sec-fetch-dest"] === "document";
}
