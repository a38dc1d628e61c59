import type { OnReadOpts, Socket } from "node:net";
import { createBodyReader } from "./body-reader.ts";
import type { BodyReader, BodySink } from "./body-reader.ts";
import { parseResponseHead } from "./parse-response-head.ts";
import type { ResponseHead } from "./parse-response-head.ts";

/** What happens to one request that was sent on a connection. Exactly one of `onEnd` and `onFailure` comes last. */
export interface ResponseHandler extends BodySink {
  /** 1xx, other than 101. */
  onInformation(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  onEnd(trailers: readonly string[]): void;
  /** Everything that one read of the socket brought was handed over. Not called after the last event. */
  onReadEnd(): void;
  /** The connection broke, or what came is not HTTP; `answered` when any byte of an answer had come. */
  onFailure(answered: boolean): void;
  /** What was written to the connection has left; only after `write` returned false. */
  onDrain(): void;
  /** True while bytes given to `onBody` are still wanted, e.g. queued on the client's socket. */
  holdsBytes(): boolean;
}

export interface SentRequest {
  readonly method: string;
  /** The request asks to switch protocols: 101 is an answer to it. */
  readonly upgrade: boolean;
}

export interface UpstreamConnectionOptions {
  readonly launchId: string;
  /** Read into by every connection that is given it. */
  readonly sharedBuffer: Buffer;
  /** The connection is closed. */
  readonly onGone: (connection: UpstreamConnection) => void;
  /** A handler, or this class, threw: a defect of ours. */
  readonly onFault: (error: unknown) => void;
}

const maxHeadBytes = 128 * 1024;
const maxInformational = 32;
/** From here on a body is worth a buffer of its own. */
const bulkBytes = 128 * 1024;
const bulkBufferBytes = 256 * 1024;

/**
 * One connection to a dev server, with one request on it at a time.
 *
 * Reads land in a buffer that all connections share, so that a read costs no allocation; whoever
 * wants to keep bytes copies them. A large body gets a buffer of its own, which the handler writes
 * on as it is and which is read into again only once the kernel has taken all of it.
 */
export class UpstreamConnection {
  /** Milliseconds since the epoch at which the pool got it back. */
  idleSince = 0;
  /** It has carried an answer before, so the server may have closed it meanwhile. */
  reused = false;
  readonly launchId: string;
  /** For `net.connect`; a socket made without it works too, by its `data` events. */
  readonly onread: OnReadOpts;
  #socket: Socket | undefined;
  #handler: ResponseHandler | undefined;
  #request: SentRequest = { method: "GET", upgrade: false };
  #reader: BodyReader | undefined;
  #partialHead: Buffer | undefined;
  #keepAlive = false;
  #received = 0;
  #informational = 0;
  #closed = false;
  #paused = false;
  #exclusive = false;
  #buffer: Buffer;
  readonly #sharedBuffer: Buffer;
  readonly #onGone: (connection: UpstreamConnection) => void;
  readonly #onFault: (error: unknown) => void;

  constructor(options: UpstreamConnectionOptions) {
    this.launchId = options.launchId;
    this.#sharedBuffer = options.sharedBuffer;
    this.#buffer = options.sharedBuffer;
    this.#onGone = options.onGone;
    this.#onFault = options.onFault;
    this.onread = {
      buffer: () => this.#nextBuffer(),
      callback: (length) => {
        this.#receive(this.#buffer, length);
        return true;
      },
    };
  }

  adopt(socket: Socket): void {
    this.#socket = socket;
    if (this.#closed) return void socket.destroy();
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#exclusive = true;
      this.#receive(chunk, chunk.length);
    });
    socket.on("drain", () => this.#handler?.onDrain());
    socket.on("end", () => this.#onEndOfStream());
    // `close` follows every error and is what counts
    socket.on("error", () => {});
    socket.on("close", () => this.#onClose());
  }

  /** True when another request may be sent. */
  get reusable(): boolean {
    return this.#keepAlive && !this.#closed && this.#handler === undefined && this.#socket?.writable === true;
  }

  /** The bytes given to `onBody` need no copy: they stay as they are while `holdsBytes` says so. */
  get exclusive(): boolean {
    return this.#exclusive;
  }

  begin(handler: ResponseHandler, request: SentRequest): void {
    this.#handler = handler;
    this.#request = request;
    this.#keepAlive = false;
    this.#informational = 0;
  }

  /** False when the connection wants a pause until `onDrain`. What the kernel took at once is no reason for one. */
  write(data: string | Buffer): boolean {
    const socket = this.#socket;
    if (socket === undefined) return true;
    const flowing = typeof data === "string" ? socket.write(data, "latin1") : socket.write(data);
    return flowing || socket.writableLength === 0;
  }

  /** Holds small writes back until the end of this turn, so that they leave as one. */
  corkTurn(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    socket.cork();
    process.nextTick(() => socket.uncork());
  }

  pause(): void {
    this.#paused = true;
    this.#socket?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket?.resume();
  }

  /** Ends the sending side. */
  end(): void {
    this.#socket?.end();
  }

  /** Breaks the connection; the handler hears nothing more. */
  destroy(): void {
    this.#handler = undefined;
    this.#closed = true;
    this.#socket?.destroy();
  }

  /**
   * The same, but its socket is closed a turn later: where thousands are cut at once, what clients hold is closed
   * before what apps hold, in half of the time.
   */
  abandon(): void {
    this.#handler = undefined;
    this.#closed = true;
    setImmediate(() => this.#socket?.destroy());
  }

  #nextBuffer(): Buffer {
    this.#exclusive = this.#isBulk();
    if (!this.#exclusive) this.#buffer = this.#sharedBuffer;
    else if (this.#buffer === this.#sharedBuffer || this.#handler?.holdsBytes() === true)
      this.#buffer = Buffer.allocUnsafeSlow(bulkBufferBytes);
    return this.#buffer;
  }

  #isBulk(): boolean {
    if (this.#reader === undefined) return false;
    const remaining = this.#reader.remaining();
    return this.#received > bulkBytes || (remaining > bulkBytes && remaining !== Infinity);
  }

  /** What apps send is handled in here: a fault of ours on the way must end one request, not the process. */
  #receive(bytes: Buffer, length: number): void {
    const handler = this.#handler;
    try {
      this.#take(bytes, length);
    } catch (error) {
      this.#onFault(error);
      this.#reset();
      this.destroy();
      handler?.onFailure(true);
    }
  }

  #take(bytes: Buffer, length: number): void {
    const handler = this.#handler;
    // bytes that no request asked for: the two sides disagree about where an answer ended
    if (handler === undefined) return this.destroy();
    this.#received += length;
    let [source, end] = [bytes, length];
    if (this.#partialHead !== undefined) {
      source = Buffer.concat([this.#partialHead, bytes.subarray(0, length)]);
      end = source.length;
      this.#partialHead = undefined;
    }
    let at = 0;
    while (at < end && this.#handler === handler) {
      at = this.#reader === undefined ? this.#readHead(source, at, end) : this.#readBody(this.#reader, source, at, end);
    }
    if (this.#handler === handler) handler.onReadEnd();
  }

  #readHead(bytes: Buffer, start: number, end: number): number {
    const stop = bytes.indexOf("\r\n\r\n", start, "latin1");
    if (stop === -1 || stop + 4 > end) {
      if (end - start > maxHeadBytes) this.#fail();
      else this.#partialHead = Buffer.from(bytes.subarray(start, end));
      return end;
    }
    const head = stop - start > maxHeadBytes ? undefined : parseResponseHead(bytes.toString("latin1", start, stop));
    if (head === undefined) this.#fail();
    else if (head.status >= 200 || head.status === 101) this.#takeHead(head, stop + 4 === end);
    else if (++this.#informational > maxInformational) this.#fail();
    else this.#handler?.onInformation(head);
    return stop + 4;
  }

  #takeHead(head: ResponseHead, atEnd: boolean): void {
    const handler = this.#handler;
    if (handler === undefined || (head.status === 101 && !this.#request.upgrade)) return this.#fail();
    this.#reader = createBodyReader(head, this.#request.method, handler);
    this.#keepAlive = head.keepAlive && head.status !== 101 && !this.#reader.endsAtClose;
    handler.onHead(head);
    if (this.#reader?.progress() === "ended") this.#finish([], atEnd);
  }

  #readBody(reader: BodyReader, bytes: Buffer, start: number, end: number): number {
    const stop = reader.read(bytes, start, end);
    const progress = reader.progress();
    if (progress === "malformed") this.#fail();
    else if (progress === "ended") this.#finish(reader.trailers(), stop === end);
    return stop;
  }

  /** Bytes behind the end of an answer make the connection useless for another. */
  #finish(trailers: readonly string[], clean: boolean): void {
    const handler = this.#handler;
    this.#keepAlive &&= clean;
    this.#reset();
    handler?.onEnd(trailers);
  }

  #fail(): void {
    const handler = this.#handler;
    const answered = this.#received > 0;
    this.#reset();
    this.#keepAlive = false;
    this.destroy();
    handler?.onFailure(answered);
  }

  #reset(): void {
    this.#handler = undefined;
    this.#reader = undefined;
    this.#partialHead = undefined;
    this.#received = 0;
    if (this.#paused) this.resume();
  }

  #onEndOfStream(): void {
    if (this.#handler !== undefined && this.#reader?.endsAtClose === true) this.#finish([], true);
    else if (this.#handler !== undefined) this.#fail();
    else this.destroy();
  }

  #onClose(): void {
    if (this.#handler !== undefined) this.#fail();
    this.#closed = true;
    this.#onGone(this);
  }
}
