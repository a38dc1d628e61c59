import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { createNameTable } from "./header-names.ts";

/** The headers of a request on which its route and its framing depend, each as it was sent. */
export interface RequestFraming {
  readonly host: string | undefined;
  /** All Connection headers, joined. */
  readonly connection: string | undefined;
  readonly upgrade: string | undefined;
  readonly body: RequestBody;
  readonly expectsContinue: boolean;
  /** Set when the request must not be forwarded in any reading of it. */
  readonly refusal?: Answer | undefined;
}

/**
 * Node keeps about so many headers and drops the rest, one of which may say what the request is: a head
 * that comes near is refused whole. Short headers take ten times their bytes in memory.
 */
export const maxHeaders = 256;

export type RequestBody = "none" | "length" | "chunked";

const fieldOf = createNameTable({
  host: "host",
  connection: "connection",
  upgrade: "upgrade",
  "content-length": "contentLength",
  "transfer-encoding": "transferEncoding",
  expect: "expect",
} as const);

type Fields = Record<NonNullable<ReturnType<typeof fieldOf>>, string | undefined>;

/** All of them from the start: objects that grow one name after the other are slow to read. */
const noFields: Fields = {
  host: undefined,
  connection: undefined,
  upgrade: undefined,
  contentLength: undefined,
  transferEncoding: undefined,
  expect: undefined,
};

/**
 * Reads the framing headers out of `rawHeaders`. llhttp has refused most of what is dangerous
 * (Content-Length with Transfer-Encoding, unequal or repeated lengths, folded lines); what it lets
 * through and another parser may read differently is refused here: a second Host, any transfer coding
 * other than plain `chunked`, and any at all in HTTP/1.0, where an edge in front may see no body (RFC 9112, 6.1).
 */
export function readRequestFraming(rawHeaders: readonly string[], httpVersionMinor = 1): RequestFraming {
  const fields: Fields = { ...noFields };
  let ambiguous = false;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const field = fieldOf(rawHeaders[at] ?? "");
    if (field === undefined) continue;
    const value = rawHeaders[at + 1] ?? "";
    const before = fields[field];
    if (before !== undefined && field !== "connection" && field !== "upgrade") ambiguous = true;
    fields[field] = before === undefined ? value : `${before}, ${value}`;
  }
  if (httpVersionMinor === 0 && fields.transferEncoding !== undefined) ambiguous = true;
  const refusal = rawHeaders.length >= maxHeaders * 2 ? answers.tooManyHeaders : refuseFields(fields, ambiguous);
  return {
    host: fields.host,
    connection: fields.connection,
    upgrade: fields.upgrade,
    body: bodyOf(fields),
    expectsContinue: fields.expect?.toLowerCase() === "100-continue",
    refusal,
  };
}

function refuseFields({ transferEncoding, contentLength }: Fields, ambiguous: boolean): Answer | undefined {
  if (ambiguous) return answers.badRequest;
  if (transferEncoding === undefined) return undefined;
  if (contentLength !== undefined) return answers.badRequest;
  return transferEncoding.toLowerCase() === "chunked" ? undefined : answers.notImplemented;
}

function bodyOf({ transferEncoding, contentLength }: Fields): RequestBody {
  if (transferEncoding !== undefined) return "chunked";
  return contentLength === undefined || contentLength === "0" ? "none" : "length";
}
