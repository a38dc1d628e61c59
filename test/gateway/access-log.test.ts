import { pino } from "pino";
import { expect, test } from "vitest";
import { requestTo, startPreview } from "./support/fixture.ts";
import { ok } from "./support/scripted-upstream.ts";

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

test("nothing is logged for requests at level info", async () => {
  const { lines, logger } = collect("info");
  const { harness, link } = await startPreview(undefined, { gateway: { logger } });
  const client = await harness.connect();
  client.write(requestTo(link));
  await client.response();
  expect(lines).toEqual([]);
});
