import type { ServerHttp2Stream } from "node:http2";
import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { PreviewOrigins } from "../forward/request-head.ts";
import { mapResponseHeaders, mapTrailers } from "../forward/response-head.ts";
import type { AnswerWriter, BodyPart } from "../forward/response-writer.ts";
import { endsWithHead, http2Fields, sendHead } from "./send-head.ts";

/**
 * Writes an app's answer to a stream. As in HTTP/1.1 what came in one read leaves together, and an answer
 * that is complete by then is given its length.
 */
export class Http2Writer implements AnswerWriter {
  readonly #stream: ServerHttp2Stream;
  readonly #method: string | undefined;
  readonly #origins: PreviewOrigins;
  #head: ResponseHead | undefined;
  #gathered: Buffer[] = [];
  #flowing = true;
  /** The client was told that there is no body. */
  #bodiless = false;
  #trailers: readonly string[] = [];
  /** Of bodies. */
  bytesSent = 0;

  constructor(stream: ServerHttp2Stream, method: string | undefined, origins: PreviewOrigins) {
    this.#stream = stream;
    this.#method = method;
    this.#origins = origins;
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  body(bytes: Buffer, { start, end, exclusive }: BodyPart): void {
    const part = bytes.subarray(start, end);
    const kept = exclusive ? part : Buffer.from(part);
    if (this.#head === undefined) this.#write(kept);
    else this.#gathered.push(kept);
  }

  endRead(): boolean {
    this.#flush();
    const flowing = this.#flowing;
    this.#flowing = true;
    return flowing;
  }

  holdsBytes(): boolean {
    return this.#gathered.length > 0 || this.#stream.writableLength > 0;
  }

  /** nghttp2 gathers what streams write by itself. */
  canWait(): boolean {
    return false;
  }

  end(trailers: readonly string[]): void {
    this.#trailers = mapTrailers(trailers);
    this.#flush({ isWhole: true });
    if (!this.#bodiless && !this.#stream.destroyed) this.#stream.end();
  }

  #flush({ isWhole = false } = {}): void {
    const head = this.#head;
    if (head === undefined) return;
    this.#head = undefined;
    const parts = this.#gathered;
    this.#gathered = [];
    if (this.#stream.destroyed || this.#stream.closed) return;
    this.#sendHead(head, parts, isWhole);
    for (const part of parts) this.#write(part);
  }

  #sendHead(head: ResponseHead, parts: readonly Buffer[], isWhole: boolean): void {
    const stream = this.#stream;
    const trailers = head.chunked && (!isWhole || this.#trailers.length > 0);
    const headers = mapResponseHeaders(head, { origins: this.#origins, chunked: trailers });
    const whole = isWhole && parts.length === 0 && this.#trailers.length === 0;
    this.#bodiless = whole || endsWithHead(this.#method, head.status);
    if (isWhole && !this.#bodiless && head.contentLength === undefined)
      headers.push("content-length", String(parts.reduce((sum, { length }) => sum + length, 0)));
    if (trailers) stream.on("wantTrailers", () => stream.sendTrailers(http2Fields(this.#trailers)));
    sendHead(stream, { status: head.status, headers, method: this.#method, trailers, whole });
  }

  #write(part: Buffer): void {
    if (this.#bodiless || this.#stream.destroyed || this.#stream.writableEnded) return;
    this.bytesSent += part.length;
    const flowing = this.#stream.write(part);
    this.#flowing &&= flowing;
  }
}
