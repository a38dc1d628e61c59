import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Visit } from "../../src/preview/sleep/visits.ts";
import type { NewAccess } from "../../src/preview/events/event-store.ts";
import type { RefusedByLimit } from "../../src/gateway/traffic/traffic-counts.ts";
import type { PreviewRequest } from "../../src/gateway/traffic/request-tally.ts";
import { createGatewayWorkers } from "../../src/workers/gateway-workers.ts";
import { createFakeFeed } from "../gateway/support/fake-feed.ts";
import { requestTo } from "../gateway/support/fixture.ts";
import { domain } from "../gateway/support/harness.ts";
import { until } from "../support/until.ts";
import { compileScript } from "../tools/support/compile-script.mjs";
import type { CompiledScript } from "../tools/support/compile-script.mjs";
import { defaults, isRunning, mintFor, startApp, startWorkers, upgradeTo } from "./support/workers-under-test.ts";
import type { App, Workers } from "./support/workers-under-test.ts";

let script: CompiledScript;
let app: App;
beforeAll(async () => {
  [script, app] = await Promise.all([compileScript("src/workers/worker.ts"), startApp()]);
});
afterAll(() => Promise.all([script.close(), app.close()]));

const pidsOf = ({ gateway }: Workers) => gateway.pids() as [number, number];

describe("two workers", () => {
  it("both serve, and what is open in either is cut within a second when its link is revoked", async () => {
    const [link, other] = [mintFor(app), mintFor(app)];
    const workers = await startWorkers(script.path, [link.route, other.route]);
    const [one, two] = pidsOf(workers);
    const opened = [
      await workers.via(one, upgradeTo(link)),
      await workers.via(two, upgradeTo(link)),
      await workers.via(two, requestTo(link, "/events")),
    ];
    const kept = await workers.via(two, upgradeTo(other));
    expect(opened.map(({ status }) => status)).toEqual([101, 101, 200]);
    const cut = opened.map(({ client }) => client.ended());
    const startedAt = performance.now();
    workers.feed.change({ previewIds: [link.route.previewId], routes: [] });
    await Promise.all(cut);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    for (const pid of [one, two]) expect((await workers.via(pid, requestTo(link))).status).toBe(410);
    kept.client.write("still here");
    expect(await kept.client.until("here")).toBe("still here");
  });

  it("have a route before whoever told of it goes on", async () => {
    const link = mintFor(app);
    const told: Promise<void>[] = [];
    const feed = createFakeFeed([]);
    const overheard = {
      ...feed,
      start: (listener: Parameters<typeof feed.start>[0]) =>
        feed.start({ ...listener, onChange: (change) => void told.push(Promise.resolve(listener.onChange(change))) }),
    };
    const workers = await startWorkers(script.path, undefined, { feed: overheard });
    feed.change({ previewIds: [link.route.previewId], routes: [link.route] });
    await Promise.all(told);
    for (const pid of pidsOf(workers)) expect((await workers.via(pid, requestTo(link))).status).toBe(200);
  });

  it("answer 503 until the first snapshot, which both get", async () => {
    const link = mintFor(app);
    const feed = createFakeFeed();
    const workers = { feed, gateway: createGatewayWorkers({ ...defaults(script.path), feed }) };
    const listening = workers.gateway.listen();
    expect(workers.gateway.ready()).toBe(false);
    await until("both listen", () => workers.gateway.pids().length === 2);
    feed.snapshot([link.route]);
    await listening;
    expect(workers.gateway.ready()).toBe(true);
    await workers.gateway.close();
    expect(workers.gateway.ready()).toBe(false);
  });

  it("do not start where the port is taken, and leave no process", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const gateway = createGatewayWorkers({ ...defaults(script.path), port, feed: createFakeFeed([]) });
    await expect(gateway.listen()).rejects.toMatchObject({ code: "listen_failed" });
    expect(gateway.pids()).toEqual([]);
    server.close();
  });
});

describe("a worker that is killed", () => {
  it("is replaced by one that knows the routes, while the other serves", async () => {
    const [link, later] = [mintFor(app), mintFor(app)];
    const workers = await startWorkers(script.path, [link.route]);
    workers.feed.change({ previewIds: [later.route.previewId], routes: [later.route] });
    const [one, two] = pidsOf(workers);
    const kept = await workers.via(two, upgradeTo(link));
    process.kill(one, "SIGKILL");
    await until("it is known", () => !workers.gateway.pids().includes(one));
    expect(workers.gateway.ready()).toBe(true);
    expect((await workers.via(two, requestTo(link))).status).toBe(200);
    const successor = await until("another serves", () => workers.gateway.pids().find((pid) => pid !== two));
    for (const { route, name, token } of [link, later])
      expect((await workers.via(successor, requestTo({ route, name, token }))).status).toBe(200);
    kept.client.write("still here");
    expect(await kept.client.until("here")).toBe("still here");
  });

  it("takes what it counted with it, and leaves what it did", async () => {
    const link = mintFor(app);
    const workers = await startWorkers(script.path, [link.route], { limits: { connectionsPerPreview: 1 } });
    const [one, two] = pidsOf(workers);
    await workers.via(one, upgradeTo(link));
    await until("the other knows", async () => (await workers.via(two, requestTo(link))).status !== 200);
    const { answered } = await workers.gateway.readTraffic();
    expect(answered[1]).toBe(1);
    process.kill(one, "SIGKILL");
    await until("there is room again", async () => (await workers.via(two, requestTo(link))).status === 200);
    const after = await workers.gateway.readTraffic();
    expect(after.answered[1]).toBe(1);
    expect(after.answered[2]).toBeGreaterThanOrEqual(1);
  });
});

describe("limits hold for both together", () => {
  it("of a preview", async () => {
    const [link, other] = [mintFor(app), mintFor(app)];
    const refused: RefusedByLimit[] = [];
    const workers = await startWorkers(script.path, [link.route, other.route], {
      limits: { connectionsPerPreview: 2 },
      onLimit: (limit) => refused.push(limit),
    });
    const [one, two] = pidsOf(workers);
    const { client } = await workers.via(one, upgradeTo(link));
    await workers.via(one, upgradeTo(link));
    await until("the other refuses", async () => (await workers.via(two, requestTo(link))).status !== 200);
    expect((await workers.via(two, requestTo(other))).status).toBe(200);
    await until("the plane is told", () => refused.length > 0);
    expect(refused[0]).toEqual({
      setting: "limitPreviewConnections",
      most: 2,
      previewId: link.route.previewId,
    });
    client.close();
    await until("there is room again", async () => (await workers.via(two, requestTo(link))).status === 200);
  });

  it("of an address", async () => {
    const link = mintFor(app);
    const workers = await startWorkers(script.path, [link.route], { limits: { connectionsPerAddress: 3 } });
    const [one, two] = pidsOf(workers);
    for (let count = 0; count < 3; count += 1) await workers.via(one, upgradeTo(link));
    await until("the other refuses", async () => {
      const { client, status } = await workers.via(two, requestTo(link));
      client.close();
      return status === 429;
    });
  });

  it("of wrong links in a minute", async () => {
    const wrong = `GET / HTTP/1.1\r\nHost: 3000-${"a".repeat(48)}.${domain}\r\n\r\n`;
    const now = Date.now();
    const workers = await startWorkers(script.path, [], { limits: { invalidPerMinute: 5 }, clock: { now: () => now } });
    const [one, two] = pidsOf(workers);
    const { client } = await workers.via(one, wrong);
    for (let count = 1; count < 5; count += 1) {
      client.write(wrong);
      await client.head();
    }
    await until("the other refuses", async () => (await workers.via(two, wrong)).status === 429);
  });
});

describe("what workers see", () => {
  it("is told to the plane: uses when they are asked for, visitors, and visits to what sleeps", async () => {
    const [link, sleeping] = [mintFor(app), mintFor(app, { state: "idle" })];
    const requests: PreviewRequest[] = [];
    const accesses: NewAccess[] = [];
    const visits: Visit[] = [];
    const workers = await startWorkers(script.path, [link.route, sleeping.route], {
      onRequests: (batch) => void requests.push(...batch),
      onAccesses: async (batch) => void accesses.push(...batch),
      onAsleep: async (visit) => void visits.push(visit),
    });
    const [one, two] = pidsOf(workers);
    await workers.via(one, requestTo(link));
    await workers.via(two, requestTo(link));
    await workers.via(two, requestTo(sleeping, "/", "Accept: text/html", "Sec-Fetch-Mode: navigate"));
    workers.gateway.uses.note("noted here");
    await workers.gateway.uses.flush();
    const { previewId, linkId } = link.route;
    expect(requests.map((request) => request.previewId)).toEqual([previewId, previewId, "noted here"]);
    await until("the visit is told", () => visits.length > 0);
    expect(visits).toEqual([{ previewId: sleeping.route.previewId, linkId: sleeping.route.linkId }]);
    const traffic = await workers.gateway.readTraffic();
    expect(traffic).toMatchObject({ clients: 3, aborted: 0 });
    expect(traffic.answered[2]).toBe(2);
    expect(traffic.received).toBeGreaterThan(100);
    await workers.gateway.close();
    expect(accesses).toHaveLength(2);
    expect(accesses[0]).toMatchObject({ linkId, kind: "visitor", visitor: accesses[1]!.visitor });
  });

  it("keeps the plane from judging, while one of them does not answer", async () => {
    const workers = await startWorkers(script.path, [mintFor(app).route]);
    const [one] = pidsOf(workers);
    const asked = workers.gateway.uses.flush();
    await asked;
    process.kill(one, "SIGSTOP");
    const unanswered = workers.gateway.uses.flush();
    process.kill(one, "SIGKILL");
    await expect(unanswered).rejects.toThrow();
  });
});

describe("closing", () => {
  it("ends every process; draining lets what is under way go on until its deadline", async () => {
    const link = mintFor(app);
    const workers = await startWorkers(script.path, [link.route]);
    const pids = pidsOf(workers);
    const open = await workers.via(pids[0], upgradeTo(link));
    const drained = workers.gateway.drain({ deadlineMs: 300 });
    expect(workers.gateway.ready()).toBe(false);
    open.client.write("under way");
    expect(await open.client.until("way")).toBe("under way");
    await drained;
    await workers.gateway.close();
    expect(pids.filter((pid) => isRunning(pid))).toEqual([]);
  });
});
