import { once } from "node:events";
import { constants } from "node:http2";
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import { createByteReader } from "../support/byte-reader.ts";
import type { RawHead } from "../support/raw-client.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";
import { lengthOf, placeOf } from "./front.ts";
import type { Ask, Asking, Field, Front, Line, Opening, Place } from "./front.ts";

/** HTTP/2 as Node's client speaks it; what no client says is sent in frames. */
export const http2: Front = {
  name: "HTTP/2",
  async start(app, options) {
    const preview = await startTlsPreview(app, options);
    return placeOf(preview, "https", connect);
  },
};

async function connect(place: Place): Promise<Line> {
  const session = await connectHttp2(place, {
    maxSendHeaderBlockLength: 1_000_000,
    maxHeaderListPairs: 1_000,
    settings: { maxHeaderListSize: 1_000_000 },
  });
  return {
    ask: (request = {}) => ask(session, request, place),
    open: (opening = {}) => open(session, opening, place),
    ended: async () => {
      if (!session.closed && !session.destroyed) await once(session, "close");
    },
    leave: () => session.destroy(),
  };
}

function ask(session: ClientHttp2Session, request: Ask, place: Place): Asking {
  const { method = "GET" } = request;
  const length = lengthOf(request);
  const headers = { ":method": method, ...headersOf(request, place) };
  if (typeof length === "number") headers["content-length"] = length;
  let trailers = request.trailers ?? [];
  const stream = session.request(headers, { endStream: length === undefined, waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers(toHeaders(trailers)));
  const end = (last: readonly Field[] = trailers) => {
    trailers = last;
    stream.end();
  };
  if (request.body !== undefined) stream.write(request.body, "latin1");
  if (length !== undefined && request.open !== true) end();
  return { ...readAnswer(stream), write: (text) => void stream.write(text, "latin1"), end };
}

/** RFC 8441. */
function open(session: ClientHttp2Session, opening: Opening, place: Place): Asking {
  const asking = { ":method": "CONNECT", ":protocol": "websocket", "sec-websocket-version": "13" };
  const stream = session.request({ ...asking, ...headersOf(opening, place) }, { endStream: false });
  if (opening.early !== undefined) stream.write(opening.early, "latin1");
  const end = () => void stream.end();
  return { ...readAnswer(stream), write: (text) => void stream.write(text, "latin1"), end };
}

function headersOf(
  { path = "/", host = "{host}", fields = [] }: Opening,
  { fill, harness }: Place,
): OutgoingHttpHeaders {
  const authority = host === "{host}" ? `${fill(host)}:${harness.port}` : fill(host);
  return { ":path": path, ":authority": authority, ...toHeaders(fields.map(([name, value]) => [name, fill(value)])) };
}

function toHeaders(fields: readonly Field[]): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {};
  for (const [name, value] of fields) add(headers, name.toLowerCase(), value);
  return headers;
}

function add(headers: OutgoingHttpHeaders, name: string, value: string): void {
  const before = headers[name];
  headers[name] = before === undefined ? value : [String(before), value];
}

/** Of alternating names and values. */
function headOf(raw: readonly string[]): RawHead {
  const fields = raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1]!]] : []));
  const headerAll = (name: string) => fields.filter(([key]) => key === name.toLowerCase()).map(([, value]) => value);
  const status = Number(headerAll(":status")[0] ?? 0);
  const headers = fields.filter(([name]) => !name.startsWith(":"));
  return { line: "", status, headers, headerAll, header: (name) => headerAll(name)[0] };
}

function readAnswer(stream: ClientHttp2Stream): Omit<Asking, "write" | "end"> {
  const reader = createByteReader(stream);
  const information: RawHead[] = [];
  let head: RawHead | undefined;
  let trailers: RawHead["headers"] = [];
  stream.on("headers", (_headers, _flags, raw?: string[]) => void information.push(headOf(raw ?? [])));
  stream.on("response", (_headers, _flags, raw?: string[]) => (head = headOf(raw ?? [])));
  stream.on("trailers", (_headers, _flags, raw?: string[]) => ({ headers: trailers } = headOf(raw ?? [])));
  // the code tells
  stream.on("error", () => {});
  const closed = new Promise<void>((resolve) => void stream.once("close", resolve));
  const readHead = async (): Promise<RawHead> => {
    if (head === undefined && !stream.destroyed) await Promise.race([once(stream, "response"), closed]);
    if (head === undefined) throw new Error(`no answer, code ${stream.rstCode}`);
    return head;
  };
  return {
    duplex: stream,
    head: readHead,
    async information() {
      if (information.length === 0) await once(stream, "headers");
      return information.shift()!;
    },
    take: (length) => reader.take(length),
    async answer() {
      const [body] = await Promise.all([reader.rest(), closed]);
      const whole = head !== undefined && stream.rstCode === constants.NGHTTP2_NO_ERROR;
      return { ...(head ?? headOf([])), body, trailers, information, whole };
    },
    // not `close`, which would send an end before the reset
    leave: () => void stream.destroy(new Error("left")),
  };
}
