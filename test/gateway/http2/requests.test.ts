import { constants } from "node:http2";
import type { ClientHttp2Stream } from "node:http2";
import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { closing } from "../support/fixture.ts";
import { mintLink, startGateway } from "../support/harness.ts";
import { answerOf, ask } from "../support/http2-ask.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";
import { connectHttp2, fixedCertificates, startTlsPreview } from "../support/tls-preview.ts";

describe("a request over HTTP/2", () => {
  test("reaches the app as one of HTTP/1.1 from its own machine", async () => {
    const preview = await startTlsPreview();
    const { upstream, link, harness } = preview;
    const session = await connectHttp2(preview);
    const publicOrigin = `https://${link.name}:${harness.port}`;
    const answer = await ask(session, {
      ":path": "/@fs//c/d%2Fe;x?import&t=1|2&q=[a]&r=%zz",
      origin: publicOrigin,
      referer: `${publicOrigin}/page`,
      "x-forwarded-for": "6.6.6.6",
      "x-preview-origin": "https://evil.test",
      te: "trailers",
      accept: "text/html",
    });
    expect([answer.status, String(answer.body), answer.code]).toEqual([200, "ok", 0]);
    const [asked] = upstream.requests;
    expect(asked!.line).toBe("GET /@fs//c/d%2Fe;x?import&t=1|2&q=[a]&r=%zz HTTP/1.1");
    expect(asked!.headerAll("host")).toEqual([`localhost:${upstream.port}`]);
    expect(asked!.header("origin")).toBe(`http://localhost:${upstream.port}`);
    expect(asked!.header("referer")).toBe(`http://localhost:${upstream.port}/page`);
    expect(asked!.headerAll("x-preview-origin")).toEqual([publicOrigin]);
    for (const name of ["x-forwarded-for", "te", "connection", ":path", ":authority"])
      expect(asked!.header(name)).toBeUndefined();
  });

  test("in host mode public shows the app its own name, the client's address and https", async () => {
    const preview = await startTlsPreview(undefined, { route: { hostMode: "public" } });
    const { upstream, link, harness } = preview;
    await ask(await connectHttp2(preview), { ":path": "/" });
    const [asked] = upstream.requests;
    expect(asked!.header("host")).toBe(`${link.name}:${harness.port}`);
    expect(asked!.header("x-forwarded-proto")).toBe("https");
    expect(asked!.header("x-forwarded-for")).toBe("127.0.0.1");
  });

  test("has its cookie whole again, however many crumbs it came in", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    await ask(session, { cookie: ["a=1", "b=2", "c=3; d=4"] });
    expect(preview.upstream.requests[0]!.headerAll("cookie")).toEqual(["a=1; b=2; c=3; d=4"]);
  });

  test("shares connections to the app with others, one after another", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    for (let count = 0; count < 5; count++) expect((await ask(session, {})).status).toBe(200);
    expect(preview.upstream.connections()).toBe(1);
  });

  test("waits for no other: an answer that hangs holds up none", async () => {
    const preview = await startTlsPreview((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok())));
    const session = await connectHttp2(preview);
    const hanging = session.request({ ":path": "/hang" });
    hanging.on("error", () => {});
    await expect.poll(() => preview.upstream.requests.length).toBe(1);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(session, {})));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
    hanging.close(constants.NGHTTP2_CANCEL);
  });

  test.each(["PROPFIND", "M-SEARCH", "OPTIONS", "DELETE"])("may be %s", async (method) => {
    const preview = await startTlsPreview();
    const answer = await ask(await connectHttp2(preview), { ":method": method });
    expect(answer.status).toBe(200);
    expect(preview.upstream.requests[0]!.line).toBe(`${method} / HTTP/1.1`);
  });

  test("of `*` reaches the app", async () => {
    const preview = await startTlsPreview();
    await ask(await connectHttp2(preview), { ":method": "OPTIONS", ":path": "*" });
    expect(preview.upstream.requests[0]!.line).toBe("OPTIONS * HTTP/1.1");
  });
});

describe("a request body over HTTP/2", () => {
  const echo = async (preview: Awaited<ReturnType<typeof startTlsPreview>>) => {
    preview.upstream.script(async (peer, { header }) => {
      const length = header("content-length");
      const body =
        length === undefined ? await peer.until("0\r\n\r\n").catch(() => "") : await peer.take(Number(length));
      peer.write(ok(body));
    });
  };

  test("with a length reaches the app as it is", async () => {
    const preview = await startTlsPreview();
    await echo(preview);
    const session = await connectHttp2(preview);
    const answer = await ask(session, { ":method": "POST", "content-length": 5 }, (stream) => stream.end("hello"));
    expect(String(answer.body)).toBe("hello");
    expect(preview.upstream.requests[0]!.header("transfer-encoding")).toBeUndefined();
  });

  test("without a length reaches the app in chunks, with its trailers", async () => {
    const preview = await startTlsPreview(async (peer) => {
      const rest = await peer.until("x-sum: 7\r\n\r\n");
      peer.write(ok(JSON.stringify(rest)));
    });
    const session = await connectHttp2(preview);
    const stream = session.request({ ":method": "POST" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "x-sum": "7", host: "evil.test", authorization: "me" }));
    const answer = answerOf(stream);
    stream.end("hello");
    expect(JSON.parse(String((await answer).body))).toBe("5\r\nhello\r\n0\r\nx-sum: 7\r\n\r\n");
  });

  test("that is longer or shorter than its length is no request", async () => {
    const preview = await startTlsPreview();
    await echo(preview);
    for (const body of ["hell", "hello!"]) {
      const answer = await ask(await connectHttp2(preview), { ":method": "POST", "content-length": 5 }, (stream) =>
        stream.end(body),
      );
      // Node's releases name it differently, and newer ones give the connection up as well
      expect([constants.NGHTTP2_PROTOCOL_ERROR, constants.NGHTTP2_INTERNAL_ERROR]).toContain(answer.code);
      expect(answer.status).toBe(0);
    }
    await expect.poll(() => preview.upstream.open()).toBe(0);
    expect(
      (await ask(await connectHttp2(preview), { ":method": "POST", "content-length": 2 }, (stream) => stream.end("ok")))
        .status,
    ).toBe(200);
  });

  test("that is reset half-way never looks like a whole one to the app", async () => {
    const seen: string[] = [];
    const preview = await startTlsPreview(async (peer) => {
      seen.push(await peer.until("hello\r\n"));
      seen.push(await peer.rest());
    });
    const session = await connectHttp2(preview);
    const stream = session.request({ ":method": "POST" });
    stream.on("error", () => {});
    stream.write("hello");
    await expect.poll(() => seen.length).toBe(1);
    // `close` would send an end before the reset
    stream.destroy(new Error("reset"));
    await expect.poll(() => seen.length).toBe(2);
    expect(seen).toEqual(["5\r\nhello\r\n", ""]);
  });

  test("is asked for by the app's own 100", async () => {
    const preview = await startTlsPreview(async (peer) => {
      peer.write("HTTP/1.1 100 Continue\r\n\r\n");
      peer.write(ok(await peer.take(5)));
    });
    const session = await connectHttp2(preview);
    const stream = session.request({ ":method": "POST", expect: "100-continue", "content-length": 5 });
    const answer = answerOf(stream);
    await once(stream, "continue");
    stream.end("hello");
    expect(String((await answer).body)).toBe("hello");
  });

  test("that the app refuses without a 100 is not waited for", async () => {
    const preview = await startTlsPreview((peer) =>
      peer.write("HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"),
    );
    const session = await connectHttp2(preview);
    const answer = await ask(session, { ":method": "POST", expect: "100-continue", "content-length": 5 }, () => {});
    expect([answer.status, String(answer.body), answer.code]).toEqual([413, "big", constants.NGHTTP2_NO_ERROR]);
    expect(answer.informational).toEqual([]);
  });

  test("stops being read while the app does not read it, and goes on with it", async () => {
    let start = (): void => {};
    const started = new Promise<void>((resolve) => (start = resolve));
    const total = 16 * 1024 * 1024;
    const preview = await startTlsPreview(async (peer) => {
      peer.socket.pause();
      await started;
      peer.socket.resume();
      let left = total;
      for (; left > 0; left -= Math.min(left, 65_536)) await peer.take(Math.min(left, 65_536));
      peer.write(ok("all"));
    });
    const session = await connectHttp2(preview);
    let sent = 0;
    const answer = ask(session, { ":method": "POST", "content-length": total }, (stream: ClientHttp2Stream) => {
      const chunk = Buffer.alloc(65_536);
      const pump = () => {
        while (sent < total) {
          sent += chunk.length;
          if (!stream.write(chunk)) return void stream.once("drain", pump);
        }
        stream.end();
      };
      pump();
    });
    let before = -1;
    await expect.poll(() => sent === before || ((before = sent), false), { interval: 300, timeout: 10_000 }).toBe(true);
    expect(sent).toBeLessThan(total);
    start();
    expect(String((await answer).body)).toBe("all");
  }, 30_000);
});

describe("a name over HTTP/2", () => {
  test("that is not ours is answered 421, one of ours that is not known 404", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    const statusOf = async (authority: string) => (await ask(session, { ":authority": authority })).status;
    expect(await statusOf("evil.example")).toBe(421);
    expect(await statusOf(`5173-${"a".repeat(48)}.preview.test`)).toBe(404);
    expect(await statusOf(preview.link.name)).toBe(200);
  });

  test("may be another preview's: browsers use one connection for all that its certificate names", async () => {
    const [one, two] = [closing(await startUpstream()), closing(await startUpstream((peer) => peer.write(ok("two"))))];
    const links = [mintLink(one.port), mintLink(two.port)];
    const gateway = { certificates: fixedCertificates(), publicScheme: "https" } as const;
    const harness = closing(
      await startGateway(
        links.map(({ route }) => route),
        gateway,
      ),
    );
    const session = await connectHttp2({ harness, link: links[0]! });
    expect(String((await ask(session, { ":authority": links[0]!.name })).body)).toBe("ok");
    expect(String((await ask(session, { ":authority": links[1]!.name })).body)).toBe("two");
  });

  test("in Host must be that of the authority", async () => {
    const preview = await startTlsPreview();
    const other = mintLink(preview.upstream.port);
    const session = await connectHttp2(preview);
    const { name } = preview.link;
    expect((await ask(session, { ":authority": name, host: other.name })).status).toBe(400);
    expect((await ask(session, { ":authority": name, host: name })).status).toBe(200);
    expect(preview.upstream.requests).toHaveLength(1);
  });
});

describe("a head over HTTP/2", () => {
  test("of another scheme than https is refused", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    expect((await ask(session, { ":scheme": "http" })).status).toBe(400);
    expect((await ask(session, { ":scheme": "https" })).status).toBe(200);
  });

  test("of CONNECT gets no tunnel", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    const stream = session.request({ ":method": "CONNECT", ":authority": preview.link.name });
    expect((await answerOf(stream)).status).toBe(400);
    expect(preview.upstream.requests).toEqual([]);
  });

  test("of 60 KB reaches the app whole, one of more than the limit is refused", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview, { maxSendHeaderBlockLength: 1_000_000 });
    const large = "v".repeat(60 * 1024);
    expect((await ask(session, { "x-large": large })).status).toBe(200);
    expect(preview.upstream.requests[0]!.header("x-large")).toBe(large);
    const refused = await ask(session, { "x-large": "v".repeat(140 * 1024) });
    expect(refused.status).not.toBe(200);
    expect(preview.upstream.requests).toHaveLength(1);
  });

  test("of 300 headers is refused whole, not read in part", async () => {
    const preview = await startTlsPreview();
    const session = await connectHttp2(preview);
    const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`a${at}`, "v"]));
    const refused = await ask(session, many(300));
    expect(refused.status).not.toBe(200);
    expect(preview.upstream.requests).toEqual([]);
    const again = await connectHttp2(preview);
    expect((await ask(again, many(200))).status).toBe(200);
  });
});
