import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import { all } from "./play.ts";
import { breaksOff, closed, get, getting, leavesOut, post, posting, pseudo, refuses, refusesStreams } from "./raw.ts";
import type { Group, Play } from "./row.ts";

const chunked = "Transfer-Encoding: chunked";
const end = "0\r\n\r\n";
const hidden = "GET /hidden HTTP/1.1\r\nHost: {host}\r\n\r\n";

/** A body that is a request itself stays a body. */
const hiddenRequest: Play = async (front) => {
  const place = await front.start(async (peer, request) => {
    await peer.take(Number(request.header("content-length") ?? 0));
    peer.write(ok());
  });
  const line = await place.connect();
  const first = line.ask({ method: "POST", body: place.fill(hidden) });
  await first.answer();
  await line.ask({ path: "/next" }).answer();
  expect(place.upstream.requests.map((request) => request.line)).toEqual(["POST / HTTP/1.1", "GET /next HTTP/1.1"]);
};

/** Requests of HTTP/1.1 that are in order. */
function arrives(line: string, print: (line: string) => string[]): Play {
  return async (front) => {
    const place = await front.start();
    const texts = print(line);
    for (const text of texts) {
      const client = await place.harness.connect();
      client.write(place.fill(text));
      expect((await client.response()).status, text).toBe(200);
    }
    expect(place.upstream.requests.map((request) => request.line)).toEqual(texts.map(() => line));
    for (const { header } of place.upstream.requests) expect(header("content_length")).toBeUndefined();
  };
}

export const framing: Group = {
  title: "Requests that two readers could take for different ones",
  rows: [
    {
      name: "a second Host is refused, another one and the same",
      http1: refuses([
        get("Host: other.test"),
        get("Host: {host}"),
        get("HOST: {host}"),
        "GET / HTTP/1.1\r\nHost: other.test\r\nHost: {host}\r\n\r\n",
      ]),
      http2: {
        as: "so is a Host that is not the authority, and a second authority",
        play: refusesStreams([
          getting(["host", "other.test"]),
          getting(["host", "{host}"], ["host", "other.test"]),
          ...["{host}\r\nX-A: b", "{host} ", "user@{host}", "{host},other.test", "", "{host}/x"].map((authority) => ({
            fields: pseudo({ ":authority": authority }),
          })),
          { fields: [...pseudo(), [":authority", "other.test"]] },
        ]),
      },
    },
    {
      name: "Content-Length beside Transfer-Encoding is refused",
      http1: refuses([
        post(["Content-Length: 5", chunked], `${end}${hidden}`),
        post([chunked, "Content-Length: 5"], `${end}${hidden}`),
        post(["Content-Length: 0", chunked], `${end}${hidden}`),
      ]),
      http2: {
        as: "any Transfer-Encoding is",
        play: refusesStreams([
          posting(end + hidden, ["transfer-encoding", "chunked"]),
          posting(hidden, ["transfer-encoding", "chunked"], ["content-length", "5"]),
          { ...posting("12345"), trailers: [["transfer-encoding", "chunked"]] },
        ]),
      },
    },
    {
      name: "a transfer coding other than plain chunked is refused",
      http1: refuses(
        [
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: identity, chunked",
          "Transfer-Encoding: chunked, identity",
          "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        ].map((line) => post([line], `5\r\n12345\r\n${end}`)),
      ),
      http2: {
        as: "so is TE, but for trailers",
        play: refusesStreams([getting(["te", "gzip"]), getting(["te", "chunked"])]),
      },
    },
    {
      name: "chunks in HTTP/1.0 are refused",
      http1: refuses([`POST / HTTP/1.0\r\nHost: {host}\r\nConnection: keep-alive\r\n${chunked}\r\n\r\n${end}`]),
      http2: { none: "it has one version, and no chunks" },
    },
    {
      name: "a second Content-Length is refused, equal or not, also as a list",
      http1: refuses([
        post(["Content-Length: 5", "Content-Length: 5"], "12345"),
        post(["Content-Length: 0", "Content-Length: 40"], hidden),
        post(["Content-Length: 40", "content-length: 0"], hidden),
        post(["Content-Length: 5, 5"], "12345"),
      ]),
      http2: refusesStreams([
        posting("12345", ["content-length", "5"], ["content-length", "0"]),
        posting("12345", ["content-length", "5, 5"]),
      ]),
    },
    {
      name: "a Content-Length that is no number is refused",
      http1: refuses(["+5", "-5", "0x5", "1e1", "5.0", "1 5", ""].map((n) => post([`Content-Length: ${n}`], hidden))),
      http2: refusesStreams(["+5", "-5", "0x5", "1 5"].map((length) => posting("12345", ["content-length", length]))),
    },
    {
      name: "a body is as long as it says: a request hidden in it stays there",
      http1: hiddenRequest,
      http2: {
        as: "a body longer or shorter than it says is reset",
        play: all(
          hiddenRequest,
          refusesStreams([
            posting(hidden, ["content-length", "0"]),
            posting(hidden, ["content-length", "5"]),
            posting("12345", ["content-length", "500"]),
            getting(["content-length", "5"]),
          ]),
        ),
      },
    },
    {
      name: "a header folded over two lines is refused",
      http1: refuses([get("X-A: b\r\n c"), get("X-A: b\r\n\tc"), "GET / HTTP/1.1\r\n X-A: b\r\nHost: {host}\r\n\r\n"]),
      http2: { as: "one with a line end in it is left out", play: leavesOut([getting(["x-a", "b\r\n c"])]) },
    },
    {
      name: "a bare line feed is refused as the end of any line",
      http1: refuses([
        "GET / HTTP/1.1\nHost: {host}\n\n",
        "GET / HTTP/1.1\nHost: {host}\r\n\r\n",
        get("X-A: b\nX-C: d"),
        "GET / HTTP/1.1\r\nHost: {host}\r\n\n",
      ]),
      http2: {
        as: "a header with one, or with a bare carriage return, is left out",
        play: leavesOut([
          getting(["x-a", "b\nX-C: d"]),
          getting(["x-a", "b\r"]),
          getting(["x-a", "b\r\nX-C: d"]),
          getting(["x-a: b\r\nx-c", "d"]),
          getting(["x-a\r", "b"]),
          getting(["x-a\n", "b"]),
        ]),
      },
    },
    {
      name: "a bare carriage return is refused",
      http1: refuses([
        get("X-A: b\rX-C: d"),
        "GET / HTTP/1.1\r\r\nHost: {host}\r\n\r\n",
        `GET / HTTP/1.1\r\nHost: {host}\r\n\r${hidden}`,
      ]),
      http2: { none: "it has no lines; a header with one in it is left out, as above" },
    },
    {
      name: "NUL and other control bytes are refused in values, names and targets",
      http1: refuses([
        ...["\0", "\x01", "\x08", "\x0b", "\x1b", "\x7f"].map((byte) => get(`X-A: b${byte}c`)),
        ...["\0", "\x01", "\t", "\x7f"].map((byte) => get(`X${byte}A: b`)),
        ...["\0", "\x01", "\t", "\x7f"].map((byte) => `GET /a${byte}b HTTP/1.1\r\nHost: {host}\r\n\r\n`),
      ]),
      http2: {
        as: "such a header is left out, such a path refused",
        play: all(
          leavesOut([
            ...["\0", "\x01", "\x7f"].map((byte) => getting(["x-a", `b${byte}`])),
            getting(["x\0a", "b"]),
            getting(["x a", "b"]),
          ]),
          refusesStreams(
            ["\0", "\t", "\x7f", " ", "\r\n", "\xe9", " HTTP/1.1\r\nHost: x\r\n\r\nGET /hidden"].map((byte) => ({
              fields: pseudo({ ":path": `/a${byte}b` }),
            })),
          ),
        ),
      },
    },
    {
      name: "a line that is no header is refused: a blank before its colon, no colon, no name",
      http1: refuses([get("X-A : b"), get("X-A"), get(": b"), "GET / HTTP/1.1\r\nHost : {host}\r\n\r\n"]),
      http2: {
        as: "a name in capitals is refused, one with a colon or empty is left out",
        play: all(
          refusesStreams([getting(["X-A", "b"])]),
          leavesOut([getting(["x-a:", "b"]), getting(["x:a", "b"]), getting(["", "b"]), getting(["x\xe9", "b"])]),
        ),
      },
    },
    {
      name: "a first line that is none is refused",
      http1: refuses(
        [
          ...["HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "http/1.1", "HTTP/1.1 x"].map(
            (version) => `GET / ${version}\r\nHost: {host}\r\n\r\n`,
          ),
          "GE\0T / HTTP/1.1\r\nHost: {host}\r\n\r\n",
          "GET\t/ HTTP/1.1\r\nHost: {host}\r\n\r\n",
        ],
        [400, closed],
      ),
      http2: {
        as: "so are pseudo-headers that are missing, twice, unknown, misplaced or malformed",
        play: refusesStreams([
          { fields: pseudo().slice(1) },
          { fields: pseudo().slice(0, 3) },
          { fields: pseudo().filter(([name]) => name !== ":scheme") },
          { fields: [[":method", "POST"], ...pseudo()] },
          { fields: [[":path", "/two"], ...pseudo()] },
          { fields: [...pseudo(), [":unknown", "1"]] },
          { fields: [...pseudo(), [":status", "200"]] },
          { fields: [["accept", "*/*"], ...pseudo()] },
          { fields: [[":protocol", "websocket"], ...pseudo()] },
          ...["", "evil", "?x", "*"].map((path) => ({ fields: pseudo({ ":path": path }) })),
          ...["GET /evil", "GET ", "GET\t", "G\0T", "G(T", "", "GET /hidden HTTP/1.1\r\nHost: x\r\n\r\nGET"].map(
            (method) => ({ fields: pseudo({ ":method": method }) }),
          ),
          ...["http", "file", "", "https\r\nX-A: b"].map((scheme) => ({ fields: pseudo({ ":scheme": scheme }) })),
          { ...posting("12345"), trailers: [[":path", "/hidden"]] },
        ]),
      },
    },
    {
      name: "chunks that are none break off at the app, and what follows is no request",
      http1: breaksOff([
        ...["+5", "-5", "0x5", " 5", "5 ", "5g", "", ";a=b", "10000000000000005", "5\0"].map((size) =>
          post([chunked], `${size}\r\n12345\r\n${end}`),
        ),
        post([chunked], `5\n12345\r\n${end}`),
        post([chunked], `5;a\n\r\n12345\r\n${end}`),
        post([chunked], `3\r\n12345\r\n${end}`),
        post([chunked], `5\r\n12345\n${end}`),
        post([chunked], `5\r\n12345\r\n0\r\nContent-Length: 40\r\n\r\n`),
        post([chunked], `5\r\n12345\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n`),
      ]),
      http2: {
        as: "a body that is reset breaks off",
        play: async (front) => {
          const seen: string[] = [];
          const place = await front.start(async (peer) => {
            seen.push(await peer.until("hello\r\n"), await peer.rest());
          });
          const asking = (await place.connect()).ask({ method: "POST", body: "hello", open: true });
          await expect.poll(() => place.upstream.requests.length).toBe(1);
          asking.leave();
          await expect.poll(() => seen).toEqual(["5\r\nhello\r\n", ""]);
        },
      },
    },
    {
      name: "chunks with extensions are taken, and go on without them",
      http1: async (front) => {
        const seen: string[] = [];
        const place = await front.start(async (peer) => {
          seen.push(await peer.until("0\r\n\r\n"));
          peer.write(ok());
        });
        const client = await place.harness.connect();
        client.write(place.fill(post([chunked], `5;name=value\r\n12345\r\n0;last="a b"\r\n\r\n`)));
        expect((await client.response()).status).toBe(200);
        expect(seen).toEqual([`5\r\n12345\r\n${end}`]);
      },
      http2: { none: "DATA has no extensions" },
    },
    {
      name: "a target that names a host is refused, even the preview's own",
      http1: refuses(
        ["http://169.254.169.254/", "http://{host}/", "https://{host}/", "file:///etc/passwd"].map(
          (target) => `GET ${target} HTTP/1.1\r\nHost: {host}\r\n\r\n`,
        ),
        [400],
      ),
      http2: refusesStreams(
        ["http://other.test/", "https://{host}/"].map((path) => ({ fields: pseudo({ ":path": path }) })),
      ),
    },
    {
      name: "what only looks odd arrives as it is",
      http1: arrives("GET /a/..//%2e;x?q=[a]|b HTTP/1.1", (line) => [
        `${line}\r\nHost: {host}\r\n\r\n`,
        `\r\n${line}\r\nHOST:\t{host} \r\nX-A:\r\n\r\n`,
        `${line}\r\nHost: {host}:80\r\nContent-Length: 000\r\nContent_Length: 40\r\n\r\n`,
      ]),
      http2: async (front) => {
        const place = await front.start();
        for (const fields of [[["host", "{host}:" + place.harness.port]], [["content_length", "40"]]] as const) {
          const asking = (await place.connect()).ask({ path: "/a/..//%2e;x?q=[a]|b", fields });
          expect((await asking.answer()).status).toBe(200);
        }
        for (const { line, header } of place.upstream.requests)
          expect([line, header("content_length")]).toEqual(["GET /a/..//%2e;x?q=[a]|b HTTP/1.1", undefined]);
      },
    },
    {
      name: "CONNECT opens no tunnel",
      http1: async (front) => {
        const place = await front.start();
        for (const target of ["{app}", "169.254.169.254:80"]) {
          const client = await place.harness.connect();
          client.write(place.fill(`CONNECT ${target} HTTP/1.1\r\nHost: {host}\r\n\r\n`));
          expect(await client.rest()).not.toContain(" 200 ");
        }
        expect(place.upstream.connections()).toBe(0);
      },
      http2: refusesStreams(
        ["{host}", "{app}"].map((authority) => ({
          fields: [
            [":method", "CONNECT"],
            [":authority", authority],
          ],
        })),
      ),
    },
  ],
};
