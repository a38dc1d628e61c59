import type { HostMode } from "../../preview/record.ts";
import { withoutOurCookies } from "../../login/cookies.ts";
import { withoutTokenProtocol } from "../../login/machine-token.ts";
import { connectionNames, createNameTable, dashed, hasPrefix } from "./header-names.ts";
import type { RequestFraming } from "./request-framing.ts";

/** The head of a request as llhttp gave it. */
export interface RequestHead {
  readonly method: string;
  /** Bytes of the target as sent; nothing is decoded or normalised. */
  readonly target: string;
  readonly rawHeaders: readonly string[];
  readonly framing: RequestFraming;
}

/** Who the app is, seen from outside and from inside. */
export interface PreviewOrigins {
  readonly hostMode: HostMode;
  readonly port: number;
  readonly publicOrigin: string;
  /** Origins that may show the preview in a frame; absent: as the app says. */
  readonly embedOrigins?: readonly string[] | undefined;
  /** The port that is dialled, where it is not the page's. */
  readonly secondPort?: number | undefined;
}

export interface RequestHeadOptions {
  readonly origins: PreviewOrigins;
  /** Address of the client's socket, for `X-Forwarded-For` in host mode `public`. */
  readonly clientAddress: string;
  /** Asks the app to switch protocols; only `websocket` is ever passed on. */
  readonly upgrade: boolean;
}

const kindOf = createNameTable({
  connection: "drop",
  "keep-alive": "drop",
  "proxy-connection": "drop",
  "proxy-authorization": "drop",
  "proxy-authenticate": "drop",
  te: "drop",
  "transfer-encoding": "drop",
  upgrade: "drop",
  "http2-settings": "drop",
  forwarded: "drop",
  "x-real-ip": "drop",
  host: "drop",
  origin: "origin",
  referer: "referer",
  cookie: "cookie",
  "sec-websocket-protocol": "protocol",
} as const);

/**
 * The head that the app receives, as one latin1 string: header order, case and bytes are kept.
 *
 * Host mode `local` makes the request look exactly like one of a browser on the app's own machine,
 * which is what dev servers trust. An Origin is mapped only when it is the preview's own, so that
 * the app still sees a foreign one as foreign: its own defence against cross-site requests and
 * cross-site WebSockets stays in force.
 */
export function printRequestHead(head: RequestHead, options: RequestHeadOptions): string {
  const { rawHeaders, framing } = head;
  const { origins } = options;
  const named = framing.connection === undefined ? undefined : connectionNames(framing.connection);
  let text = `${head.method} ${head.target} HTTP/1.1\r\nHost: ${hostFor(head, origins)}\r\n`;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? "";
    if (named?.has(name.toLowerCase())) continue;
    const value = mapValue(name, rawHeaders[at + 1] ?? "", origins);
    if (value !== undefined) text += `${name}: ${value}\r\n`;
  }
  return `${text}${ownHeaders(head, options)}\r\n`;
}

/** The value to send on, or undefined when the header stays here. */
function mapValue(name: string, value: string, origins: PreviewOrigins): string | undefined {
  const kind = kindOf(name);
  if (kind === undefined) return isOurs(name) ? undefined : value;
  if (kind === "drop") return undefined;
  if (kind === "cookie") return withoutOurCookies(value);
  if (kind === "protocol") return withoutTokenProtocol(value);
  if (origins.hostMode === "public") return value;
  return kind === "referer" ? mapReferer(value, origins) : mapOrigin(value, origins);
}

/** Ours to say, and nobody else's; `X_Real_IP` is `X-Real-IP` to some. */
function isOurs(name: string): boolean {
  if (hasPrefix(name, "x-forwarded-") || hasPrefix(name, "x-preview-")) return true;
  if (!name.includes("_")) return false;
  const read = dashed(name);
  return kindOf(read) !== undefined || read.toLowerCase() === "content-length";
}

/** Fields that change what the request is, where it goes, who sends it or where it ends (RFC 9110, 6.5.1). */
const notInTrailers = new Set([
  "authorization",
  "cache-control",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "cookie",
  "expect",
  "max-forwards",
  "range",
  "trailer",
]);

/** What of a request's trailers the app gets: some servers take them for headers. */
export function mapRequestTrailers(trailers: readonly string[]): string[] {
  const mapped: string[] = [];
  for (let at = 0; at + 1 < trailers.length; at += 2) {
    const name = trailers[at] ?? "";
    const isRefused = kindOf(name) !== undefined || isOurs(name) || notInTrailers.has(dashed(name.toLowerCase()));
    if (!isRefused) mapped.push(name, trailers[at + 1] ?? "");
  }
  return mapped;
}

function mapOrigin(value: string, origins: PreviewOrigins): string {
  return value === origins.publicOrigin ? localOrigin(origins) : value;
}

function mapReferer(value: string, origins: PreviewOrigins): string {
  if (!value.startsWith(origins.publicOrigin)) return value;
  const rest = value.slice(origins.publicOrigin.length);
  return rest === "" || rest.startsWith("/") ? localOrigin(origins) + rest : value;
}

function localOrigin({ port }: PreviewOrigins): string {
  return `http://localhost:${port}`;
}

function hostFor({ framing }: RequestHead, { hostMode, port, secondPort }: PreviewOrigins): string {
  return hostMode === "local" ? `localhost:${secondPort ?? port}` : (framing.host ?? "");
}

function ownHeaders({ framing }: RequestHead, { origins, clientAddress, upgrade }: RequestHeadOptions): string {
  let text = `X-Preview-Origin: ${origins.publicOrigin}\r\n`;
  if (origins.hostMode === "public") text += forwardedHeaders(origins, clientAddress);
  if (framing.body === "chunked") text += "Transfer-Encoding: chunked\r\n";
  if (upgrade) text += "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  return text;
}

function forwardedHeaders({ publicOrigin }: PreviewOrigins, clientAddress: string): string {
  const { protocol, host, port } = new URL(publicOrigin);
  const proto = protocol.slice(0, -1);
  const shownPort = port === "" ? { http: "80", https: "443" }[proto] : port;
  return (
    `X-Forwarded-For: ${clientAddress.replace(/^::ffff:/i, "")}\r\nX-Forwarded-Host: ${host}\r\n` +
    `X-Forwarded-Proto: ${proto}\r\nX-Forwarded-Port: ${shownPort}\r\n`
  );
}
