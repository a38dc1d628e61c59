import { array, assert, boolean, integer, property, string } from "fast-check";
import { expect, test } from "vitest";
import { createChunkedReader } from "../../../src/gateway/upstream/chunked-reader.ts";

/** Feeds `text` in pieces of the given sizes, over and over; returns what came out and how far it read. */
function read(text: string, sizes: readonly number[]) {
  let body = "";
  const reader = createChunkedReader({
    onBody: (bytes, start, end) => {
      body += bytes.toString("latin1", start, end);
    },
  });
  let taken = 0;
  for (let round = 0; taken < text.length && reader.progress() === "more"; round++) {
    const piece = text.slice(taken, taken + (sizes[round % sizes.length] ?? 1));
    // stale bytes behind the piece, as in a buffer that is read into again
    const bytes = Buffer.from(`${piece}\r\n0\r\n\r\nffff\r\n`, "latin1");
    taken += reader.read(bytes, 0, piece.length);
  }
  return { body, taken, progress: reader.progress(), trailers: reader.trailers() };
}

const chunks = array(string({ unit: "binary-ascii", minLength: 1, maxLength: 40 }), { maxLength: 8 });
const splits = array(integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });

test("whatever the chunks and wherever reads split them, the same body comes out, to the last byte and no further", () => {
  assert(
    property(chunks, splits, boolean(), (parts, sizes, withTrailer) => {
      const trailer = withTrailer ? "X-Sum: 1\r\nx-b:2\r\n" : "";
      const coded = `${parts.map((part) => `${part.length.toString(16)}\r\n${part}\r\n`).join("")}0\r\n${trailer}\r\n`;
      expect(read(`${coded}HTTP/1.1 200 OK`, sizes)).toEqual({
        body: parts.join(""),
        taken: coded.length,
        progress: "ended",
        trailers: withTrailer ? ["X-Sum", "1", "x-b", "2"] : [],
      });
    }),
  );
});

test.each([
  ["no size", "\r\n"],
  ["a sign", "-1\r\n"],
  ["white space before", " 5\r\nhello\r\n"],
  ["a bare line feed", "5\nhello\r\n"],
  ["a size beyond any file", "ffffffffffffff\r\n"],
  ["a control character in an extension", "5;\x01\r\nhello\r\n"],
  ["a carriage return in an extension", "5;a\rb\r\nhello\r\n"],
  ["an endless extension", `5;${"x".repeat(5000)}`],
  ["data that runs on", "4\r\nhello\r\n"],
  ["data that ends early", "6\r\nhello\r\n0\r\n\r\n"],
  ["a malformed trailer", "0\r\nno colon\r\n\r\n"],
  ["endless trailers", `0\r\n${`X: ${"y".repeat(1000)}\r\n`.repeat(80)}`],
])("is refused: %s", (_what, coded) => {
  expect(read(coded, [1000]).progress).toBe("malformed");
  expect(read(coded, [1]).progress).toBe("malformed");
});

test.each(["5 \r\nhello\r\n0\r\n\r\n", '05;a=b;c="d"\r\nhello\r\n000\r\n\r\n', "A\r\n0123456789\r\n0\r\n\r\n"])(
  "is read: %j",
  (coded) => {
    expect(read(coded, [3]).progress).toBe("ended");
  },
);
