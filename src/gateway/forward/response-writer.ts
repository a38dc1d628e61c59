import { TLSSocket } from "node:tls";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { AnswerBuffer, AnswerBuffers } from "../http1/answer-buffer.ts";
import { keepAliveLines } from "../http1/http1-response.ts";
import type { Http1Response } from "../http1/http1-response.ts";
import { printHead } from "../answers/send-answer.ts";
import type { PreviewOrigins } from "./request-head.ts";
import { mapResponseHeaders, mapTrailers } from "./response-head.ts";

/** A body of so few bytes costs less as text. */
const maxText = 1024;

/** Which bytes of a buffer; `exclusive` ones stay as they are while `holdsBytes` says so. */
export interface BodyPart {
  readonly start: number;
  readonly end: number;
  readonly exclusive: boolean;
}

/** Takes an app's answer piece by piece and gives it to the client. */
export interface AnswerWriter {
  head(head: ResponseHead): void;
  body(bytes: Buffer, part: BodyPart): void;
  /** The end of a read: sends what waits; false when the client wants a pause until `drain`. */
  endRead(): boolean;
  /** Bytes passed on are still in a queue of this process. */
  holdsBytes(): boolean;
  /** The end may come later in this turn: nothing of the answer has left. */
  canWait(): boolean;
  end(trailers: readonly string[]): void;
}

export interface ResponseWriterOptions {
  readonly origins: PreviewOrigins;
  /** Tells Node to close the client's connection after this answer. */
  readonly closeAfter: () => boolean;
}

/**
 * Writes an app's answer to the client. The head and what came with it in the same read wait for the
 * end of that read: when the answer is complete by then, as most are, it leaves in one write.
 */
export class ResponseWriter implements AnswerWriter {
  readonly #response: Http1Response;
  readonly #options: ResponseWriterOptions;
  readonly #buffers: AnswerBuffers;
  #head: ResponseHead | undefined;
  /** What came of the body: a little as text, or all of it in the buffer. */
  #text = "";
  #buffer: AnswerBuffer | undefined;
  /** Written bytes go to the socket as they are: no chunk coder of Node's keeps them. */
  #direct = false;
  #flowing = true;

  constructor(response: Http1Response, buffers: AnswerBuffers, options: ResponseWriterOptions) {
    this.#response = response;
    this.#buffers = buffers;
    this.#options = options;
    response.sendDate = false;
  }

  head(head: ResponseHead): void {
    this.#head = head;
    this.#direct = head.contentLength !== undefined;
  }

  body(bytes: Buffer, part: BodyPart): void {
    if (this.#head !== undefined) {
      if (this.#gather(bytes, part)) return;
      this.#flush();
    }
    const piece = bytes.subarray(part.start, part.end);
    const flowing = this.#response.write(part.exclusive && this.#direct ? piece : Buffer.from(piece));
    this.#flowing &&= flowing;
  }

  endRead(): boolean {
    this.#flush();
    const { socket } = this.#response;
    const flowing = this.#flowing;
    this.#flowing = true;
    if (!this.#direct || socket === null) return flowing;
    // to the kernel now, which often takes all of it: then there is nothing to wait for
    socket.uncork();
    return socket.writableLength === 0 || !socket.writableNeedDrain;
  }

  #gather(bytes: Buffer, part: BodyPart): boolean {
    if (this.#buffer === undefined) {
      if (this.#text === "" && part.end - part.start <= maxText) {
        this.#text = bytes.toString("latin1", part.start, part.end);
        return true;
      }
      this.#buffer = this.#buffers.take();
      this.#buffer.begin(this.#text);
    }
    return this.#buffer.add(bytes, part);
  }

  #gathered(): number {
    return this.#buffer === undefined ? this.#text.length : this.#buffer.size();
  }

  /** What is gathered; nothing is from then on, and its buffer is free. */
  #takeText(): string {
    const buffer = this.#buffer;
    const text = buffer === undefined ? this.#text : buffer.text();
    if (buffer !== undefined) this.#buffers.give(buffer);
    this.#buffer = undefined;
    this.#text = "";
    return text;
  }

  #flush(): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    // An HTTP/1.0 client gets no chunks: Node throws when trailers are announced to it.
    const chunked = head.chunked && this.#response.req.httpVersionMinor > 0;
    this.#writeHead(head, mapResponseHeaders(head, { origins: this.#options.origins, chunked }));
    const text = this.#takeText();
    if (text === "") this.#response.flushHeaders();
    else this.#response.write(text, "latin1");
  }

  holdsBytes(): boolean {
    const { socket } = this.#response;
    return socket === null || socket.writableLength > 0;
  }

  canWait(): boolean {
    return this.#head !== undefined;
  }

  end(trailers: readonly string[]): void {
    if (this.#head !== undefined) return this.#endWhole(this.#head, trailers);
    if (trailers.length > 0) this.#response.addTrailers(pairs(mapTrailers(trailers)));
    this.#response.end();
  }

  /** The whole answer is here: its length is known, chunks or not. */
  #endWhole(head: ResponseHead, trailers: readonly string[]): void {
    if (trailers.length > 0) {
      this.#flush();
      return this.end(trailers);
    }
    this.#head = undefined;
    const headers = mapResponseHeaders(head, { origins: this.#options.origins, chunked: false });
    const size = this.#gathered();
    if (size > 0 && head.contentLength === undefined) headers.push("Content-Length", String(size));
    if (this.#sendWhole(head, headers)) return;
    this.#writeHead(head, headers);
    const text = this.#takeText();
    if (text !== "") {
      // one plain write: `end(text)` would send text and end mark as a vector of two, which costs more
      this.#response.write(text, "latin1");
      this.#response.socket?.uncork();
    }
    this.#response.end();
  }

  /** Almost all answers: without a word to Node's writer, which looks at each header once more. */
  #sendWhole(head: ResponseHead, headers: readonly string[]): boolean {
    const { status, reason, contentLength } = head;
    const endsWithItself = this.#gathered() > 0 || contentLength !== undefined || status === 204 || status === 304;
    if (!endsWithItself || this.#options.closeAfter()) return false;
    const printed = printHead(status, reason, headers, keepAliveLines);
    const buffer = this.#buffer;
    if (buffer === undefined) return this.#response.sendWhole(printed + this.#text);
    const { socket } = this.#response;
    // what TLS is given has not left by the end of the call
    const whole = socket instanceof TLSSocket ? printed + buffer.text() : buffer.whole(printed);
    if (whole === undefined || !this.#response.sendWhole(whole)) return false;
    this.#buffer = undefined;
    // what the kernel has not taken yet stays in it
    if (typeof whole === "string" || socket?.writableLength === 0) this.#buffers.give(buffer);
    return true;
  }

  #writeHead(head: ResponseHead, headers: string[]): void {
    if (this.#options.closeAfter()) headers.push("Connection", "close");
    this.#response.writeHead(head.status, head.reason, headers);
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  const list: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) list.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return list;
}
