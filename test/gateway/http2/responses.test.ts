import { constants } from "node:http2";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { answerOf, ask } from "../support/http2-ask.ts";
import { ok } from "../support/scripted-upstream.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";

describe("an answer over HTTP/2", () => {
  test("loses what means the app's connection, and keeps the rest", async () => {
    const preview = await startTlsPreview((peer) =>
      peer.write(
        ok(
          "ok",
          "Connection: keep-alive, X-Hop\r\nKeep-Alive: timeout=5\r\nX-Hop: 1\r\nHTTP2-Settings: AAA\r\nX-Preview-Status: mine\r\n" +
            'ETag: W/"a"\r\nSet-Cookie: a=1; Domain=preview.test\r\nSet-Cookie: b=2\r\nVary: a\r\nVary: b\r\nContent-Type: text/plain\r\n',
        ),
      ),
    );
    const { headers, body } = await ask(await connectHttp2(preview), {});
    expect(String(body)).toBe("ok");
    expect(Object.fromEntries(Object.entries(headers))).toEqual({
      ":status": 200,
      "content-length": "2",
      etag: 'W/"a"',
      "set-cookie": ["a=1", "b=2"],
      vary: "a, b",
      "content-type": "text/plain",
      "referrer-policy": "same-origin",
      "x-robots-tag": "noindex",
    });
  });

  test("may have one header twice that others have once", async () => {
    const preview = await startTlsPreview((peer) =>
      peer.write(ok("ok", "Content-Language: de\r\nContent-Language: en\r\n")),
    );
    expect((await ask(await connectHttp2(preview), {})).headers["content-language"]).toBe("de, en");
  });

  test("has the app's own address mapped back", async () => {
    const preview = await startTlsPreview((peer, _request) =>
      peer.write(
        `HTTP/1.1 302 Found\r\nLocation: http://localhost:${preview.upstream.port}/next\r\nContent-Length: 0\r\n\r\n`,
      ),
    );
    const answer = await ask(await connectHttp2(preview), {});
    expect(answer.headers.location).toBe(`https://${preview.link.name}:${preview.harness.port}/next`);
  });

  test("passes chunks and trailers on", async () => {
    const preview = await startTlsPreview((peer) =>
      peer.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n",
      ),
    );
    const answer = await ask(await connectHttp2(preview), {});
    expect([String(answer.body), answer.trailers["x-sum"], answer.code]).toEqual(["abc", "7", 0]);
    expect(answer.trailers["content-length"]).toBeUndefined();
  });

  test("passes trailers on that come after a while, and none where there are none", async () => {
    const preview = await startTlsPreview((peer, { line }) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
      setTimeout(() => peer.write(line.includes("/with") ? "0\r\nX-Sum: 7\r\n\r\n" : "0\r\n\r\n"), 50);
    });
    const session = await connectHttp2(preview);
    const withTrailers = await ask(session, { ":path": "/with" });
    expect([String(withTrailers.body), withTrailers.trailers["x-sum"], withTrailers.code]).toEqual(["abc", "7", 0]);
    const without = await ask(session, {});
    expect([String(without.body), Object.keys(without.trailers), without.code]).toEqual(["abc", [], 0]);
  });

  test("passes early hints and other 1xx on before it", async () => {
    const preview = await startTlsPreview((peer) =>
      peer.write(
        `HTTP/1.1 103 Early Hints\r\nLink: </a.js>; rel=preload\r\nConnection: close\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n${ok()}`,
      ),
    );
    const answer = await ask(await connectHttp2(preview), {});
    expect(answer.informational.map((headers) => [headers[":status" as "date"], headers["link" as "date"]])).toEqual([
      [103, "</a.js>; rel=preload"],
      [102, undefined],
    ]);
    expect(answer.status).toBe(200);
  });

  test.each([
    ["HEAD", 'HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nETag: "x"\r\n\r\n', 200, "1234"],
    ["HEAD", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 200, undefined],
    ["GET", "HTTP/1.1 204 No Content\r\n\r\n", 204, undefined],
    ["GET", 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\n\r\n', 304, "77"],
    ["GET", "HTTP/1.1 205 Reset Content\r\nContent-Length: 3\r\n\r\nabc", 205, undefined],
    ["GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "0"],
  ])(
    "of a %s that is %j has no body, and the connection to the app is used again",
    async (method, text, status, length) => {
      const preview = await startTlsPreview((peer) => peer.write(text));
      const session = await connectHttp2(preview);
      for (let count = 0; count < 2; count++) {
        const answer = await ask(session, { ":method": method });
        expect([answer.status, String(answer.body), answer.code]).toEqual([status, "", 0]);
        if (status !== 205) expect(answer.headers["content-length"]).toBe(length);
      }
      expect(preview.upstream.connections()).toBe(1);
    },
  );

  test("of a HEAD that is our own has none either", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    const answer = await ask(session, { ":method": "HEAD", ":authority": "0-x.preview.test", accept: "text/html" });
    expect([answer.status, answer.body.length, answer.code]).toEqual([404, 0, 0]);
  });

  test("that is our own is a page for a document and JSON for code", async () => {
    const preview = await startTlsPreview(undefined, { route: { state: "crashed" } });
    const session = await connectHttp2(preview);
    const page = await ask(session, { accept: "text/html" });
    expect([page.status, page.headers["x-preview-status"]]).toEqual([502, "crashed"]);
    expect(String(page.body)).toContain("<title>The dev server has ended</title>");
    expect(JSON.parse(String((await ask(session, { "sec-fetch-dest": "empty" })).body)).status).toBe(502);
  });

  test("with a status that HTTP does not have is an error of the app's", async () => {
    const preview = await startTlsPreview((peer) => peer.write("HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok"));
    const answer = await ask(await connectHttp2(preview), {});
    expect([answer.status, String(answer.body)]).toEqual([502, "ok"]);
  });

  test("sends its head before any byte of the body exists, and server-sent events one by one", async () => {
    let next = (_text: string): void => {};
    const preview = await startTlsPreview((peer) => {
      peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
      next = (text) => peer.write(`${text.length.toString(16)}\r\n${text}\r\n`);
    });
    const session = await connectHttp2(preview);
    const stream = session.request({ accept: "text/event-stream" });
    stream.on("error", () => {});
    const [head] = await once(stream, "response");
    expect(head[":status"]).toBe(200);
    for (const event of ["data: 1\n\n", "data: 2\n\n"]) {
      next(event);
      expect(String((await once(stream, "data"))[0])).toBe(event);
    }
    stream.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => preview.upstream.open()).toBe(0);
  });

  test.each([30, 60, 100])("may have a head of %i KB", async (kilobytes) => {
    const value = "v".repeat(1024);
    const lines = Array.from({ length: kilobytes }, (_, at) => `X-${at}: ${value}\r\n`);
    const preview = await startTlsPreview((peer) => peer.write(ok("ok", lines.join(""))));
    const session = await connectHttp2(preview, {
      maxHeaderListPairs: 500,
      settings: { maxHeaderListSize: 1_000_000 },
    });
    const answer = await ask(session, {});
    expect(answer.status).toBe(200);
    expect(Object.values(answer.headers).filter((sent) => sent === value)).toHaveLength(kilobytes);
  });

  test("passes a body of every byte and several reads on unchanged", async () => {
    const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
    const preview = await startTlsPreview((peer, { line }) => {
      const framing = line.includes("/close") ? "" : `Content-Length: ${body.length}\r\n`;
      peer.write(`HTTP/1.1 200 OK\r\n${framing}\r\n`);
      peer.write(body);
      if (framing === "") peer.end();
    });
    const session = await connectHttp2(preview);
    for (const path of ["/", "/close", "/"])
      expect((await ask(session, { ":path": path })).body.equals(body)).toBe(true);
  });

  test("stops being read from the app while the client does not read", async () => {
    let sent = 0;
    const total = 32 * 1024 * 1024;
    const preview = await startTlsPreview((peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      const chunk = Buffer.alloc(65_536, 7);
      const pump = () => {
        while (sent < total) {
          sent += chunk.length;
          if (!peer.socket.write(chunk)) return void peer.socket.once("drain", pump);
        }
      };
      pump();
    });
    const session = await connectHttp2(preview);
    const stream = session.request({});
    await once(stream, "response");
    let before = -1;
    await expect.poll(() => sent === before || ((before = sent), false), { interval: 300, timeout: 10_000 }).toBe(true);
    expect(sent).toBeLessThan(total);
    // others go on meanwhile
    preview.upstream.script((peer) => peer.write(ok("other")));
    expect(String((await ask(session, {})).body)).toBe("other");
    let received = 0;
    stream.on("data", (chunk: Buffer) => (received += chunk.length));
    await once(stream, "end");
    expect(received).toBe(total);
  }, 30_000);
});

describe("an app that dies half-way", () => {
  test.each([
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", ""],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", ""],
    ["chunks that are malformed", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", "zz\r\n"],
  ])("within %s resets the stream, and that one alone", async (_what, text, last) => {
    const preview = await startTlsPreview((peer, { line }) => {
      if (!line.includes("/die")) return peer.write(ok());
      peer.write(text);
      setTimeout(() => (last === "" ? peer.socket.destroy() : peer.write(last)), 50);
    });
    const session = await connectHttp2(preview);
    for (let count = 0; count < 3; count++) {
      const answer = await ask(session, { ":path": "/die" });
      expect([answer.status, answer.code]).toEqual([200, constants.NGHTTP2_INTERNAL_ERROR]);
      expect((await ask(session, {})).code).toBe(0);
    }
  });

  test("before its answer is reported as 502", async () => {
    const preview = await startTlsPreview((peer) => peer.socket.destroy());
    const answer = await ask(await connectHttp2(preview), {});
    expect([answer.status, answer.headers["x-preview-status"], answer.code]).toEqual([502, "unreachable", 0]);
  });

  test("with garbage is reported as 502", async () => {
    const preview = await startTlsPreview((peer) => peer.write("SSH-2.0-OpenSSH\r\n\r\n"));
    expect((await ask(await connectHttp2(preview), {})).status).toBe(502);
  });

  test("just as a kept connection is used costs a GET nothing", async () => {
    const preview = await startTlsPreview((peer, { index }) =>
      index === 0 ? peer.write(ok("first")) : peer.socket.destroy(),
    );
    const session = await connectHttp2(preview);
    for (let count = 0; count < 4; count++) expect(String((await ask(session, {})).body)).toBe("first");
  });
});

describe("a client that leaves", () => {
  test("a stream aborts the app's side of that request alone", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    preview.upstream.script((peer, { line }) => {
      if (line.includes("/slow")) peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n");
    });
    const slow = session.request({ ":path": "/slow" });
    const think = session.request({ ":path": "/think" });
    for (const stream of [slow, think]) stream.on("error", () => {});
    await Promise.all([once(slow, "data"), expect.poll(() => preview.upstream.open()).toBe(2)]);
    slow.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => preview.upstream.open()).toBe(1);
    think.close(constants.NGHTTP2_CANCEL);
    await expect.poll(() => preview.upstream.open()).toBe(0);
    expect(session.destroyed).toBe(false);
  });

  test("altogether aborts all of them", async () => {
    const preview = await startTlsPreview(() => {});
    const session = await connectHttp2(preview);
    for (let count = 0; count < 5; count++) session.request({}).on("error", () => {});
    await expect.poll(() => preview.upstream.open()).toBe(5);
    session.destroy();
    await expect.poll(() => preview.harness.gateway.openSockets()).toBe(0);
    expect(preview.harness.gateway.readTraffic().aborted).toBe(5);
  });

  test("while the app is being reached aborts the dialling", async () => {
    let aborted = 0;
    const dial = (_route: unknown, { signal }: { signal?: AbortSignal }) =>
      new Promise<never>((_resolve, reject) => {
        signal?.addEventListener("abort", () => {
          aborted += 1;
          reject(new Error("aborted"));
        });
      });
    const preview = await startTlsPreview(undefined, { gateway: { dial } });
    const session = await connectHttp2(preview);
    const stream = session.request({});
    const answer = answerOf(stream);
    // the first has arrived by then
    expect((await ask(session, { ":authority": "0-x.preview.test" })).status).toBe(404);
    stream.close(constants.NGHTTP2_CANCEL);
    await answer;
    await expect.poll(() => aborted).toBe(1);
  });
});
