import type { IncomingHttpHeaders } from "node:http2";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import type { ClientRequest } from "../client.ts";
import { readRequestFraming } from "../forward/request-framing.ts";
import type { RequestFraming } from "../forward/request-framing.ts";
import { misdirected, unknownProtocol } from "./http2-answers.ts";

/** What a stream asks for, as if it had been asked over HTTP/1.1. */
export interface Http2Head {
  readonly request: ClientRequest;
  readonly framing: RequestFraming;
}

export interface ArrivedHead {
  /** By name; Node has dropped what it may not carry. */
  readonly headers: IncomingHttpHeaders;
  /** Alternating names and values, pseudo-headers included. */
  readonly rawHeaders: readonly string[];
  /** No body follows. */
  readonly endsWithHead: boolean;
  /** False for a host that this connection was not opened for (RFC 9110, 7.4). */
  readonly serves: (authority: string) => boolean;
  /** The key of a WebSocket's handshake with the app: extended CONNECT has none of its own. */
  readonly webSocketKey?: string;
}

/**
 * Reads the head of a stream. nghttp2 has refused what breaks RFC 9113, 8.2 and 8.3: pseudo-headers that
 * are missing, repeated, unknown or out of place, upper case, headers of a connection, a length that
 * the body does not have. What it lets through is refused here: a Host that contradicts the
 * authority, another scheme, and CONNECT to anything but a WebSocket.
 */
export function readHttp2Head(arrived: ArrivedHead): Http2Head {
  const { headers, webSocketKey } = arrived;
  const authority = headers[":authority"] ?? headers.host;
  const rawHeaders = plainHeaders(arrived.rawHeaders, webSocketKey);
  const method = webSocketKey === undefined ? headers[":method"] : "GET";
  const request = { method: method ?? "", url: headers[":path"] ?? "", rawHeaders, headers };
  if (authority !== undefined) headers.host = authority;
  const framing = readRequestFraming(rawHeaders);
  const refusal = refusalOf(arrived, authority) ?? framing.refusal;
  return {
    request,
    framing: {
      host: authority,
      connection: undefined,
      upgrade: webSocketKey === undefined ? undefined : "websocket",
      body: bodyOf(arrived),
      expectsContinue: framing.expectsContinue,
      ...(refusal && { refusal }),
    },
  };
}

/** True for a request to open a WebSocket (RFC 8441). */
export function opensWebSocket(headers: IncomingHttpHeaders): boolean {
  return headers[":method"] === "CONNECT" && headers[":protocol"] === "websocket";
}

function refusalOf({ headers, rawHeaders, serves }: ArrivedHead, authority: string | undefined): Answer | undefined {
  const { ":method": method, ":scheme": scheme, ":protocol": protocol } = headers;
  if (method === "CONNECT" && protocol === undefined) return answers.badRequest;
  if (protocol !== undefined && protocol !== "websocket") return unknownProtocol;
  if (scheme !== "https" || authority === undefined || contradicts(rawHeaders, authority)) return answers.badRequest;
  // nghttp2 lets bytes above ASCII pass in a path, which are none of a request line
  if (!/^[\x21-\x7e]*$/.test(headers[":path"] ?? "")) return answers.badRequest;
  return serves(authority) ? undefined : misdirected;
}

/** Each Host that was sent counts, not the one that Node kept. */
function contradicts(rawHeaders: readonly string[], authority: string): boolean {
  return rawHeaders.some(
    (name, at) => at % 2 === 0 && name === "host" && rawHeaders[at + 1]?.toLowerCase() !== authority.toLowerCase(),
  );
}

/** A length of 0 is one as well: chunks beside it would be a second framing. */
function bodyOf({ headers, endsWithHead, webSocketKey }: ArrivedHead): RequestFraming["body"] {
  if (endsWithHead || webSocketKey !== undefined) return "none";
  return headers["content-length"] === undefined ? "chunked" : "length";
}

/** Without pseudo-headers and Host; a Cookie that came in crumbs is one again (RFC 9113, 8.2.3). */
function plainHeaders(rawHeaders: readonly string[], webSocketKey: string | undefined): string[] {
  const plain: string[] = [];
  let cookieAt = -1;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = [rawHeaders[at], rawHeaders[at + 1]];
    if (name.startsWith(":") || name === "host") continue;
    if (webSocketKey !== undefined && name === "sec-websocket-key") continue;
    if (name === "cookie" && cookieAt !== -1) plain[cookieAt] += `; ${value}`;
    else plain.push(name, value);
    if (name === "cookie" && cookieAt === -1) cookieAt = plain.length - 1;
  }
  if (webSocketKey !== undefined) plain.push("Sec-WebSocket-Key", webSocketKey);
  return plain;
}
