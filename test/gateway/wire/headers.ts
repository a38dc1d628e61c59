import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import { all, each, exchange, expectRequest } from "./play.ts";
import type { ExpectedRequest } from "./play.ts";
import { get, getting, post, refusesStreams } from "./raw.ts";
import type { Group, Play } from "./row.ts";

const onlyHttp1 = { none: "it has no Connection header, and one that comes is refused" };

/** An answer with an empty body and these headers. */
const answering = (...lines: string[]): string => ok("", lines.map((line) => `${line}\r\n`).join(""));

/** Headers of a request of HTTP/1.1, as bytes, and what the app gets of them. */
function sends(lines: readonly string[], asked: ExpectedRequest): Play {
  return async (front) => {
    const place = await front.start();
    const client = await place.harness.connect();
    client.write(place.fill(get(...lines)));
    expect((await client.response()).status).toBe(200);
    expectRequest(place, asked);
  };
}

/** A 3xx of an app that names its own address. */
const redirecting = (location: string): string =>
  `HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`;

export const headers: Group = {
  title: "Headers",
  rows: [
    {
      name: "hop-by-hop headers of a request stay here",
      http1: sends(
        [
          "Connection: keep-alive",
          "Keep-Alive: timeout=5",
          "Proxy-Connection: keep-alive",
          "Proxy-Authorization: x",
          "TE: trailers",
          "Upgrade: h2c",
          "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
        ],
        {
          lacks: [
            "connection",
            "keep-alive",
            "proxy-connection",
            "proxy-authorization",
            "te",
            "upgrade",
            "http2-settings",
          ],
        },
      ),
      http2: {
        as: "those of a connection are refused, TE: trailers and Proxy-Authorization stay here",
        play: all(
          refusesStreams(
            ["connection", "keep-alive", "proxy-connection", "upgrade"].map((name) => getting([name, "close"])),
          ),
          exchange({
            ask: {
              fields: [
                ["TE", "trailers"],
                ["Proxy-Authorization", "x"],
              ],
            },
            asked: { lacks: ["te", "proxy-authorization", "connection"] },
          }),
        ),
      },
    },
    {
      name: "headers of a request that Connection names stay here",
      http1: sends(["Connection: close, X-Mine,x-other", "X-Mine: 1", "X-OTHER: 2", "X-Third: 3"], {
        has: [["x-third", "3"]],
        lacks: ["x-mine", "x-other", "connection"],
      }),
      http2: onlyHttp1,
    },
    {
      name: "Connection cannot name away where a request goes and where it ends",
      http1: all(sends(["Connection: Host"], { has: [["host", "{app}"]], lacks: ["connection"] }), async (front) => {
        const place = await front.start(async (peer) => peer.write(ok(await peer.take(5))));
        const client = await place.harness.connect();
        client.write(place.fill(post(["Connection: Content-Length", "Content-Length: 5"], "12345")));
        expect((await client.response()).body).toBe("12345");
      }),
      http2: onlyHttp1,
    },
    {
      name: "hop-by-hop headers of an answer stay here",
      both: async (front) => {
        const lines = ["Proxy-Connection: keep-alive", "Proxy-Authenticate: Basic", "TE: trailers", "Upgrade: h2c"];
        const text = answering("Keep-Alive: timeout=5", ...lines, "X-App: 1");
        const place = await front.start((peer) => peer.write(text));
        const { header, headerAll } = await (await place.connect()).ask().answer();
        expect(header("x-app")).toBe("1");
        for (const name of ["proxy-connection", "proxy-authenticate", "te", "upgrade", "transfer-encoding"])
          expect(headerAll(name), name).toEqual([]);
        // over HTTP/1.1 there is one of the gateway's own
        expect(headerAll("keep-alive")).not.toContain("timeout=5");
      },
    },
    {
      name: "headers of an answer that Connection names stay here",
      both: exchange({
        app: answering("Connection: keep-alive, X-Hop", "X-Hop: 1", "X-App: 1"),
        answer: { has: [["x-app", "1"]], lacks: ["x-hop"] },
      }),
    },
    {
      name: "what a client says of proxies before it is not believed: X-Forwarded-*, Forwarded, X-Real-IP, also with _",
      both: exchange({
        ask: {
          fields: [
            ["X-Forwarded-For", "6.6.6.6"],
            ["X-Forwarded-Host", "evil.test"],
            ["X-Forwarded-Proto", "gopher"],
            ["x-forwarded-anything", "1"],
            ["X_Forwarded_Host", "evil.test"],
            ["Forwarded", "for=6.6.6.6;host=evil.test"],
            ["X-Real-IP", "6.6.6.6"],
            ["X_Real_IP", "6.6.6.6"],
            ["X-Preview-Origin", "https://evil.test"],
          ],
        },
        asked: {
          has: [["x-preview-origin", "{origin}"]],
          lacks: [
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
            "x-forwarded-anything",
            "x_forwarded_host",
            "forwarded",
            "x-real-ip",
            "x_real_ip",
          ],
        },
      }),
    },
    {
      name: "in host mode public X-Forwarded-* are the gateway's own, and Host is the preview's",
      both: async (front) => {
        const scheme = front.name === "HTTP/2" ? "https" : "http";
        await exchange({
          route: { hostMode: "public" },
          ask: { fields: [["X-Forwarded-For", "6.6.6.6"]] },
          asked: {
            has: [
              ["x-forwarded-for", "127.0.0.1"],
              ["x-forwarded-proto", scheme],
            ],
          },
        })(front);
      },
    },
    {
      name: "the app is asked by its own name; Origin and Referer are mapped where they are the preview's, and only there",
      both: all(
        exchange({
          ask: {
            fields: [
              ["Origin", "{origin}"],
              ["Referer", "{origin}/page?q"],
            ],
          },
          asked: {
            has: [
              ["host", "{app}"],
              ["origin", "http://{app}"],
              ["referer", "http://{app}/page?q"],
            ],
          },
        }),
        exchange({
          ask: {
            fields: [
              ["Origin", "https://evil.test"],
              ["Referer", "{origin}.evil.test/page"],
            ],
          },
          asked: {
            has: [
              ["origin", "https://evil.test"],
              ["referer", "{origin}.evil.test/page"],
            ],
          },
        }),
      ),
    },
    {
      name: "Location of the app's own address becomes the preview's, another stays",
      both: all(
        exchange({
          app: redirecting("http://{app}/next?a=1#b"),
          answer: { status: 302, has: [["location", "{origin}/next?a=1#b"]] },
        }),
        exchange({
          app: redirecting("https://other.test/"),
          answer: { status: 302, has: [["location", "https://other.test/"]] },
        }),
      ),
    },
    {
      name: "several Set-Cookie stay several, in order, and lose their Domain",
      both: exchange({
        app: answering("Set-Cookie: a=1; Domain=localhost; Path=/", "Vary: x", "Set-Cookie: b=2", "Set-Cookie: a=3"),
        answer: {
          has: [
            ["set-cookie", "a=1; Path=/"],
            ["set-cookie", "b=2"],
            ["set-cookie", "a=3"],
          ],
        },
      }),
    },
    {
      name: "equal headers of an answer stay as many, in order",
      http1: exchange({
        app: answering("Vary: a", "Link: </1>", "vary: b", "Link: </2>"),
        answer: {
          has: [
            ["vary", "a"],
            ["vary", "b"],
            ["link", "</1>"],
            ["link", "</2>"],
          ],
        },
      }),
      http2: {
        as: "they become one list, which means the same",
        play: exchange({
          app: answering("Vary: a", "Content-Language: de", "vary: b", "Content-Language: en"),
          answer: {
            has: [
              ["vary", "a, b"],
              ["content-language", "de, en"],
            ],
          },
        }),
      },
    },
    {
      name: "equal headers of a request stay as many, in order and case",
      http1: async (front) => {
        const place = await front.start();
        const client = await place.harness.connect();
        client.write(place.fill(get("X-b: 1", "x-A: 2", "X-B: 3", "Accept:  text/html ,a\t")));
        await client.response();
        const sent = place.upstream.requests[0]!.headers.filter(([name]) => /^(?:x-[ab]|accept)$/i.test(name));
        expect(sent).toEqual([
          ["X-b", "1"],
          ["x-A", "2"],
          ["X-B", "3"],
          ["Accept", "text/html ,a"],
        ]);
      },
      http2: {
        as: "in lower case, as they come",
        play: async (front) => {
          const place = await front.start();
          const fields = [
            ["x-b", "1"],
            ["x-a", "2"],
            ["x-b", "3"],
          ] as const;
          await (await place.connect()).ask({ fields }).answer();
          const sent = place.upstream.requests[0]!.headers.filter(([name]) => /^x-[ab]$/.test(name));
          expect(sent.filter(([name]) => name === "x-b")).toEqual([
            ["x-b", "1"],
            ["x-b", "3"],
          ]);
        },
      },
    },
    {
      name: "a Cookie reaches the app in one header",
      http1: sends(["Cookie: a=1; b=2; c=3"], { has: [["cookie", "a=1; b=2; c=3"]] }),
      http2: {
        as: "however many crumbs it came in",
        play: exchange({
          ask: {
            fields: [
              ["cookie", "a=1"],
              ["cookie", "b=2; c=3"],
            ],
          },
          asked: { has: [["cookie", "a=1; b=2; c=3"]] },
        }),
      },
    },
    {
      name: "bytes of latin1 in values pass as they are, both ways, blanks inside them too",
      both: exchange({
        ask: { fields: [["X-Sent", "caf\xe9 \t \xa0"]] },
        app: answering("X-Back: \xe4 \t b\xa0"),
        answer: { has: [["x-back", "\xe4 \t b\xa0"]] },
        asked: { has: [["x-sent", "caf\xe9 \t \xa0"]] },
      }),
    },
    {
      name: "an empty value passes, both ways",
      both: exchange({
        ask: { fields: [["X-Sent", ""]] },
        app: answering("X-Back:"),
        answer: { has: [["x-back", ""]] },
        asked: { has: [["x-sent", ""]] },
      }),
    },
    {
      name: "the status and its reason pass as they are, odd ones and an empty reason too",
      http1: async (front) => {
        for (const first of ["HTTP/1.1 299 caf\xe9 (twice)", "HTTP/1.1 200 ", "HTTP/1.1 404 OK", "HTTP/1.1 999 Odd"]) {
          const place = await front.start((peer) => peer.write(`${first}\r\nContent-Length: 0\r\n\r\n`));
          expect((await (await place.connect()).ask().answer()).line).toBe(first);
        }
      },
      http2: {
        as: "there is no reason, and a status above 599 is an error of the app's: 502",
        play: each(
          [
            ["299 Odd", 299],
            ["200 ", 200],
            ["451", 451],
            ["599 x", 599],
            ["999 Odd", 502],
          ] as const,
          ([first, status]) =>
            exchange({ app: `HTTP/1.1 ${first}\r\nContent-Length: 2\r\n\r\nok`, answer: { status, body: "ok" } }),
        ),
      },
    },
    {
      name: "an answer gets Referrer-Policy and X-Robots-Tag where the app says none, and nothing else: no Date, no Server",
      both: all(
        async (front) => {
          const place = await front.start((peer) => peer.write(answering("ETag: x")));
          const { headers } = await (await place.connect()).ask().answer();
          const names = headers
            .map(([name]) => name.toLowerCase())
            .filter((name) => !/^(?:connection|keep-alive)$/.test(name));
          expect(names.sort()).toEqual(["content-length", "etag", "referrer-policy", "x-robots-tag"]);
        },
        exchange({
          app: answering("Referrer-Policy: no-referrer", "X-Robots-Tag: all", "Date: long ago", "Server: app"),
          answer: {
            has: [
              ["referrer-policy", "no-referrer"],
              ["x-robots-tag", "all"],
              ["date", "long ago"],
              ["server", "app"],
            ],
          },
        }),
      ),
    },
    {
      name: "X-Preview-* of an app does not pass for the gateway's",
      both: exchange({
        app: answering("X-Preview-Status: forged", "x_preview_status: forged"),
        answer: { lacks: ["x-preview-status", "x_preview_status"] },
      }),
    },
  ],
};
