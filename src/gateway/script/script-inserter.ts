import { endOfComment, endOfDeclaration, endOfTag, isBlank } from "./markup-end.ts";
import type { MarkupEnd } from "./markup-end.ts";

const headTag = /<(html|head)(?=[\t\n\f\r />])/iy;
/** The beginning of one of these tags, or of a comment, that the end of the text cuts off. */
const cutOff = /<(?:h(?:t(?:ml?)?|e(?:ad?)?)?|!-?)?$/iy;
const byteOrderMark = "\xef\xbb\xbf";

/**
 * Puts an element first into the head of an HTML document while the document streams by: behind
 * `<head>`, or before the first thing that makes browsers open the head by themselves. Doctype, comments
 * and `<html>` stay in front, so that the page keeps its rendering mode. Only a tag that has not shown its
 * name is held back: five characters at most.
 *
 * Text is latin1, one character a byte: nothing before the place depends on the encoding, in any that
 * extends ASCII. Documents in others show a UTF-16 mark or NUL bytes, and are left as they are.
 */
export class ScriptInserter {
  readonly #element: string;
  #held = "";
  #started = false;
  #done = false;
  /** Set within a piece of markup. */
  #markup: { readonly ends: MarkupEnd; readonly isHead: boolean } | undefined;

  constructor(element: string) {
    this.#element = element;
  }

  /** The element is in its place, or there is none: later text need not come through here. */
  get done(): boolean {
    return this.#done;
  }

  /** Takes the next text of the document; returns what may go on. */
  take(next: string): string {
    const text = this.#held + next;
    this.#held = "";
    for (let at = 0; at < text.length;) {
      const stop = this.#step(text, at);
      if (this.#done) return stop === nowhere ? text : text.slice(0, stop) + this.#element + text.slice(stop);
      if (stop === at) return this.#hold(text, at);
      at = stop;
    }
    return text;
  }

  /** The end of the document: returns what was held back. */
  end(): string {
    this.#done = true;
    return this.#held;
  }

  #hold(text: string, at: number): string {
    this.#held = text.slice(at);
    return text.slice(0, at);
  }

  /** Goes on from `at`; returns where it stopped, which is `at` when it takes more text to tell. */
  #step(text: string, at: number): number {
    if (!this.#started) return this.#start(text);
    return this.#markup === undefined ? this.#between(text, at) : this.#within(this.#markup, text, at);
  }

  #start(text: string): number {
    if (text.startsWith("\xfe") || text.startsWith("\xff")) return this.#finish(nowhere);
    if (text !== byteOrderMark && byteOrderMark.startsWith(text)) return 0;
    this.#started = true;
    return text.startsWith(byteOrderMark) ? byteOrderMark.length : this.#between(text, 0);
  }

  #between(text: string, start: number): number {
    let at = start;
    while (isBlank(text[at])) at++;
    if (at > start || at === text.length) return at;
    if (text[at] === "<") return this.#open(text, at);
    return this.#finish(text[at] === "\0" ? nowhere : at);
  }

  #open(text: string, at: number): number {
    if (matchAt(cutOff, text, at) !== null) return at;
    if (text.startsWith("<!--", at)) return this.#enter(endOfComment(), at + 4);
    const next = text[at + 1];
    if (next === "!" || next === "?") return this.#enter(endOfDeclaration(), at + 2);
    const tag = matchAt(headTag, text, at);
    if (tag === null) return this.#finish(next === "\0" ? nowhere : at);
    return this.#enter(endOfTag(), at + tag[0].length, tag[1]?.toLowerCase() === "head");
  }

  #enter(ends: MarkupEnd, at: number, isHead = false): number {
    this.#markup = { ends, isHead };
    return at;
  }

  #within({ ends, isHead }: { ends: MarkupEnd; isHead: boolean }, text: string, start: number): number {
    let at = start;
    while (at < text.length) {
      if (!ends(text[at++] ?? "")) continue;
      this.#markup = undefined;
      return isHead ? this.#finish(at) : at;
    }
    return at;
  }

  #finish(place: number): number {
    this.#done = true;
    return place;
  }
}

/** Not an HTML document that extends ASCII. */
const nowhere = -1;

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}
