import type { ResponseHead } from "../upstream/parse-response-head.ts";
import type { PreviewOrigins } from "../forward/request-head.ts";
import type { AnswerWriter, BodyPart } from "../forward/response-writer.ts";
import type { Admission } from "./content-policy.ts";
import { ScriptInserter } from "./script-inserter.ts";
import { isPlainPage, scriptedHead, scriptedTrailers } from "./scripted-head.ts";
import { printSocketScript, socketScriptHash } from "./socket-script.ts";

/** Puts the socket script into the answer to a document request, if that is a page; passes any other answer on. */
export class ScriptWriter implements AnswerWriter {
  readonly #inner: AnswerWriter;
  readonly #element: string;
  readonly #admission: Admission;
  #inserter: ScriptInserter | undefined;
  #scripted = false;

  constructor(inner: AnswerWriter, { port, publicOrigin }: PreviewOrigins) {
    this.#inner = inner;
    this.#element = printSocketScript(port);
    this.#admission = { scriptHash: socketScriptHash, socketOrigin: publicOrigin.replace(/^http/, "ws") };
  }

  head(head: ResponseHead): void {
    this.#scripted = isPlainPage(head);
    if (this.#scripted) this.#inserter = new ScriptInserter(this.#element);
    this.#inner.head(this.#scripted || head.status === 304 ? scriptedHead(head, this.#admission) : head);
  }

  body(bytes: Buffer, part: BodyPart): void {
    const inserter = this.#inserter;
    if (inserter === undefined) return this.#inner.body(bytes, part);
    const text = inserter.take(bytes.toString("latin1", part.start, part.end));
    if (inserter.done) this.#inserter = undefined;
    this.#pass(text);
  }

  endRead(): boolean {
    return this.#inner.endRead();
  }

  holdsBytes(): boolean {
    return this.#inner.holdsBytes();
  }

  /** A page that is given the script has it to pass on first. */
  canWait(): boolean {
    return this.#inserter === undefined && this.#inner.canWait();
  }

  end(trailers: readonly string[]): void {
    if (this.#inserter !== undefined) this.#pass(this.#inserter.end());
    this.#inner.end(this.#scripted ? scriptedTrailers(trailers) : trailers);
  }

  #pass(text: string): void {
    if (text === "") return;
    this.#inner.body(Buffer.from(text, "latin1"), { start: 0, end: text.length, exclusive: true });
  }
}
