import { expect, test } from "vitest";
import { parseResponseHead } from "../../../src/gateway/upstream/parse-response-head.ts";
import { isPlainPage, scriptedHead, scriptedTrailers } from "../../../src/gateway/script/scripted-head.ts";

const admission = { scriptHash: "'sha256-ours'", socketOrigin: "ws://a.preview.test" };
const headOf = (status: number, ...lines: string[]) =>
  parseResponseHead([`HTTP/1.1 ${status} X`, ...lines].join("\r\n"))!;

test.each([
  headOf(200, "Content-Type: text/html"),
  headOf(201, "content-type: Text/HTML ; charset=UTF-8", "Content-Encoding: identity"),
  headOf(404, 'Content-Type: text/html; charset="windows-1252"'),
  headOf(500, "Content-Type: text/html;charset=Shift_JIS", "Content-Disposition: inline"),
  headOf(403, "Content-Type: text/html", "Content-Length: 20"),
])("a page: %j", (head) => {
  expect(isPlainPage(head)).toBe(true);
});

test.each([
  headOf(200, "Content-Type: application/json"),
  headOf(200, "Content-Type: application/xhtml+xml"),
  headOf(200, "Content-Type: text/htmlx"),
  headOf(200, "Content-Type: text/vnd.turbo-stream.html"),
  headOf(200),
  headOf(200, "Content-Type: text/html", "Content-Type: text/plain"),
  headOf(200, "Content-Type: text/html; charset=utf-16"),
  headOf(200, 'Content-Type: text/html; Charset = "UTF-16LE"'),
  headOf(200, "Content-Type: text/html; charset=utf-32"),
  headOf(200, "Content-Type: text/html; charset=ucs-2"),
  headOf(200, "Content-Type: text/html", "Content-Encoding: gzip"),
  headOf(200, "Content-Type: text/html", "Content-Disposition: attachment; filename=a.html"),
  headOf(200, "Content-Type: text/html", "Content-Length: 0"),
  headOf(204, "Content-Type: text/html"),
  headOf(205, "Content-Type: text/html"),
  headOf(206, "Content-Type: text/html", "Content-Range: bytes 0-9/20"),
  headOf(302, "Content-Type: text/html", "Location: /"),
  headOf(304, "Content-Type: text/html"),
])("no page to put it in: %j", (head) => {
  expect(isPlainPage(head)).toBe(false);
});

test("what the app said of its bytes is taken back, everything else stays", () => {
  const head = headOf(
    200,
    "X-A: 1",
    "Content-Length: 20",
    "Accept-Ranges: bytes",
    "Content-MD5: x",
    "Digest: x",
    "Content-Digest: x",
    "Repr-Digest: x",
    "Last-Modified: now",
    'ETag: "abc"',
    "Content-Security-Policy: script-src 'self'",
    "content-security-policy-report-only: script-src 'none', img-src *",
    "Content-Security-Policy: connect-src 'self'",
  );
  const scripted = scriptedHead(head, admission);
  expect(scripted.contentLength).toBeUndefined();
  expect(scripted.headers).toEqual([
    "X-A",
    "1",
    "Last-Modified",
    "now",
    "ETag",
    expect.stringMatching(/^W\/"abc-s[0-9a-f]{8}"$/),
    "Content-Security-Policy",
    "script-src 'self' 'sha256-ours'",
    "content-security-policy-report-only",
    "script-src 'sha256-ours', img-src *",
    "Content-Security-Policy",
    "connect-src 'self' ws://a.preview.test",
  ]);
});

test("digests are taken out of trailers too", () => {
  expect(scriptedTrailers(["Repr-Digest", "a", "Server-Timing", "b", "digest", "c"])).toEqual(["Server-Timing", "b"]);
});
