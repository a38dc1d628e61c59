import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { until } from "../../support/until.ts";
import { domain, mintLink, startGateway } from "../support/harness.ts";
import { closing, requestTo, startPreview } from "../support/fixture.ts";
import type { Preview } from "../support/fixture.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";

async function ask({ harness }: Preview, text: string) {
  const client = await harness.connect();
  client.write(text);
  const response = await client.response();
  client.close();
  return response;
}

/** A minute that does not end while a test counts in it. */
const now = Date.now();
const clock = { now: () => now };
const wrong = (count: number) => `GET / HTTP/1.1\r\nHost: 3000-${"a".repeat(47)}${"abcd"[count % 4]}.${domain}\r\n\r\n`;

describe("an address that asks for links which do not exist", () => {
  it("is answered 404 up to the limit, then 429 with Retry-After, while genuine links go on", async () => {
    const preview = await startPreview((peer) => peer.write(ok("here")), {
      gateway: { limits: { invalidPerMinute: 5 }, clock },
    });
    const statuses = [];
    for (let count = 0; count < 7; count += 1) statuses.push((await ask(preview, wrong(count))).status);
    expect(statuses).toEqual([404, 404, 404, 404, 404, 429, 429]);
    const refused = await ask(preview, wrong(1));
    expect(refused.header("retry-after")).toBe("60");
    expect(refused.header("x-preview-status")).toBe("limited");
    expect(refused.body).toContain("more than 5 links in a minute");
    expect(refused.body).toContain("Wait a minute");
    expect(await ask(preview, requestTo(preview.link))).toMatchObject({ status: 200, body: "here" });
  });

  it("is told 404 again in the next minute", async () => {
    let now = 1_800_000_000_000;
    const preview = await startPreview(undefined, {
      gateway: { limits: { invalidPerMinute: 1 }, clock: { now: () => now } },
    });
    expect((await ask(preview, wrong(0))).status).toBe(404);
    expect((await ask(preview, wrong(0))).status).toBe(429);
    now += 60_000;
    expect((await ask(preview, wrong(0))).status).toBe(404);
  });

  it("is not counted for links that have ended, which are genuine", async () => {
    const preview = await startPreview(undefined, { gateway: { limits: { invalidPerMinute: 1 }, clock } });
    const ended = requestTo(mintLink(preview.upstream.port));
    for (let count = 0; count < 4; count += 1) expect((await ask(preview, ended)).status).toBe(410);
    expect((await ask(preview, wrong(0))).status).toBe(404);
  });
});

describe("a flood of wrong links", () => {
  /** From so many connections, each of which asks as soon as it is answered; by status, how many answers came. */
  async function flood({ harness }: Preview, connections: number, until: Promise<unknown>) {
    const answers: Record<string, number> = {};
    let over = false;
    const all = Array.from({ length: connections }, async (_each, index) => {
      const socket = connect({ port: harness.port, host: "127.0.0.1", localAddress: `127.0.0.${2 + (index % 8)}` });
      const ended = once(socket, "close");
      socket.on("error", () => socket.destroy());
      socket.on("data", (chunk: Buffer) => {
        for (const [, status = ""] of chunk.toString("latin1").matchAll(/^HTTP\/1\.1 (\d+)/gm)) {
          answers[status] = (answers[status] ?? 0) + 1;
          if (!over) socket.write(wrong(index));
        }
      });
      socket.write(wrong(index));
      await until;
      over = true;
      socket.destroy();
      await ended;
    });
    await Promise.all(all);
    return answers;
  }

  it("is answered at the pace of the gateway, and everybody with a genuine link is served meanwhile", async () => {
    const preview = await startPreview((peer) => peer.write(ok("here")), {
      gateway: { limits: { invalidPerMinute: 20, connectionsPerAddress: 100 }, clock },
    });
    let seconds = 0;
    const visits = (async () => {
      const startedAt = performance.now();
      const client = await preview.harness.connect();
      for (let count = 0; count < 300; count += 1) {
        client.write(requestTo(preview.link));
        expect(await client.response()).toMatchObject({ status: 200, body: "here" });
      }
      seconds = (performance.now() - startedAt) / 1000;
    })();
    const answers = await flood(preview, 160, visits);
    // 8 addresses with 20 each in a minute; then one answer of each connection in a second
    expect(answers["404"] ?? 0).toBeLessThanOrEqual(8 * 20 * (1 + Math.ceil(seconds / 60)));
    expect(answers["429"] ?? 0).toBeLessThanOrEqual(160 * Math.ceil(seconds + 1));
    expect(preview.upstream.requests).toHaveLength(300);
  });

  it("from many addresses waits as well, beyond a hundred in a second", async () => {
    const preview = await startPreview(undefined, {
      gateway: { limits: { invalidPerMinute: 1_000_000 }, clock: { now: () => 1_800_000_000_000 } },
    });
    for (let count = 0; count < 100; count += 1) expect((await ask(preview, wrong(count))).status).toBe(404);
    const startedAt = performance.now();
    expect((await ask(preview, wrong(0))).status).toBe(404);
    expect(performance.now() - startedAt).toBeGreaterThan(900);
  });
});

describe("connections of one preview", () => {
  it("are served up to the limit, the next one is refused with its value, and one that ends makes room", async () => {
    const preview = await startPreview(() => {}, { gateway: { limits: { connectionsPerPreview: 2 } } });
    const waiting = [await preview.harness.connect(), await preview.harness.connect()] as const;
    for (const client of waiting) client.write(requestTo(preview.link, "/events"));
    await until("both are under way", () => preview.upstream.connections() === 2);
    const refused = await ask(preview, requestTo(preview.link));
    expect([refused.status, refused.header("retry-after")]).toEqual([429, "1"]);
    expect(refused.body).toContain("2 requests and sockets");
    const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="];
    expect((await ask(preview, requestTo(preview.link, "/ws", ...upgrade))).status).toBe(429);
    waiting[0].close();
    const served = () => preview.upstream.requests.some(({ text }) => text.startsWith("GET /again "));
    await until("there is room again", async () => {
      const client = await preview.harness.connect();
      client.write(requestTo(preview.link, "/again"));
      return await until("it is served", served, 200).catch(() => false);
    });
  });

  it("are counted over all of its links, and not with those of another", async () => {
    const upstream = closing(await startUpstream(() => {}));
    const [first, other] = [mintLink(upstream.port), mintLink(upstream.port)];
    const second = mintLink(upstream.port, { previewId: first.route.previewId, launchId: first.route.launchId });
    const gateway = { limits: { connectionsPerPreview: 2 } };
    const harness = closing(await startGateway([first.route, second.route, other.route], gateway));
    for (const link of [first, second]) (await harness.connect()).write(requestTo(link));
    await until("both are under way", () => upstream.connections() === 2);
    for (const link of [first, second])
      expect((await ask({ harness, upstream, link }, requestTo(link))).status).toBe(429);
    (await harness.connect()).write(requestTo(other));
    await until("the other's is under way", () => upstream.connections() === 3);
  });
});
