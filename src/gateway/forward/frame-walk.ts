/** Continuation, text, binary, close …: the low four bits of a frame's first byte. */
const close = 0x8;

/**
 * Follows one direction of a WebSocket by the heads of its frames (RFC 6455, 5.2), to know where one ends. No payload
 * is looked at; what is no WebSocket only never ends where this thinks it does.
 */
export class FrameWalk {
  /** Bytes of the payload that are still to come. */
  #payload = 0;
  /** Bytes of the head that were read, and that it has. */
  #read = 0;
  #headBytes = 2;
  #lengthEnd = 2;
  /** As far as it was read. */
  #length = 0;
  #closed = false;

  /** Nothing is between its first byte and its last. */
  get atEnd(): boolean {
    return this.#payload === 0 && this.#read === 0;
  }

  /** A close frame began: nothing may follow it. */
  get closed(): boolean {
    return this.#closed;
  }

  pass(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at = this.#step(bytes, at);
  }

  /** Passes the frame that has begun, or the next one, and nothing behind it; how many of the bytes that took. */
  passOne(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length) {
      at = this.#step(bytes, at);
      if (this.atEnd) break;
    }
    return at;
  }

  /** Takes a payload as far as it is there, or one byte of a head. */
  #step(bytes: Uint8Array, at: number): number {
    if (this.#payload > 0) {
      const taken = Math.min(this.#payload, bytes.length - at);
      this.#payload -= taken;
      return at + taken;
    }
    this.#readHead(bytes[at] ?? 0);
    return at + 1;
  }

  #readHead(byte: number): void {
    const at = this.#read;
    this.#read += 1;
    if (at === 0) this.#closed ||= (byte & 0x0f) === close;
    else if (at === 1) this.#readLength(byte);
    else if (at < this.#lengthEnd) this.#length = this.#length * 256 + byte;
    if (at < 1 || this.#read < this.#headBytes) return;
    this.#read = 0;
    this.#payload = this.#length;
  }

  #readLength(byte: number): void {
    const length = byte & 0x7f;
    const extended = length === 126 ? 2 : length === 127 ? 8 : 0;
    this.#length = extended === 0 ? length : 0;
    this.#lengthEnd = 2 + extended;
    this.#headBytes = this.#lengthEnd + (byte > 0x7f ? 4 : 0);
  }
}
