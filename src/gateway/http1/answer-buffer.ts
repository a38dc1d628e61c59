/** Room for the head. */
const headBytes = 4 * 1024;
/** What fits of a body: most of what an app answers at once, and little to leave with a client that does not read. */
const bodyBytes = 20 * 1024;

/**
 * Where an answer is put together that leaves in one write: the body as it comes, then the head in front of it.
 * All answers of a listener use it, one at a time and within one turn: whoever begins with nothing in it has it for
 * itself, and what somebody else left behind is never sent. Bytes cost a copy here that strings would cost three times.
 */
export class AnswerBuffer {
  #memory = Buffer.allocUnsafeSlow(headBytes + bodyBytes);
  #end = headBytes;
  #owner: object | undefined;

  /** Nothing else is in it than this latin1 text, and what comes is this owner's. */
  begin(owner: object, text: string): void {
    this.#owner = owner;
    this.#end = headBytes + this.#memory.write(text, headBytes, "latin1");
  }

  /** False when there is no room; then nothing was added. */
  add(owner: object, bytes: Buffer, { start, end }: { readonly start: number; readonly end: number }): boolean {
    this.#expect(owner);
    if (this.#end + end - start > this.#memory.length) return false;
    this.#end += bytes.copy(this.#memory, this.#end, start, end);
    return true;
  }

  /** Bytes of the body. */
  size(owner: object): number {
    this.#expect(owner);
    return this.#end - headBytes;
  }

  /** The body, as latin1 text. */
  text(owner: object): string {
    this.#expect(owner);
    return this.#memory.toString("latin1", headBytes, this.#end);
  }

  /** Head and body in one, as they stand until somebody begins; undefined for a head that is too long. */
  whole(owner: object, head: string): Buffer | undefined {
    this.#expect(owner);
    const start = headBytes - head.length;
    if (start < 0) return undefined;
    this.#memory.write(head, start, "latin1");
    return this.#memory.subarray(start, this.#end);
  }

  /** Whoever was given the whole goes on with it beyond this turn. */
  leave(): void {
    this.#memory = Buffer.allocUnsafeSlow(headBytes + bodyBytes);
    this.#owner = undefined;
  }

  #expect(owner: object): void {
    if (owner !== this.#owner) throw new Error("the answer is not the one that is put together here");
  }
}
