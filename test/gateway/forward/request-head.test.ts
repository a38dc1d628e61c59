import { describe, expect, test } from "vitest";
import { mapRequestTrailers, printRequestHead } from "../../../src/gateway/forward/request-head.ts";
import { readRequestFraming } from "../../../src/gateway/forward/request-framing.ts";
import { requestTo, startPreview } from "../support/fixture.ts";

const publicOrigin = "https://5173-token.preview.test";

function print(headers: [string, string][], hostMode: "local" | "public" = "local", origin = publicOrigin): string[] {
  const rawHeaders = [["Host", new URL(origin).host], ...headers].flat();
  const framing = readRequestFraming(rawHeaders);
  const text = printRequestHead(
    { method: "GET", target: "/", rawHeaders, framing },
    { origins: { hostMode, port: 5173, publicOrigin: origin }, clientAddress: "::ffff:10.1.2.3", upgrade: false },
  );
  expect(text.endsWith("\r\n\r\n")).toBe(true);
  return text.slice(0, -4).split("\r\n").slice(1);
}

const own = `X-Preview-Origin: ${publicOrigin}`;

describe("host mode local", () => {
  test("asks for localhost and tells the public origin, and nothing else of its own", () => {
    expect(print([])).toEqual(["Host: localhost:5173", own]);
  });

  test("keeps order, case, repetition and bytes of other headers", () => {
    const sent: [string, string][] = [
      ["accept", "*/*"],
      ["X-a", "1"],
      ["COOKIE", "a=\xe4"],
      ["x-A", "2"],
      ["Sec-Fetch-Site", "same-origin"],
    ];
    expect(print(sent)).toEqual(["Host: localhost:5173", ...sent.map(([name, value]) => `${name}: ${value}`), own]);
  });

  test.each([
    ["Origin", publicOrigin, "http://localhost:5173"],
    ["Origin", "https://evil.test", "https://evil.test"],
    ["Origin", "null", "null"],
    ["Origin", `${publicOrigin}.evil.test`, `${publicOrigin}.evil.test`],
    ["Origin", `${publicOrigin}:8443`, `${publicOrigin}:8443`],
    ["Origin", publicOrigin.replace("https", "http"), publicOrigin.replace("https", "http")],
    ["Referer", `${publicOrigin}/a/b?c=d`, "http://localhost:5173/a/b?c=d"],
    ["Referer", publicOrigin, "http://localhost:5173"],
    ["Referer", `${publicOrigin}.evil.test/a`, `${publicOrigin}.evil.test/a`],
    ["Referer", `${publicOrigin}:1/a`, `${publicOrigin}:1/a`],
    ["Referer", `https://evil.test/?${publicOrigin}/`, `https://evil.test/?${publicOrigin}/`],
  ])("sends %s %s as %s", (name, value, expected) => {
    expect(print([[name, value]])).toContain(`${name}: ${expected}`);
  });

  test.each([
    "X-Forwarded-For",
    "x-forwarded-host",
    "X-FORWARDED-PROTO",
    "X-Forwarded-Port",
    "X-Forwarded-Anything",
    "Forwarded",
    "X-Real-IP",
    "X-Preview-Origin",
    "x-preview-status",
    "X-Preview-Anything",
    "Keep-Alive",
    "Proxy-Connection",
    "Proxy-Authorization",
    "TE",
    "Upgrade",
    "HTTP2-Settings",
    // the same names to a server that hands headers on as variables
    "X_Forwarded_For",
    "x-forwarded_host",
    "X_Preview_Origin",
    "X_Real_IP",
    "Proxy_Authorization",
  ])("does not pass %s on", (name) => {
    expect(print([[name, "spoofed"]])).toEqual(["Host: localhost:5173", own]);
  });

  test.each(["X-Forwarded", "X-Preview", "X-Real-IP-2", "X_A", "Via", "TE2", "Authorization", "Expect"])(
    "passes %s on",
    (name) => {
      expect(print([[name, "v"]])).toContain(`${name}: v`);
    },
  );

  test("does not pass what Connection names, nor Connection; but never lets it remove framing or what is ours", () => {
    const lines = print([
      ["Connection", "keep-alive, X-Hop , x-preview-origin"],
      ["connection", "Content-Length, Host, x-other"],
      ["X-Hop", "1"],
      ["X-Other", "1"],
      ["X-Stays", "1"],
      ["Content-Length", "5"],
    ]);
    expect(lines).toEqual(["Host: localhost:5173", "X-Stays: 1", "Content-Length: 5", own]);
  });
});

describe("host mode public", () => {
  test("passes Host, Origin and Referer and overwrites what edges add", () => {
    const sent: [string, string][] = [
      ["Origin", publicOrigin],
      ["Referer", `${publicOrigin}/a`],
    ];
    const spoofed: [string, string][] = [
      ["X-Forwarded-For", "6.6.6.6"],
      ["X-Forwarded-Host", "evil.test"],
      ["Forwarded", "for=6.6.6.6"],
    ];
    expect(print([...spoofed, ...sent], "public")).toEqual([
      "Host: 5173-token.preview.test",
      ...sent.map(([name, value]) => `${name}: ${value}`),
      own,
      "X-Forwarded-For: 10.1.2.3",
      "X-Forwarded-Host: 5173-token.preview.test",
      "X-Forwarded-Proto: https",
      "X-Forwarded-Port: 443",
    ]);
  });

  test("names a port that is not the scheme's own", () => {
    const lines = print([], "public", "http://5173-token.localhost:8080");
    expect(lines).toContain("X-Forwarded-Host: 5173-token.localhost:8080");
    expect(lines).toContain("X-Forwarded-Port: 8080");
  });

  test("reaches an app that asked for it", async () => {
    const { upstream, link, harness } = await startPreview(undefined, { route: { hostMode: "public" } });
    const client = await harness.connect();
    client.write(requestTo(link, "/", "X-Forwarded-For: 6.6.6.6"));
    await client.response();
    expect(upstream.requests[0]!.header("host")).toBe(link.name);
    expect(upstream.requests[0]!.headerAll("x-forwarded-for")).toEqual(["127.0.0.1"]);
    expect(upstream.requests[0]!.header("x-forwarded-host")).toBe(`${link.name}:${harness.port}`);
  });
});

describe("the public origin", () => {
  test.each([
    ["http", 80, ""],
    ["http", 8080, ":8080"],
    ["https", 443, ""],
    ["https", 8443, ":8443"],
  ] as const)("of %s on port %i ends in %j", async (publicScheme, publicPort, suffix) => {
    const { upstream, link, harness } = await startPreview(undefined, { gateway: { publicScheme, publicPort } });
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.response();
    expect(upstream.requests[0]!.header("x-preview-origin")).toBe(`${publicScheme}://${link.name}${suffix}`);
  });

  test("is the port listened on when none is given", async () => {
    const { upstream, link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link).replace(link.name, link.name.toUpperCase()));
    await client.response();
    expect(upstream.requests[0]!.header("x-preview-origin")).toBe(`http://${link.name}:${harness.port}`);
  });
});

test("trailers of a request lose what may not be in them", () => {
  const kept = ["X-Sum", "1", "Server-Timing", "t"];
  const refused = [
    "Host",
    "Transfer-Encoding",
    "Content-Length",
    "content_length",
    "Authorization",
    "Cookie",
    "Origin",
    "Expect",
    "X-Forwarded-For",
    "X_Preview_Origin",
    "X-Preview-Origin",
    "Forwarded",
  ];
  expect(mapRequestTrailers([...refused.flatMap((name) => [name, "spoofed"]), ...kept])).toEqual(kept);
});
