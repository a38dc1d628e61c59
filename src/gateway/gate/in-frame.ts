import type { Asker } from "./gate-world.ts";

/** A browser asks for the document of a frame. */
export function isFrame({ method, headers, upgrade }: Asker): boolean {
  if (upgrade || (method !== "GET" && method !== "HEAD")) return false;
  return headers["sec-fetch-dest"] === "iframe" && headers["sec-fetch-mode"] === "navigate";
}

/** The origin of the page that a request comes from, as far as the browser tells. */
export function refererOrigin({ headers }: Asker): string | undefined {
  const { referer } = headers;
  return typeof referer === "string" && URL.canParse(referer) ? new URL(referer).origin : undefined;
}
