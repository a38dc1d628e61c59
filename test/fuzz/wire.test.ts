import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fakeLogin, mintGatedLink } from "../gateway/support/gated.ts";
import { mintLink, startGateway } from "../gateway/support/harness.ts";
import type { Harness } from "../gateway/support/harness.ts";
import { startRecordingUpstream } from "../gateway/support/recording-upstream.ts";
import type { RecordingUpstream } from "../gateway/support/recording-upstream.ts";
import { startUpstream } from "../gateway/support/scripted-upstream.ts";
import type { ScriptedUpstream } from "../gateway/support/scripted-upstream.ts";
import { allBytes, fuzz, letterOf, mutated } from "./support/fuzz.ts";

let upstream: RecordingUpstream;
let harness: Harness;
let hosts: readonly string[];
beforeAll(async () => {
  upstream = await startRecordingUpstream();
  const [signed, gated] = [mintLink(upstream.port), mintGatedLink(upstream.port)];
  harness = await startGateway([signed.route, gated.route], { login: fakeLogin() });
  hosts = [signed.name, gated.name, "auth.preview.test", "other.test"];
});
afterAll(async () => {
  await harness.close();
  await upstream.close();
});

const bytes = fc.string({ unit: letterOf(allBytes), maxLength: 30 });
const words = fc.constantFrom(
  "x",
  "chunked",
  "5",
  "0",
  "close",
  "keep-alive",
  "upgrade",
  "websocket",
  "h2c",
  "100-continue",
  "a=b; dev-preview-visit=x",
  "http://other.test",
  "same-origin",
  "navigate",
  "text/html",
  "preview_token=1",
  "bytes=0-1",
);
const names = fc.constantFrom(
  "Content-Length",
  "Transfer-Encoding",
  "Connection",
  "Upgrade",
  "Host",
  "Expect",
  "Cookie",
  "Origin",
  "Referer",
  "Accept",
  "Sec-Fetch-Mode",
  "Sec-Fetch-Dest",
  "Sec-Fetch-Site",
  "Sec-WebSocket-Protocol",
  "X-Preview-Token",
  "X-Forwarded-For",
  "Forwarded",
  "TE",
  "Trailer",
  "Range",
  "If-None-Match",
);
const header = fc.tuple(
  fc.oneof(names, bytes),
  fc.constantFrom(": ", ":", " : ", "", ":\r\n "),
  fc.oneof(words, bytes),
  fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n"),
);
const target = fc.oneof(
  fc.constantFrom(
    "/",
    "*",
    "//x",
    "/.well-known/dev-preview/enter",
    "/login?to=1",
    "/callback?state=",
    "http://other.test/",
  ),
  bytes.map((text) => `/${text}`),
  bytes,
);
const request = fc
  .tuple(
    fc.oneof({ weight: 5, arbitrary: fc.constantFrom("GET", "POST", "OPTIONS", "HEAD") }, bytes),
    target,
    fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/9.9", ""),
    fc.nat({ max: 3 }),
    fc.array(header, { maxLength: 5 }),
    bytes,
  )
  .map(([method, path, version, host, headers, body]) => ({
    host,
    text: (name: string) => `${method} ${path} ${version}\r\nHost: ${name}\r\n${headers.flat().join("")}\r\n${body}`,
  }));

/** Bytes that leave the gateway waiting for more are given up after this long. */
const patienceMs = 100;

/** All that comes back until the gateway closes. */
async function exchange(text: string): Promise<string> {
  const client = await harness.connect();
  client.socket.on("error", () => {});
  const ended = client.ended();
  // where the bytes before were whole, this request ends the connection
  client.write(`${text}GET /last HTTP/1.1\r\nHost: ${hosts[3]}\r\nConnection: close\r\n\r\n`);
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([ended, new Promise((resolve) => (timer = setTimeout(resolve, patienceMs)))]);
  clearTimeout(timer);
  const told = client.waiting();
  client.close();
  await ended;
  return told;
}

async function stillServes(): Promise<void> {
  const client = await harness.connect();
  client.write(`GET /alive HTTP/1.1\r\nHost: ${hosts[0]}\r\n\r\n`);
  expect((await client.response()).status).toBe(200);
  client.close();
}

describe("the gateway", () => {
  it("neither falls over nor answers 500, whatever heads, targets and bodies come", () =>
    fuzz(
      request,
      async ({ host, text }) => {
        const told = await exchange(text(hosts[host]!));
        expect(told).not.toMatch(/^HTTP\/1\.1 500/m);
        expect(upstream.malformed).toEqual([]);
        await stillServes();
      },
      { runs: 400 },
    ));

  it("neither falls over nor answers 500, however a good request is changed", () =>
    fuzz(
      fc
        .constantFrom(
          "POST /a?b=c HTTP/1.1\r\nHost: NAME\r\nContent-Length: 5\r\nCookie: a=b\r\n\r\n12345",
          "POST /a HTTP/1.1\r\nHost: NAME\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n5;e=f\r\n12345\r\n0\r\nX: y\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: NAME\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AAAA\r\n\r\n",
          "GET / HTTP/1.1\r\nHost: NAME\r\nConnection: close\r\nExpect: 100-continue\r\n\r\n",
        )
        .chain((text) => fc.tuple(mutated(text, `\0\t\r\n :;,=0159afA-_\x7f\xe9%`), fc.nat({ max: 3 }))),
      async ([text, host]) => {
        const told = await exchange(text.replace("NAME", hosts[host]!));
        expect(told).not.toMatch(/^HTTP\/1\.1 500/m);
        expect(upstream.malformed).toEqual([]);
        await stillServes();
      },
      { runs: 400 },
    ));
});

describe("an app that answers anything", () => {
  let app: ScriptedUpstream;
  let gateway: Harness;
  let name: string;
  beforeAll(async () => {
    app = await startUpstream();
    const link = mintLink(app.port, { socketScript: true });
    name = link.name;
    gateway = await startGateway([link.route]);
  });
  afterAll(async () => {
    await gateway.close();
    await app.close();
  });

  const good = [
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: a=b; Domain=x\r\nLocation: http://localhost:1/\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/html\r\n\r\n5;e=f\r\n<html\r\n0\r\nX: y\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.0 404 No\r\nRefresh: 1; url=/x\r\n\r\nbody",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nbytes",
    "HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Security-Policy: script-src 'self'\r\n\r\n",
  ];
  const answers = fc.oneof(
    fc.constantFrom(...good).chain((text) => mutated(text, `\0\t\r\n :;,=0159afA-_\x7f\xe9%<>'`)),
    fc.tuple(fc.constantFrom(...good), bytes).map(([text, rest]) => text + rest),
    bytes,
  );

  it("breaks no more than its own answer", () =>
    fuzz(
      answers,
      async (text) => {
        app.script((peer) => peer.end(text));
        for (const lines of ["", "Connection: Upgrade\r\nUpgrade: websocket\r\n"]) {
          const client = await gateway.connect();
          client.socket.on("error", () => {});
          client.write(`GET / HTTP/1.1\r\nHost: ${name}\r\nAccept: text/html\r\n${lines}\r\n`);
          const line = await client.until("\r\n").catch(() => "");
          if (line !== "") expect(line).toMatch(/^HTTP\/1\.1 \d{3} [\t\x20-\x7e\x80-\xff]*\r\n$/);
          expect(line).not.toContain(" 500 ");
          client.close();
        }
        app.script((peer) => peer.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
        const client = await gateway.connect();
        client.write(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`);
        expect((await client.response()).body).toBe("ok");
        client.close();
      },
      { runs: 300 },
    ));
});
