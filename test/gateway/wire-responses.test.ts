import { once } from "node:events";
import { setImmediate as nextTurn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { dialLoopback, dialPlain } from "./support/harness.ts";
import { requestTo, startPreview } from "./support/fixture.ts";
import { ok } from "./support/scripted-upstream.ts";
import type { Script } from "./support/scripted-upstream.ts";

describe.each([
  ["a dialer that passes the buffer on", dialLoopback],
  ["a dialer that ignores the buffer", dialPlain],
])("answers, with %s", (_name, dial) => {
  const start = (script: Script) => startPreview(script, { gateway: { dial } });

  test("keeps one connection to the app for one client after another", async () => {
    const { upstream, link, harness } = await start((peer, request) => peer.write(ok(request.line)));
    for (const path of ["/one", "/two", "/three"]) {
      const client = await harness.connect();
      client.write(requestTo(link, path));
      expect((await client.response()).body).toBe(`GET ${path} HTTP/1.1`);
    }
    expect(upstream.connections()).toBe(1);
  });

  test("passes a HEAD's length on without a body, and uses both connections again", async () => {
    const { upstream, link, harness } = await start((peer, { line }) =>
      peer.write(line.startsWith("HEAD") ? "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n" : ok("after")),
    );
    const client = await harness.connect();
    client.write(requestTo(link, "HEAD /"));
    expect((await client.response("HEAD")).header("content-length")).toBe("1234");
    client.write(requestTo(link));
    expect((await client.response()).body).toBe("after");
    expect(upstream.connections()).toBe(1);
  });

  test("answers a HEAD whose app announces chunks, and goes on", async () => {
    const { link, harness } = await start((peer, { line }) =>
      peer.write(line.startsWith("HEAD") ? "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" : ok("after")),
    );
    const client = await harness.connect();
    client.write(requestTo(link, "HEAD /") + requestTo(link));
    expect((await client.response("HEAD")).status).toBe(200);
    expect((await client.response()).body).toBe("after");
  });

  test.each([
    ["HTTP/1.1 204 No Content\r\n\r\n", 204],
    ["HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204],
    ['HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 77\r\n\r\n', 304],
    ['HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', 304],
  ])("passes %j on without a body, and uses both connections again", async (answer, status) => {
    const { upstream, link, harness } = await start((peer, { index }) =>
      peer.write(index === 0 ? answer : ok("after")),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    const response = await client.response();
    expect(response.status).toBe(status);
    expect(response.header("etag")).toBe(status === 304 ? '"x"' : undefined);
    expect(response.header("transfer-encoding")).toBeUndefined();
    if (status === 204) expect(response.header("content-length")).toBeUndefined();
    client.write(requestTo(link));
    expect((await client.response()).body).toBe("after");
    expect(upstream.connections()).toBe(1);
  });

  test("passes chunks and trailers on", async () => {
    const { link, harness } = await start((peer) =>
      peer.write(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" +
          "5;ext=1\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\nX-Preview-Status: forged\r\n\r\n",
      ),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    const response = await client.response();
    expect(response.body).toBe("hello world");
    expect(response.header("trailer")).toBe("X-Sum");
    expect(response.trailers).toEqual([["X-Sum", "11"]]);
  });

  test("reads an answer that arrives byte by byte", async () => {
    const answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\nX-T: 1\r\n\r\n";
    const { link, harness } = await start(async (peer) => {
      for (const byte of answer) {
        peer.write(byte);
        await new Promise(setImmediate);
      }
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect(await client.response()).toMatchObject({ body: "0123456789", trailers: [["X-T", "1"]] });
  });

  test("ends an answer without a length where the app closes", async () => {
    const { link, harness } = await start((peer) => peer.end("HTTP/1.0 200 OK\r\n\r\nold school"));
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).body).toBe("old school");
    client.write(requestTo(link));
    expect((await client.response()).body).toBe("old school");
  });

  test("gives an HTTP/1.0 client a chunked answer without chunks", async () => {
    const { link, harness } = await start((peer) =>
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(`GET / HTTP/1.0\r\nHost: ${link.name}\r\n\r\n`);
    const response = await client.response();
    expect(response.header("transfer-encoding")).toBeUndefined();
    expect(response.body).toBe("abcdef");
    await client.ended();
  });

  test("passes early hints and other 1xx on before the answer", async () => {
    const { link, harness } = await start((peer) =>
      peer.write(
        "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nX-Preview-Status: forged\r\nContent-Length: 9\r\n\r\n" +
          `HTTP/1.1 102 Processing\r\n\r\n${ok("done")}`,
      ),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    const hints = await client.head();
    expect([hints.line, hints.headers]).toEqual(["HTTP/1.1 103 Early Hints", [["Link", "</a.css>; rel=preload"]]]);
    expect((await client.head()).status).toBe(102);
    expect((await client.response()).body).toBe("done");
  });

  test.each([
    ["in one piece", ["5\r\nhello\r\n0\r\nX-Sum: 5\r\n\r\n"]],
    ["piece by piece", ["5\r\nhello\r\n", "0\r\nX-Sum: 5\r\n\r\n"]],
    ["at length", [`4e20\r\n${"x".repeat(20_000)}\r\n0\r\n\r\n`]],
  ])("gives an HTTP/1.0 client no announcement of trailers that cannot follow, %s", async (_how, parts) => {
    const { link, harness } = await start(async (peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
      for (const part of parts) {
        await nextTurn();
        peer.write(part);
      }
    });
    const client = await harness.connect();
    client.write(`GET / HTTP/1.0\r\nHost: ${link.name}\r\n\r\n`);
    const response = await client.response();
    expect(response.status).toBe(200);
    expect(response.header("trailer")).toBeUndefined();
    expect(response.body.slice(0, 5)).toMatch(/hello|xxxxx/);
  });

  test("keeps 1xx from an HTTP/1.0 client", async () => {
    const { link, harness } = await start((peer) => peer.write(`HTTP/1.1 103 Early Hints\r\n\r\n${ok("done")}`));
    const client = await harness.connect();
    client.write(`GET / HTTP/1.0\r\nHost: ${link.name}\r\n\r\n`);
    expect((await client.head()).status).toBe(200);
  });

  test("sends the head on before any byte of the body exists", async () => {
    let finish = () => {};
    const { link, harness } = await start((peer) => {
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
      finish = () => peer.write("ok");
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.head()).header("content-length")).toBe("2");
    finish();
    expect(await client.take(2)).toBe("ok");
  });

  test("delivers server-sent events one by one", async () => {
    let send = (_event: string) => {};
    const { link, harness } = await start((peer) => {
      peer.write("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
      send = (event) => peer.write(`${event.length.toString(16)}\r\n${event}\r\n`);
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.head()).header("content-type")).toBe("text/event-stream");
    for (const event of ["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]) {
      send(event);
      expect(await client.until("\n\n\r\n")).toContain(event);
      expect(client.waiting()).toBe("");
    }
  });

  test.each([30, 60, 100])("passes a head of %i KB on", async (kilobytes) => {
    const headers = Array.from({ length: kilobytes }, (_, at) => `X-Fill-${at}: ${"v".repeat(1000)}\r\n`).join("");
    const { link, harness } = await start((peer) => peer.write(ok("big", headers)));
    const client = await harness.connect();
    client.write(requestTo(link));
    const response = await client.response();
    expect(response.body).toBe("big");
    expect(response.headers.filter(([name]) => name.startsWith("X-Fill-"))).toHaveLength(kilobytes);
  });

  test("passes bytes of reason and header values on as they are", async () => {
    const { link, harness } = await start((peer) =>
      peer.write("HTTP/1.1 299 caf\xe9\r\nX-A: \xe4 \t b\xa0\r\nContent-Length: 0\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    const response = await client.response();
    expect(response.line).toBe("HTTP/1.1 299 caf\xe9");
    expect(response.header("x-a")).toBe("\xe4 \t b\xa0");
  });

  test("passes a body of every byte and several reads on unchanged", async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7 + (at >> 8)) & 255));
    const { link, harness } = await start((peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
      peer.write(bytes);
    });
    const client = await harness.connect();
    for (let round = 0; round < 3; round++) {
      client.write(requestTo(link));
      expect((await client.response()).body === bytes.toString("latin1")).toBe(true);
    }
  });

  test("answers pipelined requests in their order, whatever order the app answers in", async () => {
    const { link, harness } = await start(async (peer, { line }) => {
      if (line.includes("/slow")) await new Promise((resolve) => setTimeout(resolve, 50));
      peer.write(ok(line));
    });
    const client = await harness.connect();
    client.write(requestTo(link, "/slow") + requestTo(link, "/fast") + requestTo(link, "/last"));
    for (const path of ["/slow", "/fast", "/last"]) expect((await client.response()).body).toBe(`GET ${path} HTTP/1.1`);
  });

  test.each([
    ["bare line feeds", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok\r\n\r\n"],
    ["a bare line feed in a value", "HTTP/1.1 200 OK\r\nX-A: b\nX-C: d\r\nContent-Length: 2\r\n\r\nok"],
    ["a folded line", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\nContent-Length: 2\r\n\r\nok"],
    ["a NUL", "HTTP/1.1 200 OK\r\nX-A: b\0c\r\nContent-Length: 2\r\n\r\nok"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nok"],
    ["an empty name", "HTTP/1.1 200 OK\r\n: 2\r\n\r\nok"],
    ["a line without a colon", "HTTP/1.1 200 OK\r\nnonsense\r\n\r\nok"],
    ["length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok"],
    ["a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"],
    ["a signed length", "HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nok"],
    ["an unknown coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"],
    ["two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
    ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
    ["a switch of protocols that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    ["HTTP/2", "HTTP/2 200\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n"],
    ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n"],
    ["endless 1xx", `${"HTTP/1.1 102 Processing\r\n\r\n".repeat(100)}${ok()}`],
    ["an endless head", `HTTP/1.1 200 OK\r\n${`X-A: ${"b".repeat(1000)}\r\n`.repeat(200)}\r\n`],
  ])("refuses a head with %s as no answer at all", async (_what, answer) => {
    const { upstream, link, harness } = await start((peer) => peer.write(answer));
    const client = await harness.connect();
    client.write(requestTo(link, "POST /", "Content-Length: 0"));
    const response = await client.response();
    expect([response.status, response.header("x-preview-status")]).toEqual([502, "unreachable"]);
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("passes one of two equal lengths on", async () => {
    const { link, harness } = await start((peer) =>
      peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok"),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    const response = await client.response();
    expect(response.headerAll("content-length")).toEqual(["2"]);
    expect(response.body).toBe("ok");
  });

  const dying: [string, string][] = [
    ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart"],
    ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"],
    ["a chunk's middle", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\npart"],
    ["trailers missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n0\r\n"],
  ];
  for (const how of ["end", "reset"] as const) {
    test.each(dying)(`breaks the client's connection when the app dies (${how}) within %s`, async (_what, answer) => {
      const { link, harness } = await start(async (peer) => {
        peer.write(answer);
        await new Promise((resolve) => setTimeout(resolve, 30));
        if (how === "end") peer.end();
        else peer.socket.resetAndDestroy();
      });
      const client = await harness.connect();
      client.write(requestTo(link));
      expect((await client.head()).status).toBe(200);
      const rest = await client.rest();
      expect(rest).toContain("part");
      expect(rest.endsWith("0\r\n\r\n")).toBe(false);
    });
  }

  test.each([
    ["no digits", "zz\r\nhello\r\n0\r\n\r\n"],
    ["a sign", "+5\r\nhello\r\n0\r\n\r\n"],
    ["a prefix", "0x5\r\nhello\r\n0\r\n\r\n"],
    ["a bare line feed", "5\nhello\r\n0\r\n\r\n"],
    ["data longer than its size", "4\r\nhello\r\n0\r\n\r\n"],
    ["too many digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"],
  ])("breaks off at a chunk with %s", async (_what, chunk) => {
    let goOn = () => {};
    const { upstream, link, harness } = await start((peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n");
      goOn = () => peer.write(chunk);
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.until("part");
    goOn();
    expect((await client.rest()).endsWith("0\r\n\r\n")).toBe(false);
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("never uses a connection again that brought more than its answer", async () => {
    const { upstream, link, harness } = await start((peer, { index }) =>
      peer.write(index === 0 ? `${ok("first")}${ok("smuggled")}` : ok("never")),
    );
    const client = await harness.connect();
    for (let round = 0; round < 3; round++) {
      client.write(requestTo(link));
      expect((await client.response()).body).toBe("first");
    }
    expect(upstream.connections()).toBe(3);
  });

  test("drops an idle connection on which the app speaks unasked", async () => {
    let speak = () => {};
    const { upstream, link, harness } = await start((peer, { index }) => {
      peer.write(ok(`answer ${index}`));
      speak = () => peer.write(ok("smuggled"));
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.response();
    speak();
    await expect.poll(() => upstream.open()).toBe(0);
    client.write(requestTo(link));
    expect((await client.response()).body).toBe("answer 0");
  });

  test("does not use a connection again after `Connection: close`", async () => {
    const { upstream, link, harness } = await start((peer) => peer.write(ok("bye", "Connection: close\r\n")));
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).header("connection")).toBe("keep-alive");
    client.write(requestTo(link));
    await client.response();
    expect(upstream.connections()).toBe(2);
  });

  test("goes on after a pause with whatever comes next, be it framing alone", async () => {
    const size = 8 * 1024 * 1024;
    let goOn = (_more: string) => {};
    const { link, harness } = await start((peer) => {
      peer.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size.toString(16)}\r\n${"x".repeat(size)}`);
      goOn = (more) => peer.write(more);
    });
    const client = await harness.connect();
    client.socket.pause();
    client.write(requestTo(link));
    await new Promise((resolve) => setTimeout(resolve, 200));
    client.socket.resume();
    const whole = client.response();
    await expect.poll(() => client.socket.bytesRead, { timeout: 10_000 }).toBeGreaterThan(size);
    goOn("\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    goOn("5\r\nhello\r\n0\r\n\r\n");
    expect((await whole).body).toHaveLength(size + 5);
  });

  test("stops reading from the app while the client does not read", async () => {
    const piece = Buffer.alloc(64 * 1024, 120);
    let written = 0;
    const { link, harness } = await start(async (peer) => {
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (;;) {
        peer.write("10000\r\n");
        const flowing = peer.socket.write(Buffer.concat([piece, Buffer.from("\r\n")]));
        written += piece.length;
        if (!flowing) await once(peer.socket, "drain");
      }
    });
    const client = await harness.connect();
    client.socket.pause();
    client.write(requestTo(link));
    let before = -1;
    await expect
      .poll(
        () => {
          const stalled = written > 0 && written === before;
          before = written;
          return stalled;
        },
        { interval: 300, timeout: 10_000 },
      )
      .toBe(true);
    // what fits into the kernel's buffers of two loopback connections, and ours
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });
});
