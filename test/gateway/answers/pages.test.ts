import { expect, test } from "vitest";
import { answers } from "../../../src/gateway/answers/answer.ts";
import { bodyKindFor, renderAnswer } from "../../../src/gateway/answers/pages.ts";
import { requestTo, startPreview } from "../support/fixture.ts";

test.each([
  ["a navigation", { "sec-fetch-dest": "document", "sec-fetch-mode": "navigate", accept: "text/html,*/*" }, "html"],
  ["a frame", { "sec-fetch-dest": "iframe" }, "html"],
  ["a navigation of an older browser", { accept: "text/html,application/xhtml+xml,*/*;q=0.8" }, "html"],
  ["fetch", { "sec-fetch-dest": "empty", "sec-fetch-mode": "cors", accept: "*/*" }, "json"],
  ["fetch that would take HTML", { "sec-fetch-dest": "empty", accept: "text/html" }, "json"],
  ["XHR", { "x-requested-with": "XMLHttpRequest", accept: "text/html" }, "json"],
  ["curl", { accept: "*/*" }, "json"],
  ["a client that accepts nothing in particular", {}, "json"],
  ["a client that wants JSON", { accept: "application/json, text/plain, */*" }, "json"],
  ["a script", { "sec-fetch-dest": "script", accept: "*/*" }, "empty"],
  ["a style sheet", { "sec-fetch-dest": "style", accept: "text/css,*/*;q=0.1" }, "empty"],
  ["a style sheet without Sec-Fetch", { accept: "text/css,*/*;q=0.1" }, "empty"],
  ["an image", { "sec-fetch-dest": "image", accept: "image/avif,image/webp,*/*;q=0.8" }, "empty"],
  ["an image without Sec-Fetch", { accept: "image/avif,image/webp,*/*;q=0.8" }, "empty"],
  ["a font", { "sec-fetch-dest": "font" }, "empty"],
  ["an event stream", { accept: "text/event-stream" }, "empty"],
])("%s gets what it can use", (_who, headers, kind) => {
  expect(bodyKindFor(headers)).toBe(kind);
});

test("no answer is a success, and each carries its status, its length in bytes and no cookie", () => {
  for (const answer of Object.values(answers)) {
    for (const kind of ["html", "json", "empty"] as const) {
      const { status, headers, body } = renderAnswer(answer, kind);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(headers[headers.indexOf("X-Preview-Status") + 1]).toBe(answer.previewStatus);
      expect(Number(headers[headers.indexOf("Content-Length") + 1])).toBe(Buffer.byteLength(body));
      expect(headers[headers.indexOf("Cache-Control") + 1]).toBe("no-store");
      expect(headers).not.toContain("Set-Cookie");
    }
  }
});

test("a page loads nothing, runs nothing and reloads only where waiting helps", () => {
  const page = renderAnswer(answers.starting, "html");
  expect(page.headers[page.headers.indexOf("Content-Security-Policy") + 1]).toMatch(
    /^default-src 'none'; style-src 'sha256-/,
  );
  expect(page.body).toContain('http-equiv="refresh" content="1"');
  expect(page.body).not.toMatch(/<script|src=|href=|url\(/i);
  for (const answer of [answers.gone, answers.notFound, answers.crashed])
    expect(renderAnswer(answer, "html").body).not.toContain("refresh");
});

test("texts are escaped", () => {
  const { body } = renderAnswer({ ...answers.gone, title: `<img src="x">`, text: `a & 'b'` }, "html");
  expect(body).toContain("<h1>&lt;img src=&quot;x&quot;&gt;</h1><p>a &amp; &#39;b&#39;</p>");
});

test("a HEAD for a page gets its length and no body", async () => {
  const { harness, link } = await startPreview();
  harness.feed.snapshot([]);
  const client = await harness.connect();
  client.write(requestTo(link, "HEAD /", "Accept: text/html"));
  expect(Number((await client.response("HEAD")).header("content-length"))).toBeGreaterThan(100);
  client.write(requestTo(link, "/", "Accept: text/html"));
  expect((await client.response()).body).toContain("<h1>This link has ended</h1>");
});
