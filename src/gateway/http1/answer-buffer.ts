/** Room for the head. */
const headBytes = 4 * 1024;
/** What fits of a body: most of what an app answers at once, and little to leave with a client that does not read. */
const bodyBytes = 20 * 1024;
/** As many as there are answers in one turn of a busy gateway. */
const mostKept = 64;

/**
 * Where an answer is put together that leaves in one write: the body as it comes, then the head in front of it.
 * Bytes cost a copy here that strings would cost three times.
 */
export class AnswerBuffer {
  readonly #memory = Buffer.allocUnsafeSlow(headBytes + bodyBytes);
  #end = headBytes;

  /** Nothing else is in it than this latin1 text. */
  begin(text: string): void {
    this.#end = headBytes + this.#memory.write(text, headBytes, "latin1");
  }

  /** False when there is no room; then nothing was added. */
  add(bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): boolean {
    if (this.#end + end - start > this.#memory.length) return false;
    this.#end += bytes.copy(this.#memory, this.#end, start, end);
    return true;
  }

  /** Bytes of the body. */
  size(): number {
    return this.#end - headBytes;
  }

  /** The body, as latin1 text. */
  text(): string {
    return this.#memory.toString("latin1", headBytes, this.#end);
  }

  /** Head and body in one, in the memory of this buffer; undefined for a head that is too long. */
  whole(head: string): Buffer | undefined {
    const start = headBytes - head.length;
    if (start < 0) return undefined;
    this.#memory.write(head, start, "latin1");
    return this.#memory.subarray(start, this.#end);
  }
}

/** Buffers that are used again: memory that has just been used is the fastest there is. */
export class AnswerBuffers {
  readonly #free: AnswerBuffer[] = [];

  take(): AnswerBuffer {
    return this.#free.pop() ?? new AnswerBuffer();
  }

  /** Only of one whose bytes nobody needs any more. One that is never given back is no loss. */
  give(buffer: AnswerBuffer): void {
    if (this.#free.length < mostKept) this.#free.push(buffer);
  }
}
