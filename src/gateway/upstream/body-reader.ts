import { createChunkedReader } from "./chunked-reader.ts";
import type { ResponseHead } from "./parse-response-head.ts";

/** Receives the bytes of a body. `bytes` is only valid during the call. */
export interface BodySink {
  onBody(bytes: Buffer, start: number, end: number): void;
}

export type BodyProgress =
  /** More bytes belong to this body. */
  | "more"
  /** The body is complete. */
  | "ended"
  /** The bytes break the framing; nothing after them can be trusted. */
  | "malformed";

/** Takes one body out of a stream of bytes. */
export interface BodyReader {
  /** Consumes from `start`, at most to `end`; returns the offset behind what it took. */
  read(bytes: Buffer, start: number, end: number): number;
  progress(): BodyProgress;
  /** True when the body ends properly where the connection ends. */
  readonly endsAtClose: boolean;
  /** Alternating names and values; empty until the body ended. */
  trailers(): readonly string[];
  /** Bytes still to come, as far as the framing tells: Infinity when it does not. */
  remaining(): number;
}

/** The reader that the head and the request's method call for (RFC 9112, 6.3). */
export function createBodyReader(head: ResponseHead, method: string, sink: BodySink): BodyReader {
  // whatever it says of a length or of chunks, the other protocol begins behind the head
  if (head.status === 101) return new CloseReader(sink);
  if (!hasBody(head, method)) return new LengthReader(0, sink);
  if (head.chunked) return createChunkedReader(sink);
  if (head.contentLength !== undefined) return new LengthReader(head.contentLength, sink);
  return new CloseReader(sink);
}

/** False for the answers that end with their head, whatever the head says of a length. */
export function hasBody(head: ResponseHead, method: string): boolean {
  return method !== "HEAD" && head.status !== 204 && head.status !== 304;
}

const none: readonly string[] = [];

class LengthReader implements BodyReader {
  readonly endsAtClose = false;
  readonly #sink: BodySink;
  #remaining: number;

  constructor(length: number, sink: BodySink) {
    this.#remaining = length;
    this.#sink = sink;
  }

  read(bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.#remaining);
    this.#remaining -= stop - start;
    if (stop > start) this.#sink.onBody(bytes, start, stop);
    return stop;
  }

  progress(): BodyProgress {
    return this.#remaining === 0 ? "ended" : "more";
  }

  trailers(): readonly string[] {
    return none;
  }

  remaining(): number {
    return this.#remaining;
  }
}

class CloseReader implements BodyReader {
  readonly endsAtClose = true;
  readonly #sink: BodySink;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  read(bytes: Buffer, start: number, end: number): number {
    if (end > start) this.#sink.onBody(bytes, start, end);
    return end;
  }

  progress(): BodyProgress {
    return "more";
  }

  trailers(): readonly string[] {
    return none;
  }

  remaining(): number {
    return Infinity;
  }
}
