import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { createByteReader } from "./byte-reader.ts";
import type { ByteReader } from "./byte-reader.ts";
import { parseHead } from "./raw-client.ts";
import { ok } from "./scripted-upstream.ts";

/** A whole request as the app got it. */
export interface RecordedRequest {
  readonly line: string;
  /** Head without its first line, lower case names, and what stood in trailers. */
  readonly fields: readonly string[];
  readonly body: string;
}

export interface RecordingUpstream {
  readonly port: number;
  /** Heads that came, of requests that broke off too. */
  begun(): number;
  /** Requests that came to their end. */
  readonly whole: readonly RecordedRequest[];
  /** What is no request at all: an app would answer 400, or guess. */
  readonly malformed: readonly string[];
  close(): Promise<void>;
}

/** An app that believes only what the grammar allows, answers every whole request, and keeps the bytes of the others. */
export async function startRecordingUpstream(): Promise<RecordingUpstream> {
  const seen: Seen = { begun: 0, whole: [], malformed: [] };
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    void record(socket, seen);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    begun: () => seen.begun,
    whole: seen.whole,
    malformed: seen.malformed,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

interface Seen {
  begun: number;
  readonly whole: RecordedRequest[];
  readonly malformed: string[];
}

async function record(socket: Socket, seen: Seen): Promise<void> {
  const reader = createByteReader(socket);
  try {
    for (;;) {
      const text = await reader.next("\r\n\r\n");
      if (text === undefined) return;
      seen.begun += 1;
      const wrong = whatIsWrongWith(text);
      if (wrong !== undefined) {
        seen.malformed.push(`${wrong}: ${JSON.stringify(text.slice(0, 500))}`);
        return void socket.destroy();
      }
      const { line, headers, header } = parseHead(text);
      if (header("expect") === "100-continue") socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      const { body, trailers } = await readBody(reader, header);
      const fields = [...headers, ...trailers].map(([name, value]) => `${name.toLowerCase()}: ${value}`);
      seen.whole.push({ line, fields, body });
      socket.write(ok());
    }
  } catch {
    // the gateway broke the request off, which is what the test looks for
    socket.destroy();
  }
}

const requestLine = /^[!#$%&'*+.^_`|~0-9A-Z-]+ [\x21-\x7e]+ HTTP\/1\.1$/;
const field =
  /^[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?(?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?$/;

function whatIsWrongWith(text: string): string | undefined {
  const [line = "", ...fields] = text.slice(0, -4).split("\r\n");
  if (!requestLine.test(line)) return "request line";
  if (!fields.every((each) => field.test(each))) return "header";
  const named = (name: string) => fields.filter((each) => each.toLowerCase().startsWith(`${name}:`)).length;
  if (named("host") !== 1) return "hosts";
  return named("content-length") + named("transfer-encoding") > 1 ? "framing" : undefined;
}

async function readBody(
  reader: ByteReader,
  header: (name: string) => string | undefined,
): Promise<{ body: string; trailers: readonly (readonly [string, string])[] }> {
  if (header("transfer-encoding") !== undefined) return await readChunks(reader);
  const length = Number(header("content-length") ?? 0);
  return { body: length === 0 ? "" : await reader.take(length), trailers: [] };
}

/** Strictly: a size of hexadecimal digits, and nothing else. */
async function readChunks(reader: ByteReader): Promise<{ body: string; trailers: [string, string][] }> {
  let body = "";
  for (;;) {
    const line = await reader.until("\r\n");
    if (!/^[0-9a-f]{1,8}\r\n$/i.test(line)) throw new Error(`chunk size ${JSON.stringify(line)}`);
    const size = Number.parseInt(line, 16);
    if (size === 0) break;
    body += await reader.take(size);
    if ((await reader.take(2)) !== "\r\n") throw new Error("chunk without an end");
  }
  const trailers: [string, string][] = [];
  for (let line = await reader.until("\r\n"); line !== "\r\n"; line = await reader.until("\r\n")) {
    const colon = line.indexOf(":");
    trailers.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return { body, trailers };
}
