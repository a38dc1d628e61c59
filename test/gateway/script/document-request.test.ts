import { expect, test } from "vitest";
import { askForPlainDocument, mayTakeScript } from "../../../src/gateway/script/document-request.ts";
import { markTag } from "../../../src/gateway/script/entity-tag.ts";

const page = "text/html,application/xhtml+xml,*/*;q=0.8";

test.each([
  ["a navigation", { "sec-fetch-dest": "document", accept: page }],
  ["a frame", { "sec-fetch-dest": "iframe" }],
  ["a frameset's frame", { "sec-fetch-dest": "frame" }],
  ["an embedded page", { "sec-fetch-dest": "object" }],
  ["a navigation without Sec-Fetch, as over plain HTTP", { accept: page }],
  ["a page fetched ahead", { "sec-fetch-dest": "empty", "sec-purpose": "prefetch", accept: "*/*" }],
  ["a page rendered ahead", { "sec-fetch-dest": "document", "sec-purpose": "prefetch;prerender" }],
])("%s may be given the script", (_what, headers) => {
  const rawHeaders = ["Host", "a", ...Object.entries(headers).flat()];
  expect(mayTakeScript({ method: "GET", rawHeaders })).toBe(true);
  expect(mayTakeScript({ method: "POST", rawHeaders })).toBe(true);
  expect(mayTakeScript({ method: "HEAD", rawHeaders })).toBe(false);
});

test.each([
  ["fetch", { "sec-fetch-dest": "empty", accept: page }],
  ["XHR without Sec-Fetch", { "x-requested-with": "XMLHttpRequest", accept: page }],
  ["a script", { "sec-fetch-dest": "script", accept: "*/*" }],
  ["a service worker", { "sec-fetch-dest": "serviceworker" }],
  ["curl", { accept: "*/*" }],
  ["nobody in particular", {}],
])("%s may not", (_what, headers) => {
  expect(mayTakeScript({ method: "GET", rawHeaders: Object.entries(headers).flat() })).toBe(false);
});

test("a document is asked for whole and plain, with everything else as it was sent", () => {
  expect(
    askForPlainDocument([
      "Host",
      "a",
      "accept-encoding",
      "gzip, br",
      "X-A",
      "1",
      "RANGE",
      "bytes=0-9",
      "If-Range",
      '"a"',
      "x-a",
      "2",
    ]),
  ).toEqual(["Host", "a", "X-A", "1", "x-a", "2", "Accept-Encoding", "identity"]);
});

test("a copy without the present script is not confirmed, by tag or by date", () => {
  const date = "Mon, 01 Jan 2024 00:00:00 GMT";
  const identity = ["Accept-Encoding", "identity"];
  expect(askForPlainDocument(["If-None-Match", '"a"', "If-Modified-Since", date])).toEqual(identity);
  expect(askForPlainDocument(["If-Modified-Since", date])).toEqual(identity);
  expect(askForPlainDocument(["If-Modified-Since", date, "if-none-match", markTag('"a"')])).toEqual([
    "if-none-match",
    '"a"',
    "If-Modified-Since",
    date,
    ...identity,
  ]);
});
