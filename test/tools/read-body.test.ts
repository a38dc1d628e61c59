import { expect, test } from "vitest";
import { readBody } from "../../src/tools/read-body.ts";

const maxBytes = 100;

function post(body: string, headers: Record<string, string> = { "content-length": String(Buffer.byteLength(body)) }) {
  return new Request("http://127.0.0.1/mcp", { method: "POST", headers, body });
}

test("JSON of declared length is read and parsed", async () => {
  const request = post('{"jsonrpc":"2.0"}');
  const read = await readBody(request, maxBytes);
  expect(read).toEqual({ request, parsedBody: { jsonrpc: "2.0" } });
});

test("null is JSON", async () => {
  expect((await readBody(post("null"), maxBytes)).parsedBody).toBeNull();
});

test.each(["", "{", "not json"])("what is no JSON (%j) is left to be read, unaltered", async (body) => {
  const request = post(body, { "content-length": String(body.length), "x-more": "kept" });
  const read = await readBody(request, maxBytes);
  expect(read).not.toHaveProperty("parsedBody");
  expect(read.request.headers.get("x-more")).toBe("kept");
  expect(await read.request.text()).toBe(body);
});

test("a body over the limit is not touched", async () => {
  const request = post(JSON.stringify("x".repeat(maxBytes)));
  expect(await readBody(request, maxBytes)).toEqual({ request });
  expect(request.bodyUsed).toBe(false);
});

test("a body without declared length, or in chunks, is not touched", async () => {
  for (const headers of [{}, { "content-length": "2", "transfer-encoding": "chunked" }]) {
    const request = post("{}", headers);
    expect(await readBody(request, maxBytes)).toEqual({ request });
    expect(request.bodyUsed).toBe(false);
  }
});

test("a request without a body is passed on", async () => {
  const request = new Request("http://127.0.0.1/mcp", { headers: { "content-length": "0" } });
  expect(await readBody(request, maxBytes)).toEqual({ request });
});

test("a caller that leaves half-way is no fault of ours", async () => {
  const body = new ReadableStream({ start: (controller) => controller.error(new Error("socket closed")) });
  const init = { method: "POST", headers: { "content-length": "20" }, body, duplex: "half" };
  await expect(readBody(new Request("http://127.0.0.1/mcp", init as RequestInit), maxBytes)).rejects.toMatchObject({
    code: "cancelled",
  });
});
