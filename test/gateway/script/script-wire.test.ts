import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { markTag } from "../../../src/gateway/script/entity-tag.ts";
import { printSocketScript, socketScriptHash } from "../../../src/gateway/script/socket-script.ts";
import { requestTo, startPreview } from "../support/fixture.ts";
import type { Preview } from "../support/fixture.ts";
import { dialLoopback, dialPlain } from "../support/harness.ts";
import type { Script } from "../support/scripted-upstream.ts";

const route = { socketScript: true };
const navigation = ["Sec-Fetch-Dest: document", "Accept: text/html", "Accept-Encoding: gzip, br"];
const document = "<!doctype html><html><head><title>a</title></head><body>\xfc</body></html>";
const html = (body: string, ...lines: string[]) =>
  ["HTTP/1.1 200 OK", "Content-Type: text/html", ...lines, `Content-Length: ${body.length}`, "", body].join("\r\n");
const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`;
const chunked = ["HTTP/1.1 200 OK", "Content-Type: text/html", "Transfer-Encoding: chunked", "", ""].join("\r\n");
const start = (script: Script) => startPreview(script, { route });

/** The document as it must arrive. */
function scripted({ link }: Preview, body = document): string {
  return body.replace("<head>", `<head>${printSocketScript(link.route.port)}`);
}

async function get(preview: Preview, target = "/", lines: readonly string[] = navigation) {
  const client = await preview.harness.connect();
  client.write(requestTo(preview.link, target, ...lines));
  return await client.response(target.split(" ")[0]);
}

test("a page gets the script first in its head, and its own length", async () => {
  const preview = await start((peer) => peer.write(html(document, "Accept-Ranges: bytes", "Content-MD5: x")));
  const { body, header } = await get(preview);
  expect(body).toBe(scripted(preview));
  expect(header("content-length")).toBe(String(body.length));
  expect([header("accept-ranges"), header("content-md5")]).toEqual([undefined, undefined]);
});

test("it is asked for plain and whole, and other requests as they were sent", async () => {
  const preview = await start((peer) => peer.write(html(document)));
  await get(preview, "/", [...navigation, "Range: bytes=0-10", 'If-Range: "a"']);
  const sent = preview.upstream.requests[0]!;
  expect(sent.headerAll("accept-encoding")).toEqual(["identity"]);
  expect([sent.header("range"), sent.header("if-range")]).toEqual([undefined, undefined]);
  await get(preview, "/", ["Sec-Fetch-Dest: empty", "Accept-Encoding: gzip, br", "Range: bytes=0-10"]);
  const other = preview.upstream.requests[1]!;
  expect(other.headerAll("accept-encoding")).toEqual(["gzip, br"]);
  expect(other.header("range")).toBe("bytes=0-10");
});

test.each([
  ["an error page", "HTTP/1.1 500 Oops", "/"],
  ["a page that is not there", "HTTP/1.1 404 Not Found", "/"],
  ["the answer to a form", "HTTP/1.1 422 Unprocessable", "POST /form"],
])("%s gets it too", async (_what, line, target) => {
  const preview = await start((peer) => peer.write(html(document).replace("HTTP/1.1 200 OK", line)));
  const { body, status } = await get(preview, target, [
    ...navigation,
    ...(target === "/" ? [] : ["Content-Length: 0"]),
  ]);
  expect(status).toBe(Number(line.split(" ")[1]));
  expect(body).toBe(scripted(preview));
});

const xhtml = html(document).replace("text/html", "application/xhtml+xml");
const zipped = gzipSync(document).toString("latin1");
const twins: [string, string, string, string[]][] = [
  ["JSON", "/", html('{"a":"<head>"}').replace("text/html", "application/json"), navigation],
  ["XHTML", "/", xhtml, navigation],
  ["a page in UTF-16", "/", html(document).replace("text/html", "text/html; charset=utf-16le"), navigation],
  ["a page that came compressed all the same", "/", html(zipped, "Content-Encoding: gzip"), navigation],
  ["a part of a page", "/", html(document, "Content-Range: bytes 0-9/99").replace("200 OK", "206 Partial"), navigation],
  ["a redirect", "/", html(document, "Location: /b").replace("200 OK", "302 Found"), navigation],
  ["a download", "/", html(document, "Content-Disposition: attachment"), navigation],
  ["a fragment that a script fetches", "/", html("<head><p>a"), ["Sec-Fetch-Dest: empty", "Accept: text/html"]],
  ["a page for curl", "/", html(document), ["Accept: */*"]],
];

test.each(twins)("%s is passed on byte for byte", async (_what, target, answer, lines) => {
  const preview = await start((peer) => peer.write(answer));
  const response = await get(preview, target, lines);
  const [, body] = /\r\n\r\n(.*)$/s.exec(answer)!;
  expect(response.body).toBe(body);
  expect(response.header("content-length")).toBe(String(body!.length));
});

test("HEAD, and a preview without the script, are as the app answers them", async () => {
  const preview = await start((peer, { line }) =>
    peer.write(line.startsWith("HEAD") ? html(document, 'ETag: "a"').replace(document, "") : html(document)),
  );
  const head = await get(preview, "HEAD /");
  expect([head.header("content-length"), head.header("etag")]).toEqual([String(document.length), '"a"']);
  const without = await startPreview((peer) => peer.write(html(document, 'ETag: "a"', "Accept-Ranges: bytes")));
  const { body, header } = await get(without);
  expect([body, header("etag"), header("accept-ranges")]).toEqual([document, '"a"', "bytes"]);
  expect(without.upstream.requests[0]!.header("accept-encoding")).toBe("gzip, br");
});

describe.each([
  ["with a dialer that passes the buffer on", dialLoopback],
  ["with a dialer that ignores the buffer", dialPlain],
])("%s", (_name, dial) => {
  const startHere = (script: Script) => startPreview(script, { route, gateway: { dial } });

  test("a page that is cut anywhere, in the head's packet or later, arrives the same", async () => {
    let pieces: string[] = [];
    const preview = await startHere(async (peer) => {
      for (const piece of pieces) {
        peer.write(piece);
        await new Promise(setImmediate);
      }
    });
    const small = "<!--a--><html><head>\xfc";
    const client = await preview.harness.connect();
    for (const answer of [html(small), `${chunked}${chunk(small.slice(0, 12))}${chunk(small.slice(12))}0\r\n\r\n`]) {
      const cut = fc.nat(answer.length);
      await fc.assert(
        fc.asyncProperty(fc.uniqueArray(cut, { maxLength: 6 }), async (cuts) => {
          const at = [0, ...cuts.toSorted((a, b) => a - b), answer.length];
          pieces = at.slice(1).map((end, index) => answer.slice(at[index], end));
          client.write(requestTo(preview.link, "/", ...navigation));
          expect((await client.response()).body).toBe(scripted(preview, small));
        }),
        { numRuns: 60 },
      );
    }
    for (let at = 1; at < html(small).length; at++) {
      pieces = [html(small).slice(0, at), html(small).slice(at)];
      client.write(requestTo(preview.link, "/", ...navigation));
      expect((await client.response()).body).toBe(scripted(preview, small));
    }
  });

  test("a page of 3 MB arrives whole", async () => {
    const big = document + "x".repeat(3 * 2 ** 20);
    const preview = await startHere((peer) => peer.write(html(big)));
    const { body } = await get(preview);
    expect(body === scripted(preview, big)).toBe(true);
  });
});

test("a page that streams is shown piece by piece: nothing waits for its end", async () => {
  let write = (_text: string) => {};
  const preview = await start((peer) => {
    write = (text) => peer.write(text === "" ? "0\r\n\r\n" : chunk(text));
    peer.write(chunked);
  });
  const client = await preview.harness.connect();
  client.write(requestTo(preview.link, "/", ...navigation));
  expect((await client.head()).header("transfer-encoding")).toBe("chunked");
  write("<!doctype html><html><he");
  await client.until("<html>");
  write("ad><p>shell");
  await client.until(`${printSocketScript(preview.link.route.port)}<p>shell`);
  write("<template>late</template>");
  await client.until("<template>late</template>");
  write("");
  await client.until("0\r\n\r\n");
});

test("an old client, and an app that ends its page by closing, are served too", async () => {
  const preview = await start((peer) => peer.end(`HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n${document}`));
  expect((await get(preview)).body).toBe(scripted(preview));
  const client = await preview.harness.connect();
  client.write(`GET / HTTP/1.0\r\nHost: ${preview.link.name}\r\nAccept: text/html\r\n\r\n`);
  const response = await client.response();
  expect(response.body).toBe(scripted(preview));
});

test("a page without a place for it arrives as it is", async () => {
  const bodies = ["<!doctype html>", "<he", "<\0h\0t\0m\0l\0>\0", "  "];
  const preview = await start((peer, { line }) => peer.write(html(bodies[Number(line.slice(5, 6))]!)));
  for (const [index, body] of bodies.entries()) expect((await get(preview, `/${index}`)).body).toBe(body);
});

test("a page that breaks off breaks off at the client", async () => {
  const preview = await start((peer) => {
    peer.write(html(document).slice(0, -10));
    peer.socket.destroySoon();
  });
  const client = await preview.harness.connect();
  client.write(requestTo(preview.link, "/", ...navigation));
  await client.ended();
  expect(client.waiting()).not.toContain("0\r\n\r\n");
});

test("a copy in the browser is confirmed when it has the present script, and sent anew otherwise", async () => {
  const preview = await start((peer, request) =>
    peer.write(
      request.header("if-none-match") === '"v1"'
        ? `HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\nContent-Security-Policy: script-src 'self'\r\n\r\n`
        : html(document, 'ETag: "v1"', "Content-Security-Policy: script-src 'self'"),
    ),
  );
  const first = await get(preview);
  const tag = first.header("etag")!;
  expect(tag).toBe(markTag('"v1"'));
  const confirmed = await get(preview, "/", [...navigation, `If-None-Match: ${tag}`]);
  expect([confirmed.status, confirmed.header("etag")]).toEqual([304, tag]);
  expect(confirmed.header("content-security-policy")).toBe(`script-src 'self' ${socketScriptHash}`);
  for (const stale of ['"v1"', 'W/"v1-s00000000"']) {
    const anew = await get(preview, "/", [...navigation, `If-None-Match: ${stale}`]);
    expect([anew.status, anew.body]).toEqual([200, scripted(preview)]);
  }
});

test("all content policies of a page admit the script, and its sockets where the app's own were", async () => {
  const preview = await start((peer) =>
    peer.write(
      html(
        document,
        "Content-Security-Policy: default-src 'self', connect-src ws://localhost:*",
        "Content-Security-Policy-Report-Only: script-src 'none'",
      ),
    ),
  );
  const { header } = await get(preview);
  const own = `ws://${preview.link.name}:${preview.harness.port}`;
  expect(header("content-security-policy")).toBe(
    `default-src 'self'; script-src 'self' ${socketScriptHash}; connect-src 'self' ${own}, connect-src ws://localhost:* ${own}`,
  );
  expect(header("content-security-policy-report-only")).toBe(`script-src ${socketScriptHash}`);
});

test("one connection serves pages and other requests in turn", async () => {
  const preview = await start((peer, { line }) =>
    peer.write(line.includes("/page") ? html(document) : html("{}").replace("text/html", "application/json")),
  );
  const client = await preview.harness.connect();
  for (const round of [1, 2]) {
    client.write(requestTo(preview.link, `/page${round}`, ...navigation));
    expect((await client.response()).body).toBe(scripted(preview));
    client.write(requestTo(preview.link, "/data"));
    expect((await client.response()).body).toBe("{}");
  }
  expect(preview.upstream.connections()).toBe(1);
});
