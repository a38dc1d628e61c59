import { startPreview } from "../support/fixture.ts";
import { parseHead } from "../support/raw-client.ts";
import type { RawClient, RawHead } from "../support/raw-client.ts";
import { lengthOf, placeOf } from "./front.ts";
import type { Answer, Ask, Asking, Field, Front, Line, Opening, Place } from "./front.ts";

/** HTTP/1.1 in bytes, on a socket of `node:net`. */
export const http1: Front = {
  name: "HTTP/1.1",
  async start(app, options) {
    const preview = await startPreview(app, options);
    return placeOf(preview, "http", connect);
  },
};

async function connect(place: Place): Promise<Line> {
  const client = await place.harness.connect();
  return {
    ask: (request = {}) => ask(client, request, place),
    open: (opening = {}) => open(client, opening, place),
    ended: () => client.ended(),
    leave: () => void client.socket.resetAndDestroy(),
  };
}

const print = (fields: readonly Field[]): string => fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");

function ask(client: RawClient, request: Ask, { fill }: Place): Asking {
  const { method = "GET", path = "/", host = "{host}", fields = [] } = request;
  const length = lengthOf(request);
  const framing: Field[] = length === undefined ? [] : [framingOf(length)];
  client.write(fill(`${method} ${path} HTTP/1.1\r\n${print([["Host", host], ...fields, ...framing])}\r\n`));
  const write = (text: string) =>
    client.write(length === "unknown" ? `${text.length.toString(16)}\r\n${text}\r\n` : text);
  const end = (trailers: readonly Field[] = []) => {
    if (length === "unknown") client.write(`0\r\n${print(trailers)}\r\n`);
  };
  if (request.body !== undefined && request.body !== "") write(request.body);
  if (length !== undefined && request.open !== true) end(request.trailers);
  return { ...readAnswer(client, method), write, end };
}

function open(
  client: RawClient,
  { path = "/", host = "{host}", fields = [], early = "" }: Opening,
  { fill }: Place,
): Asking {
  const asking: Field[] = [
    ["Host", host],
    ["Connection", "keep-alive, Upgrade"],
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", "13"],
    ["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
  ];
  client.write(fill(`GET ${path} HTTP/1.1\r\n${print([...asking, ...fields])}\r\n`) + early);
  const end = () => void client.socket.end();
  return { ...readAnswer(client, "GET"), write: (text) => client.write(text), end };
}

function framingOf(length: number | "unknown"): Field {
  return length === "unknown" ? ["Transfer-Encoding", "chunked"] : ["Content-Length", String(length)];
}

const none: RawHead = { line: "", status: 0, headers: [], header: () => undefined, headerAll: () => [] };

function readAnswer(client: RawClient, method: string): Omit<Asking, "write" | "end"> {
  const information: RawHead[] = [];
  let head: RawHead | undefined;
  let body: Body | undefined;
  const readHead = async (): Promise<RawHead> => {
    while (head === undefined) {
      const next = parseHead(await client.until("\r\n\r\n"));
      if (next.status >= 200 || next.status === 101) head = next;
      else information.push(next);
    }
    body ??= readBody(client, head, method);
    return head;
  };
  const wholeAnswer = async (): Promise<Answer> => {
    const { left, trailers } = await readHead().then(() => body!.rest());
    return { ...head!, body: left, trailers, information, whole: true };
  };
  return {
    duplex: client.socket,
    head: readHead,
    async information() {
      return information.shift() ?? parseHead(await client.until("\r\n\r\n"));
    },
    async take(length) {
      await readHead();
      return await body!.take(length);
    },
    async answer() {
      const answer = await wholeAnswer().catch(() => undefined);
      if (answer !== undefined) return answer;
      // the end of the connection came before the end of the answer: what is left of it is not decoded
      const left = await client.rest();
      return { ...(head ?? none), body: left, trailers: [], information, whole: false };
    },
    leave: () => void client.socket.resetAndDestroy(),
  };
}

interface Body {
  take(length: number): Promise<string>;
  rest(): Promise<{ left: string; trailers: readonly Field[] }>;
}

/** Reads a body piece by piece, by its framing. */
function readBody(client: RawClient, head: RawHead, method: string): Body {
  const bodiless = method === "HEAD" || head.status === 204 || head.status === 304;
  const chunked = head.header("transfer-encoding") === "chunked";
  const announced = head.header("content-length");
  let remaining = bodiless ? 0 : Number(chunked ? 0 : (announced ?? Infinity));
  let ended = bodiless;
  let trailers: Field[] = [];
  let decoded = "";
  const nextChunk = async () => {
    const line = await client.until("\r\n");
    if (!/^[0-9a-f]+\r\n$/.test(line)) throw new Error(`chunk size ${JSON.stringify(line)}`);
    remaining = Number.parseInt(line, 16);
    if (remaining > 0) return;
    ended = true;
    for (let field = await client.until("\r\n"); field !== "\r\n"; field = await client.until("\r\n"))
      trailers = [...trailers, ...parseHead(`\r\n${field}\r\n`).headers];
  };
  /** False at its end. */
  const more = async (): Promise<boolean> => {
    if (chunked && !ended && remaining === 0) await nextChunk();
    ended ||= remaining === 0;
    if (ended) return false;
    const next = client.take(Math.min(remaining, Math.max(1, client.waiting().length)));
    // what has no length ends with its connection
    const piece = remaining === Infinity ? await next.catch(() => client.rest()) : await next;
    if (piece === "") {
      ended = true;
      return false;
    }
    remaining -= piece.length;
    decoded += piece;
    if (chunked && remaining === 0) await client.until("\r\n");
    return true;
  };
  return {
    async take(length) {
      while (decoded.length < length) if (!(await more())) break;
      const piece = decoded.slice(0, length);
      decoded = decoded.slice(length);
      return piece;
    },
    async rest() {
      while (await more());
      return { left: decoded, trailers };
    },
  };
}
