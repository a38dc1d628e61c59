import { expect } from "vitest";
import { ok } from "../support/scripted-upstream.ts";
import { untilNone } from "./play.ts";
import type { Group, Play } from "./row.ts";

/** None of these is an answer: the client is told so by a 502, and the connection to the app ends. */
function isNone(answers: readonly string[]): Play {
  return async (front) => {
    const place = await front.start();
    const line = await place.connect();
    for (const answer of answers) {
      place.upstream.script((peer) => peer.write(answer));
      const { status, header } = await line.ask({ method: "POST" }).answer();
      expect([status, header("x-preview-status")], JSON.stringify(answer)).toEqual([502, "unreachable"]);
    }
    await untilNone(() => place.upstream.open());
  };
}

const answering = (head: string, body = "ok"): string => `HTTP/1.1 200 OK\r\n${head}\r\n\r\n${body}`;

/** The client was sent a part; with each of these behind it the answer breaks off. */
function breakOff(chunks: readonly string[]): Play {
  return async (front) => {
    let goOn = (_chunk: string) => {};
    const place = await front.start((peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
      goOn = (chunk) => peer.write(chunk);
    });
    for (const chunk of chunks) {
      const asking = (await place.connect()).ask();
      expect(await asking.take(4)).toBe("part");
      goOn(chunk);
      expect((await asking.answer()).whole, JSON.stringify(chunk)).toBe(false);
    }
    await untilNone(() => place.upstream.open());
  };
}

export const oddAnswers: Group = {
  title: "Answers that two readers could take for different ones",
  rows: [
    {
      name: "an answer whose head breaks the grammar is none, but a 502: bare LF, folded line, NUL, blank before a colon",
      both: isNone([
        "HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n",
        answering("X-A: b\nX-C: d\r\nContent-Length: 2"),
        answering("X-A: b\r\n c\r\nContent-Length: 2"),
        answering("X-A: b\0c\r\nContent-Length: 2"),
        answering("Content-Length : 2"),
        answering(": 2"),
        answering("nonsense"),
      ]),
    },
    {
      name: "nor is one that says its end in two ways, or in one that nobody knows",
      both: isNone([
        answering("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
        answering("Content-Length: 2\r\nContent-Length: 3"),
        answering("Content-Length: 2, 2"),
        answering("Content-Length: +2"),
        answering("Transfer-Encoding: xchunked", "0\r\n\r\n"),
        answering("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      ]),
    },
    {
      name: "nor is one of another protocol, or a switch of protocols that nobody asked for",
      both: isNone([
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        "HTTP/2 200\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
      ]),
    },
    {
      name: "nor is one with 1xx or a head without end",
      both: isNone([
        `${"HTTP/1.1 102 Processing\r\n\r\n".repeat(100)}${ok()}`,
        answering(`X-A: ${"b".repeat(1000)}\r\n`.repeat(200)),
      ]),
    },
    {
      name: "an answer breaks off at a chunk that is none",
      both: breakOff([
        "zz\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "4\r\nhello\r\n0\r\n\r\n",
        "00000000000000005\r\nhello\r\n0\r\n\r\n",
      ]),
    },
  ],
};
