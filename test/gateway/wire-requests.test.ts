import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { UpstreamMovedError } from "../../src/errors.ts";
import { dialPort } from "./support/harness.ts";
import { requestTo, startPreview } from "./support/fixture.ts";
import { readChunked } from "./support/raw-client.ts";
import { ok } from "./support/scripted-upstream.ts";

const twoHundred = "HTTP/1.1 200 OK";

describe("the target", () => {
  test.each([
    "/@fs//c/d%2Fe;x?import&t=1|2&q=[a]&r=%zz",
    "/a/../b/./c//d",
    "/%2e%2e/%00?#not-a-fragment",
    "/?url=http://localhost:1/",
  ])("%s reaches the app byte for byte", async (target) => {
    const { upstream, link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link, target));
    expect((await client.response()).line).toBe(twoHundred);
    expect(upstream.requests[0]!.line).toBe(`GET ${target} HTTP/1.1`);
  });

  test("`*` of OPTIONS reaches the app", async () => {
    const { upstream, link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link, "OPTIONS *"));
    await client.response();
    expect(upstream.requests[0]!.line).toBe("OPTIONS * HTTP/1.1");
  });

  test("that names a host of its own is refused, even the preview's", async () => {
    const { upstream, link, harness } = await startPreview();
    for (const target of ["http://169.254.169.254/", `http://${link.name}/`]) {
      const client = await harness.connect();
      client.write(requestTo(link, target));
      expect((await client.response()).status).toBe(400);
    }
    expect(upstream.requests).toHaveLength(0);
  });

  test("of CONNECT gets no tunnel", async () => {
    const { upstream, link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(`CONNECT localhost:${link.route.port} HTTP/1.1\r\nHost: ${link.name}\r\n\r\n`);
    expect(await client.rest()).not.toContain(" 200 ");
    expect(upstream.connections()).toBe(0);
  });
});

/** Which ones are refused, and what becomes of the others: smuggling.test.ts. */
describe("a request that two parsers could read differently", () => {
  test("is answered 400 and closed, with nothing of the app's", async () => {
    const { link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(
      `GET / HTTP/1.1\r\nHost: ${link.name}\r\nX-A: b\0c\r\n\r\nGET / HTTP/1.1\r\nHost: ${link.name}\r\n\r\n`,
    );
    const head = await client.head();
    expect([head.status, head.header("x-preview-status"), head.header("connection")]).toEqual([
      400,
      "bad-request",
      "close",
    ]);
    expect(await client.rest()).toBe("");
  });

  test("does not smuggle a second one through a body", async () => {
    const { upstream, link, harness } = await startPreview(async (peer, request) => {
      await peer.take(Number(request.header("content-length") ?? 0));
      peer.write(ok());
    });
    const inner = requestTo(link, "/smuggled");
    const client = await harness.connect();
    client.write(requestTo(link, "POST /", `Content-Length: ${inner.length}`) + inner + requestTo(link, "/next"));
    await client.response();
    await client.response();
    expect(upstream.requests.map(({ line }) => line)).toEqual(["POST / HTTP/1.1", "GET /next HTTP/1.1"]);
  });
});

describe("a body", () => {
  test("with a length reaches the app as it is", async () => {
    const { upstream, link, harness } = await startPreview(async (peer) => peer.write(ok(await peer.take(11))));
    const client = await harness.connect();
    client.write(`${requestTo(link, "POST /", "Content-Length: 11")}hello `);
    client.write("world");
    expect((await client.response()).body).toBe("hello world");
    expect(upstream.requests[0]!.header("content-length")).toBe("11");
  });

  test("of a GET reaches the app too", async () => {
    const { link, harness } = await startPreview(async (peer) => peer.write(ok(await peer.take(4))));
    const client = await harness.connect();
    client.write(`${requestTo(link, "/", "Content-Length: 4")}body`);
    expect((await client.response()).body).toBe("body");
  });

  test("without a length reaches the app in chunks, with its trailers, as it comes", async () => {
    const { upstream, link, harness } = await startPreview(async (peer) => {
      const { body, trailers } = await readChunked(peer);
      peer.write(ok(`${body} ${JSON.stringify(trailers)}`));
    });
    const client = await harness.connect();
    client.write(`${requestTo(link, "POST /", "Transfer-Encoding: chunked", "Trailer: X-Sum")}3\r\nabc\r\n`);
    await expect.poll(() => upstream.requests.length).toBe(1);
    client.write("3\r\ndef\r\n0\r\nX-Sum: 6\r\n\r\n");
    expect((await client.response()).body).toBe('abcdef [["X-Sum","6"]]');
    expect(upstream.requests[0]!.headerAll("transfer-encoding")).toEqual(["chunked"]);
  });

  test("of no bytes ends at once", async () => {
    const { link, harness } = await startPreview(async (peer, request) => {
      if (request.header("transfer-encoding") !== undefined) await readChunked(peer);
      peer.write(ok("empty"));
    });
    const client = await harness.connect();
    client.write(`${requestTo(link, "POST /", "Transfer-Encoding: chunked")}0\r\n\r\n`);
    expect((await client.response()).body).toBe("empty");
    client.write(requestTo(link, "POST /", "Content-Length: 0"));
    expect((await client.response()).body).toBe("empty");
  });

  test("is asked for by the app's own 100", async () => {
    const { link, harness } = await startPreview(async (peer, request) => {
      expect(request.header("expect")).toBe("100-continue");
      peer.write("HTTP/1.1 100 Continue\r\n\r\n");
      peer.write(ok(await peer.take(4)));
    });
    const client = await harness.connect();
    client.write(requestTo(link, "POST /", "Content-Length: 4", "Expect: 100-continue"));
    expect((await client.head()).line).toBe("HTTP/1.1 100 Continue");
    client.write("body");
    const response = await client.response();
    expect([response.body, response.header("connection")]).toEqual(["body", "keep-alive"]);
  });

  test("that the app refuses without a 100 is not asked for, and ends the connection", async () => {
    const { link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\n\r\nbig"),
    );
    const client = await harness.connect();
    client.write(requestTo(link, "POST /", "Content-Length: 4", "Expect: 100-continue"));
    const head = await client.head();
    expect([head.status, head.header("connection")]).toEqual([413, "close"]);
    expect(await client.rest()).toBe("big");
  });

  test("may be answered before its end", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(ok("early")));
    const client = await harness.connect();
    client.write(`${requestTo(link, "POST /", "Content-Length: 10")}01234`);
    expect((await client.response()).body).toBe("early");
    await expect.poll(() => upstream.open()).toBe(0);
    client.write(`56789${requestTo(link)}`);
    expect((await client.response()).body).toBe("early");
    expect(upstream.requests.map(({ line }) => line)).toEqual(["POST / HTTP/1.1", "GET / HTTP/1.1"]);
  });

  test("stops being read while the app does not read it", async () => {
    const { link, harness } = await startPreview((peer) => {
      peer.socket.pause();
      return new Promise(() => {});
    });
    const client = await harness.connect();
    client.write(requestTo(link, "POST /", "Transfer-Encoding: chunked"));
    const piece = Buffer.concat([Buffer.from("10000\r\n"), Buffer.alloc(65536, 120), Buffer.from("\r\n")]);
    let sent = 0;
    while (sent < 256 * 1024 * 1024) {
      if (!client.socket.write(piece)) {
        const drained = once(client.socket, "drain", { signal: AbortSignal.timeout(2_000) });
        if (
          await drained.then(
            () => false,
            () => true,
          )
        )
          break;
      }
      sent += piece.length;
    }
    expect(sent).toBeLessThan(32 * 1024 * 1024);
  });
});

describe("a head", () => {
  test.each([30, 60, 100])("of %i KB reaches the app whole", async (kilobytes) => {
    const { upstream, link, harness } = await startPreview();
    const lines = Array.from({ length: kilobytes }, (_, at) => `X-Fill-${at}: ${"v".repeat(1000)}`);
    const client = await harness.connect();
    client.write(requestTo(link, "/", ...lines));
    expect((await client.response()).status).toBe(200);
    expect(upstream.requests[0]!.headers.filter(([name]) => name.startsWith("X-Fill-"))).toHaveLength(kilobytes);
  });

  test("beyond the bound is refused with 431", async () => {
    const { upstream, link, harness } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link, "/", ...Array.from({ length: 200 }, (_, at) => `X-Fill-${at}: ${"v".repeat(1000)}`)));
    expect((await client.head()).status).toBe(431);
    expect(upstream.connections()).toBe(0);
  });

  test("of hundreds of headers loses none, not even the last", async () => {
    const { upstream, link, harness } = await startPreview(async (peer) => peer.write(ok(await peer.take(4))));
    const lines = Array.from({ length: 250 }, (_, at) => `a${at}: b`);
    const client = await harness.connect();
    client.write(`POST / HTTP/1.1\r\n${lines.join("\r\n")}\r\nHost: ${link.name}\r\nContent-Length: 4\r\n\r\nbody`);
    expect((await client.response()).body).toBe("body");
    expect(upstream.requests[0]!.headers.filter(([name]) => /^a\d+$/.test(name))).toHaveLength(250);
    client.write(`GET / HTTP/1.1\r\nHost: ${link.name}\r\n${lines.join("\r\n")}\r\nHost: other.test\r\n\r\n`);
    expect((await client.response()).status).toBe(400);
  });

  test.each([254, 256, 300, 5_000])("of %i headers and two more is refused whole, not read in part", async (count) => {
    const { upstream, link, harness } = await startPreview();
    const lines = Array.from({ length: count }, (_, at) => `a${at}: b`);
    const client = await harness.connect();
    const last = ["Content-Length: 4", "", "body"];
    client.write([`POST / HTTP/1.1`, `Host: ${link.name}`, ...lines, ...last].join("\r\n"));
    expect((await client.response()).status).toBe(431);
    await client.ended();
    expect(upstream.connections()).toBe(0);
  });

  test("with another expectation than 100 is the app's to judge", async () => {
    const { upstream, link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"),
    );
    const client = await harness.connect();
    client.write(requestTo(link, "/", "Expect: tea"));
    expect((await client.response()).status).toBe(417);
    expect(upstream.requests[0]!.header("expect")).toBe("tea");
  });

  test("may be of HTTP/1.0, with keep-alive or without", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(ok("old")));
    const client = await harness.connect();
    client.write(`GET / HTTP/1.0\r\nHost: ${link.name}\r\nConnection: keep-alive\r\n\r\n`);
    expect((await client.response()).body).toBe("old");
    client.write(`GET / HTTP/1.0\r\nHost: ${link.name}\r\n\r\n`);
    expect((await client.response()).body).toBe("old");
    await client.ended();
    expect(upstream.requests.map(({ line }) => line)).toEqual(["GET / HTTP/1.1", "GET / HTTP/1.1"]);
  });
});

describe("an app that cannot be reached", () => {
  test("is reported as 502 at once, and with Retry-After", async () => {
    const { upstream, link, harness } = await startPreview();
    await upstream.close();
    const client = await harness.connect();
    const startedAt = performance.now();
    client.write(requestTo(link));
    const response = await client.response();
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    expect([response.status, response.header("x-preview-status"), response.header("retry-after")]).toEqual([
      502,
      "unreachable",
      "1",
    ]);
  });

  test("because a stranger holds its port is reported the same way", async () => {
    const { upstream, link, harness } = await startPreview(undefined, {
      gateway: { dial: () => Promise.reject(new UpstreamMovedError("port taken over")) },
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).header("x-preview-status")).toBe("unreachable");
    expect(upstream.connections()).toBe(0);
  });

  test.each(["closes", "resets"])("because it %s every connection at once is reported the same way", async (how) => {
    const { upstream, link, harness } = await startPreview(undefined, {
      gateway: {
        dial: async (route, options) => {
          const socket = await dialPort(route.port, options);
          const closed = once(socket, "close");
          socket.on("error", () => {});
          if (how === "closes") socket.destroy();
          else socket.resetAndDestroy();
          await closed;
          return socket;
        },
      },
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).header("x-preview-status")).toBe("unreachable");
    expect(upstream.requests).toHaveLength(0);
  });

  test("may be reached again by the next request", async () => {
    let refuse = true;
    const { link, harness } = await startPreview(undefined, {
      gateway: {
        dial: (route, options) => (refuse ? Promise.reject(new Error("refused")) : dialPort(route.port, options)),
      },
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(502);
    refuse = false;
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(200);
  });
});

describe("a kept connection that the app closes just as it is used", () => {
  /** The app answers the first request of a connection and hangs up on the second. */
  const hangUp = (peer: { write(data: string): void; socket: { destroy(): void } }, request: { index: number }) => {
    if (request.index === 0) peer.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    else peer.socket.destroy();
  };

  test.each(["GET", "HEAD", "OPTIONS", "DELETE"])("costs a %s nothing: it is sent again, once", async (method) => {
    const { upstream, link, harness } = await startPreview(hangUp);
    const client = await harness.connect();
    for (let round = 0; round < 6; round++) {
      client.write(requestTo(link, `${method} /${round}`));
      expect((await client.response(method)).status).toBe(200);
    }
    expect(upstream.requests.length).toBeGreaterThan(6);
  });

  test("fails a POST, which may not be sent twice", async () => {
    const { upstream, link, harness } = await startPreview(hangUp);
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(200);
    client.write(requestTo(link, "POST /once", "Content-Length: 0"));
    expect((await client.response()).status).toBe(502);
    expect(upstream.requests.filter(({ line }) => line.includes("/once"))).toHaveLength(1);
  });

  test("fails a PUT with a body, which is spent", async () => {
    const { upstream, link, harness } = await startPreview(hangUp);
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(200);
    client.write(`${requestTo(link, "PUT /once", "Content-Length: 4")}body`);
    expect((await client.response()).status).toBe(502);
    expect(upstream.requests.filter(({ line }) => line.includes("/once"))).toHaveLength(1);
  });

  test("fails a GET when an answer had begun", async () => {
    const { upstream, link, harness } = await startPreview((peer, { index }) => {
      peer.write(index === 0 ? ok("answer") : "HTTP/1.1 200 O");
      if (index > 0) peer.end();
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(200);
    client.write(requestTo(link, "/once"));
    expect((await client.response()).status).toBe(502);
    expect(upstream.requests.filter(({ line }) => line.includes("/once"))).toHaveLength(1);
  });

  test("fails a GET when a fresh connection is closed as well", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.socket.destroy());
    const client = await harness.connect();
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(502);
    expect(upstream.requests).toHaveLength(1);
  });
});

describe("a client that goes away", () => {
  test("while the app thinks aborts the app's side", async () => {
    const { upstream, link, harness } = await startPreview(() => new Promise(() => {}));
    const client = await harness.connect();
    client.write(requestTo(link));
    await expect.poll(() => upstream.requests.length).toBe(1);
    client.close();
    await expect.poll(() => upstream.open()).toBe(0);
    await expect.poll(() => harness.gateway.openSockets()).toBe(0);
  });

  test("while the answer comes aborts the app's side", async () => {
    const { upstream, link, harness } = await startPreview((peer) =>
      peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npart\r\n"),
    );
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.until("part");
    client.socket.resetAndDestroy();
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("while it sends a body aborts the app's side", async () => {
    const { upstream, link, harness } = await startPreview(async (peer) => {
      await peer.rest();
    });
    const client = await harness.connect();
    client.write(`${requestTo(link, "POST /", "Content-Length: 100")}part`);
    await expect.poll(() => upstream.requests.length).toBe(1);
    client.close();
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("before the app was reached aborts the dialling", async () => {
    let aborted = false;
    const { link, harness } = await startPreview(undefined, {
      gateway: {
        dial: (_route, { signal }) =>
          new Promise((_resolve, reject) => {
            signal!.addEventListener("abort", () => {
              aborted = true;
              reject(new Error("aborted"));
            });
          }),
      },
    });
    const client = await harness.connect();
    client.write(requestTo(link));
    await expect.poll(() => harness.gateway.openSockets()).toBe(1);
    client.close();
    await expect.poll(() => aborted).toBe(true);
  });

  test("with pipelined requests aborts all of them", async () => {
    const { upstream, link, harness } = await startPreview(() => new Promise(() => {}));
    const client = await harness.connect();
    client.write(requestTo(link, "/1") + requestTo(link, "/2") + requestTo(link, "/3"));
    await expect.poll(() => upstream.requests.length).toBe(3);
    client.close();
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("leaves others alone", async () => {
    const { upstream, link, harness } = await startPreview((peer, { line }) => {
      if (line.includes("/quick")) peer.write(ok());
      else return new Promise(() => {});
      return undefined;
    });
    const [leaving, staying] = [await harness.connect(), await harness.connect()];
    leaving.write(requestTo(link, "/hang"));
    staying.write(requestTo(link, "/quick"));
    expect((await staying.response()).status).toBe(200);
    leaving.close();
    await expect.poll(() => upstream.open()).toBe(1);
    staying.write(requestTo(link, "/quick"));
    expect((await staying.response()).status).toBe(200);
  });
});
