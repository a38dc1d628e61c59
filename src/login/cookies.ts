/** Every cookie of ours is called so, with the prefix `__Host-` before it over https. */
const stem = "dev-preview-";
const isOurName = /^\s*(?:__host-|__secure-)?dev-preview-/i;

/**
 * What a cookie of ours is for; `visit` and `browser` live on gated hosts, those of a `frame` apart from the others,
 * `session` and a `flow` for each login under way on the login's host.
 */
export type CookieKind = "visit" | "browser" | "frame-visit" | "frame-browser" | "session" | `flow-${string}`;

/**
 * Over https browsers keep a cookie with this prefix only when it is host-only, whole-host and secure,
 * so that no sibling under the domain can plant one. Plain http has no such means; there only
 * `localhost` is served, whose names are not shared with anybody.
 */
export function cookieName(kind: CookieKind, scheme: "http" | "https"): string {
  return `${scheme === "https" ? "__Host-" : ""}${stem}${kind}`;
}

export interface CookieOptions {
  readonly scheme: "http" | "https";
  /** 0 removes it. */
  readonly maxAgeSeconds: number;
}

/**
 * A `Set-Cookie` value: host-only, out of reach for scripts, and not sent along with what other sites begin, except
 * links. Those of a frame are kept apart for each site that it is shown in, and only sent there (CHIPS); browsers take
 * them for secure on `localhost` too.
 */
export function printCookie(kind: CookieKind, value: string, { scheme, maxAgeSeconds }: CookieOptions): string {
  const sent = kind.startsWith("frame-") ? "None; Secure; Partitioned" : scheme === "https" ? "Lax; Secure" : "Lax";
  return `${cookieName(kind, scheme)}=${value}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=${sent}`;
}

/** The value of a cookie in a request's header; undefined when there is none, or two that differ: one of them was planted. */
export function readCookie(
  header: string | readonly string[] | undefined,
  kind: CookieKind,
  scheme: "http" | "https",
): string | undefined {
  const prefix = `${cookieName(kind, scheme)}=`;
  const values = new Set<string>();
  for (const pair of typeof header === "string" ? header.split(";") : []) {
    const cookie = pair.trim();
    if (cookie.startsWith(prefix)) values.add(cookie.slice(prefix.length));
  }
  const [value] = values;
  return values.size === 1 ? value : undefined;
}

/** A `Cookie` header as the app may see it; undefined when nothing is left. Without one of ours it stays byte for byte. */
export function withoutOurCookies(header: string): string | undefined {
  if (!/dev-preview-/i.test(header)) return header;
  const left = header.split(";").filter((pair) => !isOurName.test(pair));
  return left.length === 0 ? undefined : left.join(";").trim();
}

/** A `Set-Cookie` of an app that would take the place of one of ours. */
export function setsOurCookie(value: string): boolean {
  return isOurName.test(value);
}
