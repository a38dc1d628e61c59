import type { BodyProgress, BodyReader, BodySink } from "./body-reader.ts";
import { parseTrailers } from "./parse-response-head.ts";

/** Extensions of a chunk are dropped, so their length is only bounded. */
const maxSizeLine = 4096;
const maxTrailerBytes = 64 * 1024;
/** 14 hex digits stay below 2^56; a real chunk never comes near. */
const sizeLine = /^([0-9A-Fa-f]{1,13})[\t ]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/;

/**
 * Decodes chunked transfer coding strictly: CRLF line ends only, hexadecimal sizes only. A reader
 * that is more forgiving than the next one in the chain is how responses get split.
 */
export function createChunkedReader(sink: BodySink): BodyReader {
  const decoder = new ChunkedDecoder(sink);
  return {
    read: (bytes, start, end) => decoder.read(bytes, start, end),
    progress: () => decoder.progress,
    endsAtClose: false,
    trailers: () => decoder.trailers,
    remaining: () => decoder.remaining,
  };
}

class ChunkedDecoder {
  progress: BodyProgress = "more";
  trailers: readonly string[] = [];
  /** Bytes of the present chunk that are still to come. */
  remaining = 0;
  #state: "size" | "data" | "dataEnd" | "trailers" = "size";
  /** The part of a line that has arrived. */
  #line = "";
  #trailerText = "";
  readonly #sink: BodySink;

  constructor(sink: BodySink) {
    this.#sink = sink;
  }

  read(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end && this.progress === "more") {
      at = this.#state === "data" ? this.#readData(bytes, at, end) : this.#readLine(bytes, at, end);
    }
    return at;
  }

  #readData(bytes: Buffer, start: number, end: number): number {
    const stop = Math.min(end, start + this.remaining);
    this.remaining -= stop - start;
    this.#sink.onBody(bytes, start, stop);
    if (this.remaining === 0) this.#state = "dataEnd";
    return stop;
  }

  #readLine(bytes: Buffer, start: number, end: number): number {
    const feed = bytes.indexOf(lineFeed, start);
    const stop = feed === -1 || feed >= end ? end : feed + 1;
    this.#line += bytes.toString("latin1", start, stop);
    if (this.#line.endsWith("\n")) this.#takeLine();
    else if (this.#line.length > (this.#state === "trailers" ? maxTrailerBytes : maxSizeLine)) this.#refuse();
    return stop;
  }

  #takeLine(): void {
    const line = this.#line;
    this.#line = "";
    if (!line.endsWith("\r\n")) this.#refuse();
    else if (this.#state === "size") this.#takeSize(line.slice(0, -2));
    else if (this.#state === "trailers") this.#takeTrailer(line.slice(0, -2));
    else if (line.length === 2) this.#state = "size";
    else this.#refuse();
  }

  #takeSize(line: string): void {
    const match = sizeLine.exec(line);
    if (match === null) return this.#refuse();
    this.remaining = Number.parseInt(match[1] ?? "", 16);
    this.#state = this.remaining === 0 ? "trailers" : "data";
  }

  #takeTrailer(line: string): void {
    if (line !== "") {
      this.#trailerText += this.#trailerText === "" ? line : `\r\n${line}`;
      if (this.#trailerText.length > maxTrailerBytes) this.#refuse();
      return;
    }
    const trailers = parseTrailers(this.#trailerText);
    if (trailers === undefined) return this.#refuse();
    this.trailers = trailers;
    this.progress = "ended";
  }

  #refuse(): void {
    this.progress = "malformed";
  }
}

const lineFeed = 0x0a;
