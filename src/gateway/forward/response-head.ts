import { setsOurCookie } from "../../login/cookies.ts";
import { connectionNames, createNameTable, hasPrefix } from "./header-names.ts";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { PreviewOrigins } from "./request-head.ts";

const kindOf = createNameTable({
  connection: "drop",
  "keep-alive": "drop",
  "proxy-connection": "drop",
  "proxy-authenticate": "drop",
  te: "drop",
  "transfer-encoding": "drop",
  upgrade: "drop",
  trailer: "trailer",
  "content-length": "contentLength",
  location: "location",
  refresh: "refresh",
  "set-cookie": "setCookie",
  "referrer-policy": "referrerPolicy",
  "x-robots-tag": "robots",
  "x-frame-options": "frameOptions",
  "content-security-policy": "policy",
} as const);

export interface ResponseHeadOptions {
  readonly origins: PreviewOrigins;
  /** The message goes on in chunks, so trailers may follow. */
  readonly chunked: boolean;
  /** A 1xx: nothing of ours is added. */
  readonly informational?: boolean;
}

/**
 * The headers that the browser receives, as alternating names and values. What names the app's own
 * address is mapped back to the public one; a cookie loses its Domain, so that it cannot reach a
 * sibling preview under the same domain.
 */
export function mapResponseHeaders(head: ResponseHead, options: ResponseHeadOptions): string[] {
  const named = head.connection === undefined ? undefined : connectionNames(head.connection);
  const mapped: string[] = [];
  let hasReferrerPolicy = false;
  let hasRobotsTag = false;
  for (let at = 0; at + 1 < head.headers.length; at += 2) {
    const name = head.headers[at] ?? "";
    if (named?.has(name.toLowerCase())) continue;
    const kind = kindOf(name);
    if (kind === undefined && hasPrefix(name, "x-preview-")) continue;
    const sent = head.headers[at + 1] ?? "";
    const value = kind === undefined ? sent : mappers[kind](sent, head, options);
    if (value === undefined) continue;
    hasReferrerPolicy ||= kind === "referrerPolicy";
    hasRobotsTag ||= kind === "robots";
    mapped.push(name, value);
  }
  if (options.informational === true) return mapped;
  if (!hasReferrerPolicy) mapped.push("Referrer-Policy", "same-origin");
  if (!hasRobotsTag) mapped.push("X-Robots-Tag", "noindex");
  const { embedOrigins } = options.origins;
  if (embedOrigins) mapped.push("Content-Security-Policy", `frame-ancestors ${["'self'", ...embedOrigins].join(" ")}`);
  return mapped;
}

type Kind = NonNullable<ReturnType<typeof kindOf>>;
type MapValue = (value: string, head: ResponseHead, options: ResponseHeadOptions) => string | undefined;

/** The value to pass on, or undefined when the header stays here. */
const mappers: Readonly<Record<Kind, MapValue>> = {
  drop: () => undefined,
  trailer: (value, _head, { chunked }) => (chunked ? value : undefined),
  contentLength: (value, { status }) => (status === 204 || status < 200 ? undefined : value),
  location: (value, _head, { origins }) => mapUrl(value, origins),
  refresh: (value, _head, { origins }) => mapRefresh(value, origins),
  setCookie: (value) => (setsOurCookie(value) ? undefined : removeDomain(value)),
  referrerPolicy: (value) => value,
  robots: (value) => value,
  frameOptions: (value, _head, { origins }) => (origins.embedOrigins === undefined ? value : undefined),
  policy: (value, _head, { origins }) => (origins.embedOrigins === undefined ? value : withoutAncestors(value)),
};

const localUrl = /^(?:https?:)?\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d{1,5})(?=[/?#]|$)/i;

function mapUrl(url: string, { port, publicOrigin }: PreviewOrigins): string {
  const match = localUrl.exec(url);
  return match !== null && Number(match[1]) === port ? publicOrigin + url.slice(match[0].length) : url;
}

/** `<seconds>; url=<url>`, the url quoted or not. */
function mapRefresh(value: string, origins: PreviewOrigins): string {
  const match = /^([^;,]*[;,]\s*(?:url\s*=\s*)?["']?)(.*)$/is.exec(value);
  return match === null ? value : `${match[1]}${mapUrl(match[2] ?? "", origins)}`;
}

function removeDomain(cookie: string): string {
  return cookie.includes(";") ? cookie.replace(/;[\t ]*domain[\t ]*(?:=[^;]*)?(?=;|$)/gi, "") : cookie;
}

/** The policies of one header as they were, but for who may frame the page; undefined when nothing is left. */
function withoutAncestors(header: string): string | undefined {
  const policies = header.split(",").map((policy) =>
    policy
      .split(";")
      .filter((directive) => !/^[\t\n\f\r ]*frame-ancestors(?:[\t\n\f\r ]|$)/i.test(directive))
      .join(";"),
  );
  const left = policies.filter((policy) => policy.trim() !== "").join(",");
  return left === "" ? undefined : left.trim();
}

/** Trailers may carry neither framing nor anything that this side added or mapped. */
export function mapTrailers(trailers: readonly string[]): string[] {
  const mapped: string[] = [];
  for (let at = 0; at + 1 < trailers.length; at += 2) {
    const name = trailers[at] ?? "";
    if (kindOf(name) === undefined && !hasPrefix(name, "x-preview-")) mapped.push(name, trailers[at + 1] ?? "");
  }
  return mapped;
}
