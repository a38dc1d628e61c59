import { expect, test } from "vitest";
import { ask } from "../support/http2-ask.ts";
import { connectHttp2, startTlsPreview } from "../support/tls-preview.ts";

test("an answer of our own to a HEAD over HTTP/2 has no body", async () => {
  const preview = await startTlsPreview();
  const session = await connectHttp2(preview);
  const answer = await ask(session, { ":method": "HEAD", ":authority": "0-x.preview.test", accept: "text/html" });
  expect([answer.status, answer.body.length, answer.code]).toEqual([404, 0, 0]);
});

test("an answer of our own over HTTP/2 is a page for a document and JSON for code", async () => {
  const preview = await startTlsPreview(undefined, { route: { state: "crashed" } });
  const session = await connectHttp2(preview);
  const page = await ask(session, { accept: "text/html" });
  expect([page.status, page.headers["x-preview-status"]]).toEqual([502, "crashed"]);
  expect(String(page.body)).toContain("<title>The dev server has ended</title>");
  expect(JSON.parse(String((await ask(session, { "sec-fetch-dest": "empty" })).body)).status).toBe(502);
});
