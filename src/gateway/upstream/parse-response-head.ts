import { createNameTable, hasToken } from "../forward/header-names.ts";

/** The head of an app's answer, checked. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Alternating names and values, as sent. */
  readonly headers: readonly string[];
  /** All Connection headers, joined. */
  readonly connection: string | undefined;
  readonly upgrade: string | undefined;
  readonly contentLength: number | undefined;
  readonly chunked: boolean;
  /** The connection may carry another request after this answer. */
  readonly keepAlive: boolean;
}

const fieldOf = createNameTable({
  connection: "connection",
  upgrade: "upgrade",
  "content-length": "contentLength",
  "transfer-encoding": "transferEncoding",
} as const);

type Fields = Partial<Record<NonNullable<ReturnType<typeof fieldOf>>, string>>;

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
const fieldName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Parses a head without its final empty line; undefined when it is malformed in any way. Nothing is
 * repaired: bare line feeds, folded lines, spaces before the colon, an unknown transfer coding, and
 * lengths that contradict each other are all refused, because the browser might read them otherwise.
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const lines = text.split("\r\n");
  const status = statusLine.exec(lines[0] ?? "");
  if (status === null) return undefined;
  const headers: string[] = [];
  const fields: Fields = {};
  for (let at = 1; at < lines.length; at++) {
    if (!readField(lines[at] ?? "", headers, fields)) return undefined;
  }
  return finishHead({ minor: status[1] ?? "", status: Number(status[2]), reason: status[3] ?? "" }, headers, fields);
}

function readField(line: string, headers: string[], fields: Fields): boolean {
  const colon = line.indexOf(":");
  if (colon === -1) return false;
  const name = line.slice(0, colon);
  const value = trimBlanks(line.slice(colon + 1));
  if (!fieldName.test(name) || !fieldValue.test(value)) return false;
  headers.push(name, value);
  const field = fieldOf(name);
  if (field === undefined) return true;
  const before = fields[field];
  if (before !== undefined && field === "contentLength") return before === value && dropLast(headers);
  fields[field] = before === undefined ? value : `${before}, ${value}`;
  return true;
}

/** `trim()` would also take bytes that are text in latin1. */
function trimBlanks(value: string): string {
  let start = 0;
  let end = value.length;
  while (start < end && isBlank(value.charCodeAt(start))) start++;
  while (end > start && isBlank(value.charCodeAt(end - 1))) end--;
  return value.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** An equal second Content-Length is harmless, but only one may go on. */
function dropLast(headers: string[]): boolean {
  headers.length -= 2;
  return true;
}

interface Start {
  readonly minor: string;
  readonly status: number;
  readonly reason: string;
}

function finishHead(start: Start, headers: readonly string[], fields: Fields): ResponseHead | undefined {
  const { contentLength, transferEncoding, connection, upgrade } = fields;
  if (contentLength !== undefined && !/^[0-9]{1,15}$/.test(contentLength)) return undefined;
  if (transferEncoding !== undefined) {
    if (contentLength !== undefined || transferEncoding.toLowerCase() !== "chunked" || start.minor === "0")
      return undefined;
  }
  return {
    status: start.status,
    reason: start.reason,
    headers,
    connection,
    upgrade,
    contentLength: contentLength === undefined ? undefined : Number(contentLength),
    chunked: transferEncoding !== undefined,
    keepAlive: start.minor === "1" && !hasToken(connection, "close"),
  };
}

/** Parses trailer lines (no final empty line) into alternating names and values. */
export function parseTrailers(text: string): string[] | undefined {
  const trailers: string[] = [];
  if (text === "") return trailers;
  for (const line of text.split("\r\n")) if (!readField(line, trailers, {})) return undefined;
  return trailers;
}
