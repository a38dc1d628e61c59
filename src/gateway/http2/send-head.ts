import type { OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Answer } from "../answers/answer.ts";
import type { ClientRequest } from "../client.ts";
import { renderFor } from "../answers/send-answer.ts";

/** Answers that end with their head, whatever the app sends behind it. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

export function endsWithHead(method: string | undefined, status: number): boolean {
  return method === "HEAD" || bodiless.has(status);
}

/**
 * Headers as HTTP/2 has them: names in lower case, none that means the connection. Several of one name are
 * one list, which means the same (RFC 9110, 5.3), but for cookies.
 */
export function http2Fields(flat: readonly string[]): OutgoingHttpHeaders {
  const fields: OutgoingHttpHeaders = {};
  const cookies: string[] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) {
    const [name, value = ""] = [flat[at]?.toLowerCase() ?? "", flat[at + 1]];
    const before = fields[name];
    if (name === "set-cookie") cookies.push(value);
    else if (name !== "http2-settings") fields[name] = before === undefined ? value : `${String(before)}, ${value}`;
  }
  if (cookies.length > 0) fields["set-cookie"] = cookies;
  return fields;
}

export interface SentHead {
  readonly status: number;
  readonly headers: readonly string[];
  /** Of the request. */
  readonly method: string | undefined;
  /** Trailers may follow the body. */
  readonly trailers?: boolean;
  /** Nothing follows. */
  readonly whole?: boolean;
}

/** Begins an answer. A status that HTTP does not have is an error of the app's to every client (RFC 9110, 15). */
export function sendHead(stream: ServerHttp2Stream, head: SentHead): void {
  const { status, headers, method, trailers = false, whole = false } = head;
  const fields = { ...http2Fields(headers), ":status": status > 599 ? 502 : status };
  // no body of that length follows, and clients hold the two against each other
  if (status === 205) delete fields["content-length"];
  const endStream = whole || endsWithHead(method, status);
  const options = { endStream, waitForTrailers: trailers && !endStream, sendDate: false };
  stream.respond(fields, options);
}

/** A whole answer of our own. */
export function sendHttp2Answer(stream: ServerHttp2Stream, request: ClientRequest, answer: Answer): void {
  const { method } = request;
  const { status, headers, body } = renderFor(answer, request.headers);
  const whole = body === "" || endsWithHead(method, status);
  sendHead(stream, { status, headers, method, whole });
  if (!whole) stream.end(body, "latin1");
}
