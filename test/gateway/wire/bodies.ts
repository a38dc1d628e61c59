import { expect } from "vitest";
import { readChunked } from "../support/raw-client.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import type { Ask } from "./front.ts";
import { all, each, exchange, expectAnswer, untilNone } from "./play.ts";
import type { ExpectedAnswer } from "./play.ts";
import type { Group, Play } from "./row.ts";

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** The app says `text`; then both connections carry another request and its answer. */
function reuses(ask: Ask, text: string, expected: ExpectedAnswer): Play {
  return async (front) => {
    const place = await front.start((peer, { index }) => peer.write(index === 0 ? text : ok("after")));
    const line = await place.connect();
    expectAnswer(await line.ask(ask).answer(), expected, place);
    expectAnswer(await line.ask().answer(), { body: "after" }, place);
    expect(place.upstream.connections()).toBe(1);
  };
}

/** Says back a body, however it is framed. */
const echoes: Script = async (peer, { header }) => {
  const framing = [header("content-length"), header("transfer-encoding")].join();
  const length = Number(header("content-length") ?? 0);
  const body = header("transfer-encoding") === undefined ? await peer.take(length) : (await readChunked(peer)).body;
  peer.write(ok(`${framing} ${body}`));
};

const everyByte = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));

export const bodies: Group = {
  title: "Bodies and the connections behind them",
  rows: [
    {
      name: "a body with a length reaches the app with it, one without in chunks",
      both: all(
        exchange({ ask: { method: "POST", body: "hello" }, app: echoes, answer: { body: "5, hello" } }),
        exchange({
          ask: { method: "POST", body: "hello", length: "unknown" },
          app: echoes,
          answer: { body: ",chunked hello" },
        }),
      ),
    },
    {
      name: "a body of no bytes ends at once",
      both: all(
        exchange({ ask: { method: "POST", body: "", length: 0 }, app: echoes, answer: { body: "0, " } }),
        exchange({
          ask: { method: "POST", body: "", length: "unknown" },
          app: echoes,
          answer: { body: ",chunked " },
        }),
      ),
    },
    {
      name: "an answer of every byte and several reads arrives unchanged: with a length, in chunks, up to a close",
      both: each(
        [
          (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
          (body: string) => `${chunkedHead}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
          (body: string) => `HTTP/1.1 200 OK\r\n\r\n${body}`,
        ],
        (print) => async (front) => {
          const body = everyByte.toString("latin1");
          const place = await front.start((peer) => peer.end(print(body)));
          const line = await place.connect();
          for (let round = 0; round < 3; round++) expect((await line.ask().answer()).body === body).toBe(true);
        },
      ),
    },
    {
      name: "an answer that comes byte by byte is read, chunks with extensions and trailers too",
      both: exchange({
        app: async (peer) => {
          const head = "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n";
          for (const byte of `${head}a;n="v"\r\n0123456789\r\n0;last\r\nX-T: 1\r\n\r\n`) {
            peer.write(byte);
            await new Promise(setImmediate);
          }
        },
        answer: { body: "0123456789", trailers: [["x-t", "1"]], has: [["x-a", "b"]] },
      }),
    },
    {
      name: "one of two equal lengths of an answer passes",
      both: exchange({
        app: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
        answer: { has: [["content-length", "2"]], body: "ok" },
      }),
    },
    {
      name: "HEAD has the length of the answer without its body, then the connections are used again",
      both: all(
        reuses({ method: "HEAD" }, 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n', {
          has: [["content-length", "1234"]],
          body: "",
        }),
        reuses({ method: "HEAD" }, chunkedHead, { body: "" }),
      ),
    },
    {
      name: "204 has no body and no length, then the connections are used again",
      both: each(["", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n"], (length) =>
        reuses({}, `HTTP/1.1 204 No Content\r\n${length}\r\n`, {
          status: 204,
          body: "",
          lacks: ["content-length", "transfer-encoding"],
        }),
      ),
    },
    {
      name: "304 keeps its ETag and has no body, then the connections are used again",
      both: each(["", "Content-Length: 77\r\n", "Transfer-Encoding: chunked\r\n"], (length) =>
        reuses({ fields: [["If-None-Match", '"x"']] }, `HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n${length}\r\n`, {
          status: 304,
          body: "",
          has: [["etag", '"x"']],
          lacks: ["transfer-encoding"],
        }),
      ),
    },
    {
      name: "205 passes as it is, then the connections are used again",
      http1: reuses({}, "HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nabc", { status: 205, body: "abc" }),
      http2: {
        as: "without a body, which clients do not expect",
        play: reuses({}, "HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nabc", { status: 205, body: "" }),
      },
    },
    {
      name: "an answer of no bytes says so, then the connections are used again",
      both: all(
        reuses({}, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", { body: "" }),
        reuses({}, `${chunkedHead}0\r\n\r\n`, { body: "" }),
      ),
    },
    {
      name: "a client of HTTP/1.0 gets a chunked answer without chunks",
      http1: async (front) => {
        const place = await front.start((peer) => peer.write(`${chunkedHead}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`));
        const client = await place.harness.connect();
        client.write(`GET / HTTP/1.0\r\nHost: ${place.link.name}\r\n\r\n`);
        const { header, body } = await client.response();
        expect([header("transfer-encoding"), body]).toEqual([undefined, "abcdef"]);
        await client.ended();
      },
      http2: { none: "it has one version" },
    },
    {
      name: "a client of HTTP/1.0 may keep its connection, and the app is asked in HTTP/1.1",
      http1: async (front) => {
        const place = await front.start((peer) => peer.write(ok("old")));
        const client = await place.harness.connect();
        client.write(`GET / HTTP/1.0\r\nHost: ${place.link.name}\r\nConnection: keep-alive\r\n\r\n`);
        expect((await client.response()).body).toBe("old");
        client.write(`GET / HTTP/1.0\r\nHost: ${place.link.name}\r\n\r\n`);
        expect((await client.response()).body).toBe("old");
        await client.ended();
        expect(place.upstream.requests.map(({ line }) => line)).toEqual(["GET / HTTP/1.1", "GET / HTTP/1.1"]);
      },
      http2: { none: "it has one version" },
    },
    {
      name: "an app of HTTP/1.0 is served up to its close",
      both: exchange({
        app: (peer) => peer.end("HTTP/1.0 200 OK\r\n\r\nold school"),
        answer: { body: "old school" },
      }),
    },
    {
      name: "one connection to the app serves one client after another",
      both: async (front) => {
        const place = await front.start((peer, request) => peer.write(ok(request.line)));
        for (const path of ["/one", "/two", "/three"]) {
          const answer = await (await place.connect()).ask({ path }).answer();
          expect(answer.body).toBe(`GET ${path} HTTP/1.1`);
        }
        expect(place.upstream.connections()).toBe(1);
      },
    },
    {
      name: "Connection: close of a client closes its connection, and not the app's",
      http1: async (front) => {
        const place = await front.start();
        for (let round = 0; round < 2; round++) {
          const line = await place.connect();
          const answer = await line.ask({ fields: [["Connection", "close"]] }).answer();
          expect([answer.body, answer.header("connection")]).toEqual(["ok", "close"]);
          await line.ended();
        }
        expect(place.upstream.connections()).toBe(1);
      },
      http2: { none: "a client ends its connection by GOAWAY, of which the app hears nothing" },
    },
    {
      name: "Connection: close of an app closes its connection, and not the client's",
      both: async (front) => {
        const place = await front.start((peer) => peer.write(ok("bye", "Connection: close\r\n")));
        const line = await place.connect();
        for (let round = 0; round < 2; round++) expect((await line.ask().answer()).body).toBe("bye");
        expect(place.upstream.connections()).toBe(2);
      },
    },
    {
      name: "a connection that brought more than its answer is never used again",
      both: async (front) => {
        const place = await front.start((peer, { index }) =>
          peer.write(index === 0 ? `${ok("first")}${ok("smuggled")}` : ok("never")),
        );
        const line = await place.connect();
        for (let round = 0; round < 3; round++) expect((await line.ask().answer()).body).toBe("first");
        expect(place.upstream.connections()).toBe(3);
      },
    },
    {
      name: "nor is one on which the app speaks unasked",
      both: async (front) => {
        let speak = () => {};
        const place = await front.start((peer, { index }) => {
          peer.write(ok(`answer ${index}`));
          speak = () => peer.write(ok("smuggled"));
        });
        const line = await place.connect();
        await line.ask().answer();
        speak();
        await untilNone(() => place.upstream.open());
        expect((await line.ask().answer()).body).toBe("answer 0");
      },
    },
    {
      name: "pipelined requests are answered in their order",
      http1: async (front) => {
        const slowFirst: Script = async (peer, { line }) => {
          if (line.includes("/slow")) await new Promise((resolve) => setTimeout(resolve, 50));
          peer.write(ok(line));
        };
        const place = await front.start(slowFirst);
        const line = await place.connect();
        const paths = ["/slow", "/fast", "/last"];
        for (const asking of paths.map((path) => [path, line.ask({ path })] as const))
          expect((await asking[1].answer()).body).toBe(`GET ${asking[0]} HTTP/1.1`);
      },
      http2: {
        as: "those of one connection wait for no other",
        play: async (front) => {
          const place = await front.start((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok())));
          const line = await place.connect();
          const hanging = line.ask({ path: "/hang" });
          await expect.poll(() => place.upstream.requests.length).toBe(1);
          const answers = await Promise.all(Array.from({ length: 20 }, () => line.ask().answer()));
          expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
          hanging.leave();
        },
      },
    },
    {
      name: "a body may be answered before its end, and what is left of it is no request",
      both: each(
        [
          [ok("early"), 200],
          ["HTTP/1.1 204 No Content\r\n\r\n", 204],
        ] as const,
        ([text, status]) =>
          async (front) => {
            const place = await front.start((peer) => peer.write(text));
            const line = await place.connect();
            const asking = line.ask({ method: "POST", body: "01234", open: true, length: 10 });
            const early = await asking.answer();
            expect([early.status, early.whole]).toEqual([status, true]);
            await untilNone(() => place.upstream.open());
            if (front.name === "HTTP/1.1") asking.write("56789");
            expect((await line.ask().answer()).status).toBe(status);
            const asked = place.upstream.requests.map((request) => request.line);
            expect(asked).toEqual(["POST / HTTP/1.1", "GET / HTTP/1.1"]);
          },
      ),
    },
    {
      name: "an app that answers 413 and closes within an upload is heard, though the client still sends",
      both: async (front) => {
        const place = await front.start((peer) => {
          peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig");
          peer.end();
        });
        const asking = (await place.connect()).ask({ method: "POST", open: true, length: 1_000_000_000 });
        const { duplex } = asking;
        const piece = Buffer.alloc(65_536);
        const sending = setInterval(
          () => duplex.writable && duplex.writableLength < 1_000_000 && duplex.write(piece),
          1,
        );
        try {
          const answer = await asking.answer();
          expect([answer.status, answer.body, answer.whole]).toEqual([413, "big", true]);
        } finally {
          clearInterval(sending);
        }
      },
    },
  ],
};
