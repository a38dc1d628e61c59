import { pino } from "pino";
import { expect, test } from "vitest";
import { requestTo, startPreview } from "../support/fixture.ts";
import { ok } from "../support/scripted-upstream.ts";

function collect(level: string) {
  const lines: Record<string, unknown>[] = [];
  const logger = pino(
    { level },
    { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  return { lines, logger };
}

test("a request gets one line at level debug, without its token and its query", async () => {
  const { lines, logger } = collect("debug");
  const { harness, link } = await startPreview((peer) => peer.write(ok()), { gateway: { logger } });
  const client = await harness.connect();
  client.write(requestTo(link, "/a/b?secret=1"));
  await client.response();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({
    event: "gateway_request",
    outcome: "forward",
    status: 200,
    method: "GET",
    path: "/a/b",
    previewId: link.route.previewId,
    linkId: link.route.linkId,
    host: `${link.route.port}-[redacted].preview.test`,
  });
  expect(JSON.stringify(lines)).not.toContain(link.token);
  expect(JSON.stringify(lines)).not.toContain("secret");
});

test("refused, failed and aborted requests are told apart", async () => {
  const { lines, logger } = collect("debug");
  const { harness, link, upstream } = await startPreview(
    (peer, { line }) => (line.includes("/die") ? peer.end() : new Promise(() => {})),
    {
      gateway: { logger },
    },
  );
  const client = await harness.connect();
  client.write(requestTo({ ...link, name: "stranger.test" }) + requestTo(link, "/die"));
  await client.response();
  await client.response();
  client.write(requestTo(link, "/hang"));
  await expect.poll(() => upstream.requests.length).toBe(2);
  client.close();
  await expect.poll(() => lines.length).toBe(3);
  expect(lines.map(({ outcome, status }) => [outcome, status])).toEqual([
    ["respond", 404],
    ["forward", 502],
    ["aborted", undefined],
  ]);
});

test("with the access log on, a request gets the line at level info, with the bytes that its client was sent", async () => {
  const { lines, logger } = collect("info");
  const { harness, link } = await startPreview((peer) => peer.write(ok("x".repeat(1000))), {
    gateway: { logger, accessLevel: "info" },
  });
  const client = await harness.connect();
  for (const count of [1, 2]) {
    client.write(requestTo(link, "/a?preview_token=abc"));
    await client.response();
    await expect.poll(() => lines.length).toBe(count);
  }
  for (const line of lines) {
    expect(line).toMatchObject({ event: "gateway_request", outcome: "forward", status: 200, path: "/a" });
    expect(line["bytes"]).toBeGreaterThan(1000);
    expect(line["bytes"]).toBeLessThan(1500);
    expect(line["durationMs"]).toBeTypeOf("number");
  }
});

test("a WebSocket gets its line when it ends, with all that it brought", async () => {
  const { lines, logger } = collect("info");
  const { harness, link } = await startPreview(
    (peer) => {
      peer.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
      peer.write("y".repeat(5000));
    },
    { gateway: { logger, accessLevel: "info" } },
  );
  const client = await harness.connect();
  client.write(requestTo(link, "/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: x"));
  await client.head();
  await client.take(5000);
  expect(lines).toEqual([]);
  client.close();
  await expect.poll(() => lines.length).toBe(1);
  expect(lines[0]).toMatchObject({ outcome: "forward", status: 101, path: "/ws" });
  expect(lines[0]?.["bytes"]).toBeGreaterThan(5000);
});

test("nothing is logged for requests at level info, unless that is asked for", async () => {
  const { lines, logger } = collect("info");
  const { harness, link } = await startPreview(undefined, { gateway: { logger } });
  const client = await harness.connect();
  client.write(requestTo(link));
  await client.response();
  expect(lines).toEqual([]);
});
