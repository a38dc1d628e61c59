import { constants } from "node:http2";
import { once } from "node:events";
import { expect, test } from "vitest";
import { closing } from "../support/fixture.ts";
import { mintLink, startGateway } from "../support/harness.ts";
import { answerOf, ask } from "../support/http2-ask.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";
import { connectHttp2, fixedCertificates, startTlsPreview } from "../support/tls-preview.ts";

const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";

/** Two previews behind one connection, as browsers have them under one certificate. */
async function startTwo() {
  const upstreams = [closing(await startUpstream()), closing(await startUpstream())] as const;
  const links = [mintLink(upstreams[0].port), mintLink(upstreams[1].port)] as const;
  const gateway = { certificates: fixedCertificates(), publicScheme: "https" } as const;
  const harness = closing(
    await startGateway(
      links.map(({ route }) => route),
      gateway,
    ),
  );
  const session = await connectHttp2({ harness, link: links[0] });
  return { upstreams, links, harness, session };
}

test("a link that is revoked loses its streams, and no other on the same connection does", async () => {
  const { upstreams, links, harness, session } = await startTwo();
  for (const upstream of upstreams) upstream.script((peer, { line }) => line.includes("/begun") && peer.write(head));
  const [gone, kept] = links;
  const streams = [gone, gone, kept].map(({ name }, at) =>
    session.request({ ":authority": name, ":path": at === 1 ? "/waiting" : "/begun" }),
  );
  const [begun, waiting, other] = streams;
  const ends = [answerOf(begun!), answerOf(waiting!)];
  await Promise.all([once(begun!, "data"), once(other!, "data")]);
  await expect.poll(() => upstreams[0].requests.length).toBe(2);
  harness.feed.change({ previewIds: [gone.route.previewId], routes: [] });
  const [torso, refused] = await Promise.all(ends);
  expect([torso!.status, torso!.code]).toEqual([200, constants.NGHTTP2_INTERNAL_ERROR]);
  expect([refused!.status, refused!.code]).toEqual([410, 0]);
  await expect.poll(() => upstreams[0].open()).toBe(0);
  expect([other!.closed, upstreams[1].open()]).toEqual([false, 1]);
  expect((await ask(session, { ":authority": gone.name })).status).toBe(410);
  upstreams[1].script((peer) => peer.write(ok("alive")));
  expect(String((await ask(session, { ":authority": kept.name })).body)).toBe("alive");
});

test("streams count towards the connections of a link", async () => {
  const preview = await startTlsPreview((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok())), {
    gateway: { limits: { connectionsPerPreview: 3 } },
  });
  const session = await connectHttp2(preview);
  const hanging = Array.from({ length: 3 }, () => session.request({ ":path": "/hang" }));
  for (const stream of hanging) stream.on("error", () => {});
  await expect.poll(() => preview.upstream.requests.length).toBe(3);
  const refused = await ask(session, {});
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
  hanging[0]!.close(constants.NGHTTP2_CANCEL);
  await expect.poll(async () => (await ask(session, {})).status).toBe(200);
});

test("streams count towards what their address may have under way, over all of its connections; another address goes on", async () => {
  const preview = await startTlsPreview((peer, { line }) => (line.includes("/hang") ? undefined : peer.write(ok())), {
    gateway: { limits: { connectionsPerAddress: 3 } },
  });
  const [first, second] = [await connectHttp2(preview), await connectHttp2(preview)];
  const hanging = [first, first, second].map((session) => session.request({ ":path": "/hang" }));
  for (const stream of hanging) stream.on("error", () => {});
  await expect.poll(() => preview.upstream.requests.length).toBe(3);
  const refused = await ask(second, {});
  expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "1"]);
  expect(String(refused.body)).toContain("limitAddressConnections");
  const other = await connectHttp2(preview, { localAddress: "127.0.0.2" });
  expect((await ask(other, {})).status).toBe(200);
  hanging[0]!.close(constants.NGHTTP2_CANCEL);
  await expect.poll(async () => (await ask(second, {})).status).toBe(200);
});

test("one connection is not led over the limit of its address: what is more than that waits its turn", async () => {
  const preview = await startTlsPreview(undefined, { gateway: { limits: { connectionsPerAddress: 4 } } });
  const session = await connectHttp2(preview);
  const answers = await Promise.all(
    Array.from({ length: 300 }, (_each, index) => ask(session, { ":path": `/${index}` })),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

test("guesses over one connection are slowed down, and genuine links are not", async () => {
  const now = Date.now();
  // a minute that does not end meanwhile
  const gateway = { limits: { invalidPerMinute: 3 }, clock: { now: () => now } };
  const preview = await startTlsPreview(undefined, { gateway });
  const session = await connectHttp2(preview);
  const guess = async () => (await ask(session, { ":authority": `1-${"a".repeat(48)}.preview.test` })).status;
  const statuses = [await guess(), await guess(), await guess(), await guess()];
  expect(statuses).toEqual([404, 404, 404, 429]);
  expect((await ask(session, {})).status).toBe(200);
});

test("a connection too many of its address is told so, and closed", async () => {
  const preview = await startTlsPreview(undefined, { gateway: { limits: { connectionsPerAddress: 1 } } });
  const first = await connectHttp2(preview);
  expect((await ask(first, {})).status).toBe(200);
  const second = await connectHttp2(preview);
  const closed = once(second, "close");
  expect((await ask(second, {})).status).toBe(429);
  await closed;
  expect((await ask(first, {})).status).toBe(200);
});

test("closing the gateway ends every connection", async () => {
  const { harness, session } = await startTwo();
  const closed = once(session, "close");
  await harness.gateway.close();
  await closed;
  expect(harness.gateway.openSockets()).toBe(0);
});
