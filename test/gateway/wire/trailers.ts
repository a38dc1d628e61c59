import { setImmediate as nextTurn } from "node:timers/promises";
import { expect } from "vitest";
import { readChunked } from "../support/raw-client.ts";
import { ok } from "../support/scripted-upstream.ts";
import type { Script } from "../support/scripted-upstream.ts";
import { exchange } from "./play.ts";
import { breaksOff, post, posting, sendStream } from "./raw.ts";
import type { Group } from "./row.ts";

const chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
const asks100 = { method: "POST", open: true, length: 4, fields: [["Expect", "100-continue"]] } as const;

/** Says back a chunked body and its trailers. */
const readsTrailers: Script = async (peer) => {
  const { body, trailers } = await readChunked(peer);
  const told = trailers.map(([name, value]) => `${name.toLowerCase()}=${value}`);
  peer.write(ok([body, ...told].join(" ")));
};

const http10 = (host: string) => `GET / HTTP/1.0\r\nHost: ${host}\r\n\r\n`;

export const trailers: Group = {
  title: "Trailers and interim answers",
  rows: [
    {
      name: "trailers of an answer reach the client",
      both: exchange({
        app: `${chunkedHead}3\r\nabc\r\n0\r\nX-Sum: 7\r\nX-More: 8\r\n\r\n`,
        answer: {
          body: "abc",
          trailers: [
            ["x-sum", "7"],
            ["x-more", "8"],
          ],
        },
      }),
    },
    {
      name: "trailers that come long after the body reach it too",
      both: async (front) => {
        let finish = () => {};
        const place = await front.start((peer) => {
          peer.write(`${chunkedHead}3\r\nabc\r\n`);
          finish = () => peer.write("0\r\nX-Sum: 7\r\n\r\n");
        });
        const asking = (await place.connect()).ask();
        expect(await asking.take(3)).toBe("abc");
        finish();
        expect((await asking.answer()).trailers.map(([name, value]) => [name.toLowerCase(), value])).toEqual([
          ["x-sum", "7"],
        ]);
      },
    },
    {
      name: "trailers of an answer lose framing, cookies and what is the gateway's to say",
      both: exchange({
        app: `${chunkedHead}0\r\nContent-Length: 9\r\nSet-Cookie: a=1\r\nX-Preview-Status: forged\r\nConnection: close\r\nX-Sum: 7\r\n\r\n`,
        answer: { trailers: [["x-sum", "7"]] },
      }),
    },
    {
      name: "trailers of a request reach the app",
      both: exchange({
        ask: { method: "POST", body: "abc", trailers: [["X-Sum", "6"]] },
        app: readsTrailers,
        answer: { body: "abc x-sum=6" },
      }),
    },
    {
      name: "trailers of a request lose what would change where it goes and who sends it",
      both: exchange({
        ask: {
          method: "POST",
          body: "abc",
          trailers: [
            ["X-Sum", "6"],
            ["Host", "evil.test"],
            ["Authorization", "me"],
            ["Cookie", "a=b"],
            ["X-Forwarded-For", "6.6.6.6"],
            ["Content_Length", "40"],
          ],
        },
        app: readsTrailers,
        answer: { body: "abc x-sum=6" },
      }),
    },
    {
      name: "a trailer that breaks off its line breaks the body off",
      http1: breaksOff(
        ["X-Sum: 6\r\n 7", "X-Sum: 6\nX-More: 7", "X-Sum"].map((line) =>
          post(["Transfer-Encoding: chunked"], `3\r\nabc\r\n0\r\n${line}\r\n\r\n`),
        ),
      ),
      http2: {
        as: "it is left out",
        play: async (front) => {
          let body = "";
          const place = await front.start(async (peer) => {
            body = await peer.until("0\r\n\r\n");
            peer.write(ok());
          });
          await sendStream(place, { ...posting("12345"), trailers: [["x-a", "b\r\nx-c: d"]] });
          expect(body).toBe("5\r\n12345\r\n0\r\n\r\n");
        },
      },
    },
    {
      name: "a client of HTTP/1.0 is announced no trailers, which cannot follow",
      http1: async (front) => {
        const last = "0\r\nX-Sum: 7\r\n\r\n";
        for (const parts of [
          [`3\r\nabc\r\n${last}`],
          ["3\r\nabc\r\n", last],
          [`4e20\r\n${"x".repeat(20_000)}\r\n${last}`],
        ]) {
          const place = await front.start(async (peer) => {
            peer.write(chunkedHead);
            for (const part of parts) {
              await nextTurn();
              peer.write(part);
            }
          });
          const client = await place.harness.connect();
          client.write(http10(place.link.name));
          const { header, body } = await client.response();
          expect([header("trailer"), header("transfer-encoding")]).toEqual([undefined, undefined]);
          expect(body.slice(0, 3)).toMatch(/abc|xxx/);
        }
      },
      http2: { none: "it has one version" },
    },
    {
      name: "103 early hints pass before the answer, without what is hop by hop or ours",
      both: exchange({
        app:
          "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nConnection: X-Hop\r\nX-Hop: 1\r\n" +
          `X-Preview-Status: forged\r\nContent-Length: 9\r\n\r\n${ok("done")}`,
        answer: { information: [[103, ["Link", "</a.css>; rel=preload"]]], body: "done" },
      }),
    },
    {
      name: "103 early hints pass at once, while the answer is still being thought of",
      both: async (front) => {
        let finish = () => {};
        const place = await front.start((peer) => {
          peer.write("HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n");
          finish = () => peer.write(ok("done"));
        });
        const asking = (await place.connect()).ask();
        expect((await asking.information()).status).toBe(103);
        finish();
        expect((await asking.answer()).body).toBe("done");
      },
    },
    {
      name: "other 1xx pass too, several of them and unknown ones",
      both: exchange({
        app: `HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 110 Odd\r\nX-A: 1\r\n\r\n${ok("done")}`,
        answer: { information: [[102], [102], [110, ["X-A", "1"]]], body: "done" },
      }),
    },
    {
      name: "a 100 that was not asked for does not pass",
      both: exchange({ app: `HTTP/1.1 100 Continue\r\n\r\n${ok("done")}`, answer: { information: [], body: "done" } }),
    },
    {
      name: "a client of HTTP/1.0 gets no 1xx",
      http1: async (front) => {
        const place = await front.start((peer) => peer.write(`HTTP/1.1 103 Early Hints\r\n\r\n${ok("done")}`));
        const client = await place.harness.connect();
        client.write(http10(place.link.name));
        expect((await client.head()).status).toBe(200);
      },
      http2: { none: "it has one version" },
    },
    {
      name: "Expect: 100-continue reaches the app, and its 100 the client, which only then sends the body",
      both: async (front) => {
        const place = await front.start(async (peer, request) => {
          expect(peer.waiting()).toBe("");
          peer.write("HTTP/1.1 100 Continue\r\n\r\n");
          peer.write(ok(`${request.header("expect")} ${await peer.take(4)}`));
        });
        const asking = (await place.connect()).ask(asks100);
        if (front.name === "HTTP/1.1") expect((await asking.information()).status).toBe(100);
        else await new Promise((resolve) => void asking.duplex.once("continue", resolve));
        asking.write("body");
        asking.end();
        expect((await asking.answer()).body).toBe("100-continue body");
      },
    },
    {
      name: "a final 413 without a 100 reaches the client, whose body nobody waits for",
      both: async (front) => {
        const place = await front.start((peer) =>
          peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"),
        );
        const line = await place.connect();
        const answer = await line.ask(asks100).answer();
        expect([answer.status, answer.body, answer.whole, answer.information]).toEqual([413, "big", true, []]);
        if (front.name === "HTTP/2") return;
        // whether the body comes is open: the connection is spent
        expect(answer.header("connection")).toBe("close");
        await line.ended();
      },
    },
    {
      name: "another expectation is the app's to judge",
      both: exchange({
        ask: { fields: [["Expect", "tea"]] },
        app: "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n",
        answer: { status: 417 },
        asked: { has: [["expect", "tea"]] },
      }),
    },
  ],
};
