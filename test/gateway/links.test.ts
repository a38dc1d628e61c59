import { describe, expect, test } from "vitest";
import { createGateway } from "../../src/gateway/gateway.ts";
import { mintToken } from "../../src/preview/links/token.ts";
import { createFakeFeed } from "./support/fake-feed.ts";
import { closing, requestTo, startPreview } from "./support/fixture.ts";
import { defaults, domain, keys, mintLink, startGateway } from "./support/harness.ts";
import { connectRaw } from "./support/raw-client.ts";
import { ok, startUpstream } from "./support/scripted-upstream.ts";

async function ask(port: number, name: string, ...lines: string[]) {
  const client = closing(await closable(port));
  client.write([`GET / HTTP/1.1`, `Host: ${name}`, ...lines, "", ""].join("\r\n"));
  return client.response();
}

async function closable(port: number) {
  const client = await connectRaw(port);
  return { ...client, close: async () => client.close() };
}

function flip(token: string, at: number): string {
  const letter = token[at] === "a" ? "b" : "a";
  return token.slice(0, at) + letter + token.slice(at + 1);
}

describe("a link whose token does not hold is answered 404, without a look at any route", () => {
  test("and its genuine twin is served", async () => {
    const { upstream, link, harness } = await startPreview((peer) => peer.write(ok("here")));
    const { port, token } = { port: upstream.port, token: link.token };
    const expiresAt = link.route.expiresAt;
    const claims = { keyId: 3, linkId: link.route.linkId, expiresAt };
    const foreignKeys = { currentId: 3, secrets: new Map([[3, Buffer.alloc(32, 8)]]) };
    const forged: Record<string, string> = {
      "signed with another key": mintToken(foreignKeys, { domain, port }, claims),
      "for another domain": mintToken(keys, { domain: "other.test", port }, claims),
      "for another port": mintToken(keys, { domain, port: port === 3000 ? 3001 : 3000 }, claims),
      truncated: token.slice(0, -1),
      "too long": `${token}a`,
      empty: "",
    };
    for (let at = 0; at < token.length; at++) forged[`altered at ${at}`] = flip(token, at);
    for (const [what, bad] of Object.entries(forged)) {
      const response = await ask(harness.port, `${port}-${bad}.${domain}`);
      expect([what, response.status, response.header("x-preview-status")]).toEqual([what, 404, "not-found"]);
    }
    expect(upstream.connections()).toBe(0);
    expect((await ask(harness.port, link.name)).body).toBe("here");
  }, 40_000);

  test("as is any other name, in the very same words", async () => {
    const { upstream, link, harness } = await startPreview();
    const forged = await ask(harness.port, `${upstream.port}-${flip(link.token, 30)}.${domain}`);
    for (const name of [
      "localhost",
      "127.0.0.1",
      domain,
      `a.${link.name}`,
      `${link.name}.evil.test`,
      link.name.replace(domain, "evil.test"),
    ]) {
      const response = await ask(harness.port, name);
      expect([response.status, response.body, response.headers]).toEqual([404, forged.body, forged.headers]);
    }
    expect(upstream.connections()).toBe(0);
  });

  test("as is a request without any host", async () => {
    const { harness } = await startPreview();
    for (const version of ["1.0", "1.1"]) {
      const client = await harness.connect();
      client.write(`GET / HTTP/${version}\r\n\r\n`);
      expect((await client.response()).status).toBe(404);
    }
  });

  test("whatever port the name says, the token is bound to one", async () => {
    const { link, harness, upstream } = await startPreview();
    for (const port of [upstream.port + 1, 22, 80]) {
      expect((await ask(harness.port, `${port}-${link.token}.${domain}`)).status).toBe(404);
    }
    expect((await ask(harness.port, link.name)).status).toBe(200);
  });

  test("but the case of the name, a port and a final dot do not matter", async () => {
    const { link, harness } = await startPreview();
    for (const name of [link.name.toUpperCase(), `${link.name}:${harness.port}`, `${link.name}.`, `${link.name}.:80`])
      expect((await ask(harness.port, name)).status).toBe(200);
  });
});

describe("a genuine link that is not live is answered 410", () => {
  test("when it was revoked", async () => {
    const { link, harness } = await startPreview();
    expect((await ask(harness.port, link.name)).status).toBe(200);
    harness.feed.change({ previewIds: [link.route.previewId], routes: [] });
    const response = await ask(harness.port, link.name);
    expect([response.status, response.header("x-preview-status"), response.header("retry-after")]).toEqual([
      410,
      "gone",
      undefined,
    ]);
  });

  test("when it expired, by the gateway's clock", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const { link, harness } = await startPreview(undefined, { gateway: { clock } });
    clock.at = link.route.expiresAt - 1;
    expect((await ask(harness.port, link.name)).status).toBe(200);
    clock.at = link.route.expiresAt;
    expect((await ask(harness.port, link.name)).status).toBe(410);
  });

  test("when the registry ends it before its token does", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const { link, harness } = await startPreview(undefined, { gateway: { clock } });
    const route = { ...link.route, expiresAt: clock.at + 1000 };
    harness.feed.change({ previewIds: [route.previewId], routes: [route] });
    expect((await ask(harness.port, link.name)).status).toBe(200);
    clock.at += 1000;
    expect((await ask(harness.port, link.name)).status).toBe(410);
  });

  test("when another token took its link id", async () => {
    const { upstream, link, harness } = await startPreview();
    const other = mintLink(upstream.port, { linkId: link.route.linkId, expiresAt: link.route.expiresAt - 60_000 });
    expect((await ask(harness.port, other.name)).status).toBe(410);
    expect((await ask(harness.port, link.name)).status).toBe(200);
  });

  test("when the registry knows it for another port", async () => {
    const { link, harness } = await startPreview(undefined);
    harness.feed.snapshot([{ ...link.route, port: link.route.port === 80 ? 81 : 80 }]);
    expect((await ask(harness.port, link.name)).status).toBe(410);
  });
});

describe("a live link is answered by the state of its preview", () => {
  const table = [
    ["starting", 503, "starting", "1"],
    ["idle", 503, "waking", "1"],
    ["crashed", 502, "crashed", undefined],
    ["stopped", 410, "gone", undefined],
  ] as const;
  test.each(table)("%s: not forwarded", async (state, status, previewStatus, retryAfter) => {
    const { upstream, link, harness } = await startPreview();
    const { listener: _gone, ...route } = link.route;
    harness.feed.snapshot([{ ...route, state }]);
    const response = await ask(harness.port, link.name);
    expect([response.status, response.header("x-preview-status"), response.header("retry-after")]).toEqual([
      status,
      previewStatus,
      retryAfter,
    ]);
    expect(upstream.connections()).toBe(0);
  });

  test.each(["starting", "ready", "unhealthy"] as const)("%s with a listener: forwarded", async (state) => {
    const { link, harness } = await startPreview();
    harness.feed.snapshot([{ ...link.route, state }]);
    expect((await ask(harness.port, link.name)).status).toBe(200);
  });
});

describe("the registry", () => {
  test("is waited for with 503, except by what is not ours; then everything is served", async () => {
    const upstream = closing(await startUpstream());
    const link = mintLink(upstream.port);
    const feed = createFakeFeed();
    const free = closing(await startUpstream());
    await free.close();
    const gateway = closing(createGateway({ ...defaults(), feed, port: free.port }));
    const listening = gateway.listen();
    await expect
      .poll(() =>
        connectRaw(free.port).then(
          (client) => client.close(),
          () => "refused",
        ),
      )
      .toBeUndefined();
    expect(gateway.ready()).toBe(false);
    const waiting = await ask(free.port, link.name);
    expect([waiting.status, waiting.header("x-preview-status"), waiting.header("retry-after")]).toEqual([
      503,
      "unavailable",
      "1",
    ]);
    expect((await ask(free.port, "stranger.test")).status).toBe(404);
    feed.snapshot([link.route]);
    await listening;
    expect(gateway.ready()).toBe(true);
    expect((await ask(free.port, link.name)).status).toBe(200);
  });

  test("in trouble leaves known links served", async () => {
    const { link, harness } = await startPreview();
    harness.feed.setHealthy(false);
    expect((await ask(harness.port, link.name)).status).toBe(200);
    expect(harness.gateway.ready()).toBe(true);
  });

  test("that cannot start ends the gateway's start", async () => {
    const feed = { ...createFakeFeed([]), start: () => Promise.reject(new Error("no database")) };
    const gateway = createGateway({ ...defaults(), feed });
    await expect(gateway.listen()).rejects.toThrow("no database");
    expect([gateway.ready(), gateway.openSockets()]).toEqual([false, 0]);
  });
});

test("a port that is taken ends the start with `listen_failed`", async () => {
  const first = closing(await startGateway([]));
  const second = createGateway({ ...defaults(), feed: createFakeFeed([]), port: first.port });
  await expect(second.listen()).rejects.toMatchObject({ code: "listen_failed" });
});

test("close cuts everything, twice as well as once", async () => {
  const { upstream, link, harness } = await startPreview(() => new Promise(() => {}));
  const client = await harness.connect();
  client.write(requestTo(link));
  await expect.poll(() => upstream.requests.length).toBe(1);
  await Promise.all([harness.gateway.close(), harness.gateway.close()]);
  await client.ended();
  await expect.poll(() => upstream.open()).toBe(0);
  expect(harness.gateway.openSockets()).toBe(0);
});
