import type { Asker } from "./gate-world.ts";

/** Headers by which a browser says that nobody has asked for this yet. */
const foretelling = ["sec-purpose", "purpose", "x-purpose", "x-moz"] as const;

/**
 * Whether a request shows that somebody wants to see a sleeping preview. What a page that was left open does by
 * itself is none, or no preview with an open tab would ever stay asleep: WebSockets and event streams that are opened
 * again, and Vite's question whether its server is back. Neither is a look ahead, nor one that takes no body.
 */
export function isVisit({ method = "GET", headers = {}, upgrade = false }: Partial<Asker>): boolean {
  if (upgrade || method === "HEAD" || method === "OPTIONS") return false;
  if (foretelling.some((name) => /\b(?:prefetch|prerender|preview)\b/i.test(String(headers[name] ?? "")))) return false;
  return !/^\s*text\/(?:event-stream|x-vite-ping)\b/i.test(String(headers["accept"] ?? ""));
}
