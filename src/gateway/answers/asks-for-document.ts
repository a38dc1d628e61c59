/** The request headers that tell; the shape of `IncomingMessage.headers`. */
export interface AskerHeaders {
  readonly [name: string]: string | readonly string[] | undefined;
}

const documentDests = new Set(["document", "iframe", "frame", "fencedframe", "embed", "object"]);

/** True when a browser will show the answer as a page; older ones, and plain HTTP, show it by what they accept. */
export function asksForDocument(headers: AskerHeaders): boolean {
  const dest = headers["sec-fetch-dest"];
  if (typeof dest === "string") return documentDests.has(dest);
  if (headers["x-requested-with"] !== undefined) return false;
  return headers["sec-fetch-mode"] === "navigate" || /\btext\/html\b/i.test(String(headers["accept"] ?? ""));
}
