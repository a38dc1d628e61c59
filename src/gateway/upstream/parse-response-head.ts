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

type Fields = Record<NonNullable<ReturnType<typeof fieldOf>>, string | undefined>;

/** All of them from the start: objects that grow one name after the other are slow to read. */
const noFields: Fields = {
  connection: undefined,
  upgrade: undefined,
  contentLength: undefined,
  transferEncoding: undefined,
};

const statusLine = /^HTTP\/1\.([01]) ([1-9][0-9]{2})(?: ([\t\x20-\x7e\x80-\xff]*))?$/;
/** Lines of a name, a colon and a value; asked once for all of them, it costs what two of them would one by one. */
const fieldLines = /^(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t\x20-\x7e\x80-\xff]*(?:\r\n(?!$)|$))*$/;

/**
 * Parses a head without its final empty line; undefined when it is malformed in any way. Nothing is
 * repaired: bare line feeds, folded lines, spaces before the colon, an unknown transfer coding, and
 * lengths that contradict each other are all refused, because the browser might read them otherwise.
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const end = text.indexOf("\r\n");
  const status = statusLine.exec(end === -1 ? text : text.slice(0, end));
  if (status === null) return undefined;
  const headers: string[] = [];
  const fields: Fields = { ...noFields };
  if (end !== -1 && !readFields(text.slice(end + 2), headers, fields)) return undefined;
  return finishHead({ minor: status[1] ?? "", status: Number(status[2]), reason: status[3] ?? "" }, headers, fields);
}

function readFields(text: string, headers: string[], fields: Fields): boolean {
  if (text === "" || !fieldLines.test(text)) return false;
  for (let start = 0; start < text.length;) {
    const colon = text.indexOf(":", start);
    const feed = text.indexOf("\r\n", colon);
    const end = feed === -1 ? text.length : feed;
    if (!takeField(text.slice(start, colon), trimmed(text, colon + 1, end), { headers, fields })) return false;
    start = end + 2;
  }
  return true;
}

interface Taken {
  readonly headers: string[];
  readonly fields: Fields;
}

function takeField(name: string, value: string, { headers, fields }: Taken): boolean {
  headers.push(name, value);
  const field = fieldOf(name);
  if (field === undefined) return true;
  const before = fields[field];
  if (before !== undefined && field === "contentLength") return before === value && dropLast(headers);
  fields[field] = before === undefined ? value : `${before}, ${value}`;
  return true;
}

/** `trim()` would also take bytes that are text in latin1. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
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
  return text === "" || readFields(text, trailers, { ...noFields }) ? trailers : undefined;
}
