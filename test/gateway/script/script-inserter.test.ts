import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ScriptInserter } from "../../../src/gateway/script/script-inserter.ts";
import { documents } from "../support/documents.ts";

const mark = "[S]";

/** The document as it leaves, when it comes in these pieces. */
function insert(pieces: readonly string[]): string {
  const inserter = new ScriptInserter(mark);
  let text = "";
  for (const piece of pieces) text += inserter.done ? piece : inserter.take(piece);
  return inserter.done ? text : text + inserter.end();
}

describe.each(documents)("%j", (picture) => {
  const document = picture.replace("^", "");
  const expected = picture.replace("^", mark);

  test("has the element in its place", () => {
    expect(insert([document])).toBe(expected);
  });

  test("has it there wherever the document is cut, and cut into single characters", () => {
    for (let at = 0; at <= document.length; at++)
      expect(insert([document.slice(0, at), document.slice(at)])).toBe(expected);
    expect(insert(document.split(""))).toBe(expected);
  });
});

const token = fc.constantFrom(
  ..."<>!-?/='\" \n\0\xefaZ".split(""),
  "<!--",
  "-->",
  "<!doctype html>",
  "<html",
  "<html>",
  "<head",
  "<head>",
  "<head a='",
  "<body>",
  "\xef\xbb\xbf",
);
const anyDocument = fc.array(token, { maxLength: 30 }).map((tokens) => tokens.join(""));

test("any document in any pieces leaves as it would in one, and but for the element unchanged", () => {
  fc.assert(
    fc.property(anyDocument, fc.array(fc.nat(60), { maxLength: 8 }), (document, cuts) => {
      const at = [0, ...cuts.map((cut) => Math.min(cut, document.length)).toSorted((a, b) => a - b), document.length];
      const pieces = at.slice(1).map((end, index) => document.slice(at[index], end));
      const whole = insert([document]);
      expect(insert(pieces)).toBe(whole);
      expect(whole.replace(mark, "")).toBe(document);
    }),
    { numRuns: 2_000 },
  );
});

test("not more than five characters wait for the next piece", () => {
  fc.assert(
    fc.property(anyDocument, (document) => {
      const inserter = new ScriptInserter(mark);
      const passed = inserter.take(document);
      expect(document.length - passed.replace(mark, "").length).toBeLessThanOrEqual(5);
    }),
  );
});

test("a megabyte of comment in small pieces takes linear time", () => {
  const inserter = new ScriptInserter(mark);
  const startedAt = performance.now();
  inserter.take("<!--");
  for (let sent = 0; sent < 2 ** 20; sent += 16) inserter.take("- <head> ->>!-- ");
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  expect(inserter.done).toBe(false);
});
