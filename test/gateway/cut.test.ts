import { describe, expect, test } from "vitest";
import { closing, requestTo, startPreview } from "./support/fixture.ts";
import type { Preview } from "./support/fixture.ts";
import { mintLink, startGateway } from "./support/harness.ts";
import type { RawClient } from "./support/raw-client.ts";
import { ok, startUpstream } from "./support/scripted-upstream.ts";
import type { Script } from "./support/scripted-upstream.ts";

const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: x"];
const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

/** One app for all kinds of open traffic. */
const app: Script = (peer, { line, header }) => {
  if (header("upgrade") !== undefined) return peer.write(`${switching}open`);
  if (line.includes("/sse")) return peer.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nopen\r\n");
  if (line.includes("/download")) return peer.write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\nopen");
  if (line.includes("/hang")) return new Promise(() => {});
  return peer.write(ok());
};

async function openAll({ harness, link }: Pick<Preview, "harness" | "link">): Promise<RawClient[]> {
  const requests = [requestTo(link, "/hmr", ...upgrade), requestTo(link, "/sse"), requestTo(link, "/download")];
  const clients: RawClient[] = [];
  for (const request of requests) {
    const client = await harness.connect();
    client.write(request);
    await client.until("open");
    clients.push(client);
  }
  return clients;
}

/** Milliseconds until every client saw its end. */
async function cutTime(clients: readonly RawClient[], startedAt: number): Promise<number> {
  await Promise.all(clients.map((client) => client.ended()));
  return performance.now() - startedAt;
}

describe("WebSocket, events and a download that are open", () => {
  test("are cut within a second when their link is revoked; those of another link stay", async () => {
    const preview = await startPreview(app);
    const { harness, link, upstream } = preview;
    const other = mintLink(upstream.port, { previewId: link.route.previewId, launchId: link.route.launchId });
    harness.feed.change({ previewIds: [link.route.previewId], routes: [link.route, other.route] });
    const cut = await openAll(preview);
    const kept = await openAll({ harness, link: other });
    const startedAt = performance.now();
    harness.feed.change({ previewIds: [link.route.previewId], routes: [other.route] });
    expect(await cutTime(cut, startedAt)).toBeLessThan(1000);
    await expect.poll(() => upstream.open()).toBe(kept.length);
    expect(kept.map((client) => client.socket.readableEnded)).toEqual([false, false, false]);
  });

  test("are cut on the app's side too", async () => {
    const preview = await startPreview(app);
    await openAll(preview);
    preview.harness.feed.change({ previewIds: [preview.link.route.previewId], routes: [] });
    await expect.poll(() => preview.upstream.open()).toBe(0);
  });

  test.each([
    ["a snapshot leaves their link out", (preview: Preview) => preview.harness.feed.snapshot([])],
    ["their link goes to another launch", (preview: Preview) => change(preview, { launchId: "another" })],
    ["their preview crashes", (preview: Preview) => change(preview, { state: "crashed" })],
    ["their preview falls asleep", (preview: Preview) => change(preview, { state: "idle" })],
  ])("are cut within a second when %s", async (_what, act) => {
    const preview = await startPreview(app);
    const clients = await openAll(preview);
    const startedAt = performance.now();
    act(preview);
    expect(await cutTime(clients, startedAt)).toBeLessThan(1000);
  });

  test.each([
    ["its preview becomes unhealthy", (preview: Preview) => change(preview, { state: "unhealthy" })],
    ["a snapshot repeats their link", (preview: Preview) => preview.harness.feed.snapshot([preview.link.route])],
    [
      "another preview changes",
      (preview: Preview) => preview.harness.feed.change({ previewIds: ["other"], routes: [] }),
    ],
  ])("stay open when %s", async (_what, act) => {
    const preview = await startPreview(app);
    const clients = await openAll(preview);
    act(preview);
    expect(await Promise.race([...clients.map((client) => client.ended()), soon()])).toBe("still open");
  });

  test("are cut within a second of their link's expiry", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const preview = await startPreview(app, { gateway: { clock } });
    const clients = await openAll(preview);
    clock.at = preview.link.route.expiresAt - 1;
    expect(await Promise.race([...clients.map((client) => client.ended()), soon()])).toBe("still open");
    clock.at = preview.link.route.expiresAt;
    expect(await cutTime(clients, performance.now())).toBeLessThan(1000);
  });
});

test("a request that waits for its answer is answered 410 when its link is revoked", async () => {
  const { harness, link, upstream } = await startPreview(app);
  const client = await harness.connect();
  client.write(requestTo(link, "/hang"));
  await expect.poll(() => upstream.requests.length).toBe(1);
  harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
  expect((await client.response()).status).toBe(410);
  await expect.poll(() => upstream.open()).toBe(0);
});

test.each([
  ["502 crashed when the preview crashes", { state: "crashed" as const }, 502, "crashed"],
  ["503 starting when the link follows to a new launch", { launchId: "next" }, 503, "starting"],
])("a request that waits for its answer is answered %s, as its link lives on", async (_what, fields, status, told) => {
  const { harness, link, upstream } = await startPreview(app);
  const client = await harness.connect();
  client.write(requestTo(link, "/hang"));
  await expect.poll(() => upstream.requests.length).toBe(1);
  harness.feed.change({ previewIds: [link.route.previewId], routes: [{ ...link.route, ...fields }] });
  const answer = await client.response();
  expect([answer.status, answer.header("x-preview-status")]).toEqual([status, told]);
});

describe("connections kept to an app", () => {
  test("are never used for another launch on the same port", async () => {
    const upstream = closing(await startUpstream((peer, { index }) => peer.write(ok(String(index)))));
    const old = mintLink(upstream.port);
    const next = mintLink(upstream.port);
    const harness = closing(await startGateway([old.route, next.route]));
    const client = await harness.connect();
    const ask = async (link: typeof old) => {
      client.write(requestTo(link));
      return (await client.response()).body;
    };
    expect([await ask(old), await ask(old)]).toEqual(["0", "1"]);
    expect(await ask(next)).toBe("0");
    expect([await ask(old), await ask(next)]).toEqual(["2", "1"]);
    expect(upstream.connections()).toBe(2);
  });

  test("are closed when their launch is gone", async () => {
    const { harness, link, upstream } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.response();
    expect(upstream.open()).toBe(1);
    harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
    await expect.poll(() => upstream.open()).toBe(0);
  });

  test("survive a new link of the same launch", async () => {
    const { harness, link, upstream } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.response();
    const rotated = mintLink(upstream.port, { previewId: link.route.previewId, launchId: link.route.launchId });
    harness.feed.change({ previewIds: [link.route.previewId], routes: [rotated.route] });
    client.write(requestTo(rotated));
    expect((await client.response()).status).toBe(200);
    expect(upstream.connections()).toBe(1);
  });

  test("are closed after a few idle seconds, before the app closes them", async () => {
    const { harness, link, upstream } = await startPreview();
    const client = await harness.connect();
    client.write(requestTo(link));
    await client.response();
    expect(upstream.open()).toBe(1);
    await expect.poll(() => upstream.open(), { timeout: 8_000 }).toBe(0);
    client.write(requestTo(link));
    expect((await client.response()).status).toBe(200);
  });
});

function change({ harness, link }: Preview, route: Partial<Preview["link"]["route"]>): void {
  harness.feed.change({ previewIds: [link.route.previewId], routes: [{ ...link.route, ...route }] });
}

/** Longer than a sweep of expired links takes to come. */
function soon(): Promise<string> {
  return new Promise((resolve) => {
    setTimeout(() => resolve("still open"), 600);
  });
}
