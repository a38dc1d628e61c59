import { connect } from "node:net";
import type { Socket } from "node:net";
import { once } from "node:events";
import { createByteReader } from "./byte-reader.ts";
import type { ByteReader } from "./byte-reader.ts";

export interface RawHead {
  readonly line: string;
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[];
  readonly header: (name: string) => string | undefined;
  readonly headerAll: (name: string) => string[];
}

export interface RawResponse extends RawHead {
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
}

/** A client that writes and reads bytes as they are. */
export interface RawClient extends ByteReader {
  readonly socket: Socket;
  write(data: string | Buffer): void;
  head(): Promise<RawHead>;
  /** Reads one whole answer, by its framing; skips 1xx. */
  response(method?: string): Promise<RawResponse>;
  close(): void;
}

export async function connectRaw(port: number, host = "127.0.0.1"): Promise<RawClient> {
  const socket = connect({ port, host, allowHalfOpen: true });
  await once(socket, "connect");
  socket.setNoDelay(true);
  return rawClientOn(socket);
}

export function rawClientOn(socket: Socket): RawClient {
  const reader = createByteReader(socket);
  const head = async () => parseHead(await reader.until("\r\n\r\n"));
  return {
    ...reader,
    socket,
    write: (data) => void (typeof data === "string" ? socket.write(data, "latin1") : socket.write(data)),
    head,
    async response(method = "GET") {
      let start = await head();
      while (start.status < 200) start = await head();
      return { ...start, ...(await readBody(reader, start, method)) };
    },
    close: () => void socket.destroy(),
  };
}

export function parseHead(text: string): RawHead {
  const [line = "", ...lines] = text.slice(0, -4).split("\r\n");
  const headers = parseFields(lines);
  const headerAll = (name: string) =>
    headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
  return { line, status: Number(line.split(" ")[1]), headers, headerAll, header: (name) => headerAll(name)[0] };
}

function parseFields(lines: readonly string[]): [string, string][] {
  return lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^[\t ]+|[\t ]+$/g, "")];
  });
}

async function readBody(
  reader: ByteReader,
  head: RawHead,
  method: string,
): Promise<Pick<RawResponse, "body" | "trailers">> {
  if (method === "HEAD" || head.status === 204 || head.status === 304) return { body: "", trailers: [] };
  if (head.header("transfer-encoding")?.toLowerCase() === "chunked") return readChunked(reader);
  const length = head.header("content-length");
  return { body: length === undefined ? await reader.rest() : await reader.take(Number(length)), trailers: [] };
}

export async function readChunked(reader: ByteReader): Promise<Pick<RawResponse, "body" | "trailers">> {
  let body = "";
  for (;;) {
    const size = Number.parseInt(await reader.until("\r\n"), 16);
    if (size === 0) break;
    body += await reader.take(size);
    if ((await reader.take(2)) !== "\r\n") throw new Error("chunk without CRLF");
  }
  const lines: string[] = [];
  for (let line = await reader.until("\r\n"); line !== "\r\n"; line = await reader.until("\r\n"))
    lines.push(line.slice(0, -2));
  return { body, trailers: parseFields(lines) };
}
