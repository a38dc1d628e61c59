import { describe, expect, test } from "vitest";
import { parseResponseHead } from "../../../src/gateway/upstream/parse-response-head.ts";
import { mapResponseHeaders, mapTrailers } from "../../../src/gateway/forward/response-head.ts";

const publicOrigin = "https://5173-token.preview.test";
const added = ["Referrer-Policy", "same-origin", "X-Robots-Tag", "noindex"];

function map(
  lines: string[],
  options: { hostMode?: "local" | "public"; status?: number; chunked?: boolean } = {},
): string[] {
  const head = parseResponseHead([`HTTP/1.1 ${options.status ?? 200} OK`, ...lines].join("\r\n"))!;
  return mapResponseHeaders(head, {
    origins: { hostMode: options.hostMode ?? "local", port: 5173, publicOrigin },
    chunked: options.chunked ?? false,
  });
}

test("order, case, repetition and bytes of the app's headers are kept", () => {
  expect(
    map([
      "content-type: a/b",
      "X-a: 1",
      "x-A: 2",
      "Vary: \xe4",
      "Date: today",
      "X-Frame-Options: DENY",
      "Content-Security-Policy: frame-ancestors 'none'",
    ]),
  ).toEqual([
    "content-type",
    "a/b",
    "X-a",
    "1",
    "x-A",
    "2",
    "Vary",
    "\xe4",
    "Date",
    "today",
    "X-Frame-Options",
    "DENY",
    "Content-Security-Policy",
    "frame-ancestors 'none'",
    ...added,
  ]);
});

test("the app's own referrer policy and robots tag stand", () => {
  const own = ["referrer-policy: no-referrer", "x-robots-tag: all"];
  expect(map(own)).toEqual(["referrer-policy", "no-referrer", "x-robots-tag", "all"]);
});

test.each([
  "Connection: close",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: x",
  "Proxy-Authenticate: x",
  "Transfer-Encoding: chunked",
  "TE: trailers",
  "Upgrade: h2c",
  "X-Preview-Status: gone",
  "x-preview-origin: https://evil.test",
  "Trailer: X-Sum",
])("%s is not passed on", (line) => {
  expect(map([line])).toEqual(added);
});

test("what Connection names is not passed on, framing is", () => {
  expect(map(["Connection: X-Hop, content-length", "X-Hop: 1", "Content-Length: 5"])).toEqual([
    "Content-Length",
    "5",
    ...added,
  ]);
});

test("Trailer is passed on where trailers can follow", () => {
  expect(map(["Trailer: X-Sum"], { chunked: true })).toEqual(["Trailer", "X-Sum", ...added]);
});

describe.each(["local", "public"] as const)("in host mode %s", (hostMode) => {
  test.each([
    ["http://localhost:5173/a?b#c", `${publicOrigin}/a?b#c`],
    ["https://localhost:5173/a", `${publicOrigin}/a`],
    ["HTTP://LOCALHOST:5173", publicOrigin],
    ["http://127.0.0.1:5173/", `${publicOrigin}/`],
    ["http://0.0.0.0:5173?x", `${publicOrigin}?x`],
    ["http://[::1]:5173/", `${publicOrigin}/`],
    ["//localhost:5173/a", `${publicOrigin}/a`],
    ["http://localhost:5174/", "http://localhost:5174/"],
    ["http://localhost:51730/", "http://localhost:51730/"],
    ["http://localhost/", "http://localhost/"],
    ["http://localhost:5173@evil.test/", "http://localhost:5173@evil.test/"],
    ["http://localhost:5173.evil.test/", "http://localhost:5173.evil.test/"],
    ["http://evil.test/?http://localhost:5173/", "http://evil.test/?http://localhost:5173/"],
    ["/relative", "/relative"],
    ["", ""],
  ])("Location %j becomes %j", (location, expected) => {
    expect(map([`Location: ${location}`], { hostMode })).toEqual(["Location", expected, ...added]);
  });

  test.each([
    ["0; url=http://localhost:5173/a", `0; url=${publicOrigin}/a`],
    ['5;URL="http://127.0.0.1:5173/a"', `5;URL="${publicOrigin}/a"`.replace('a"', 'a"')],
    ["0, http://localhost:5173/", `0, ${publicOrigin}/`],
    ["0; url=https://evil.test/", "0; url=https://evil.test/"],
    ["5", "5"],
  ])("Refresh %j becomes %j", (refresh, expected) => {
    expect(map([`Refresh: ${refresh}`], { hostMode })).toEqual(["Refresh", expected, ...added]);
  });

  test.each([
    ["a=b; Domain=localhost; Path=/", "a=b; Path=/"],
    ["a=b;domain=.preview.test;Secure", "a=b;Secure"],
    ["a=b; Path=/; DOMAIN = x", "a=b; Path=/"],
    ["a=b; Domain", "a=b"],
    ["a=b; domain=x; domain=y; HttpOnly", "a=b; HttpOnly"],
    ["domain=b; Path=/", "domain=b; Path=/"],
    ["a=b; Path=/domain=x", "a=b; Path=/domain=x"],
    ["a=b; X-Domain=c", "a=b; X-Domain=c"],
    ["a=b", "a=b"],
  ])("Set-Cookie %j becomes %j", (cookie, expected) => {
    expect(map([`Set-Cookie: ${cookie}`, `set-cookie: ${cookie}`], { hostMode })).toEqual([
      "Set-Cookie",
      expected,
      "set-cookie",
      expected,
      ...added,
    ]);
  });
});

test("trailers lose what may not be in them", () => {
  const sent = [
    "X-Sum",
    "1",
    "Content-Length",
    "5",
    "Set-Cookie",
    "a=b",
    "Transfer-Encoding",
    "chunked",
    "X-Preview-Status",
    "gone",
    "Server-Timing",
    "t",
  ];
  expect(mapTrailers(sent)).toEqual(["X-Sum", "1", "Server-Timing", "t"]);
});
