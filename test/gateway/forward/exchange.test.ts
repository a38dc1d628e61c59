import { Socket } from "node:net";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { answers } from "../../../src/gateway/answers/answer.ts";
import type { Client } from "../../../src/gateway/client.ts";
import { Exchange } from "../../../src/gateway/forward/exchange.ts";
import { readRequestFraming } from "../../../src/gateway/forward/request-framing.ts";
import type { ClientSockets } from "../../../src/gateway/http1/client-sockets.ts";
import { createOpenCounts } from "../../../src/gateway/traffic/open-counts.ts";
import { createOpenTraffic } from "../../../src/gateway/traffic/open-traffic.ts";
import { createTrafficCounts } from "../../../src/gateway/traffic/traffic-counts.ts";
import { createUpstreamPool } from "../../../src/gateway/upstream/upstream-pool.ts";
import type { LateWrite } from "../../../src/gateway/write-batch.ts";
import { closing } from "../support/fixture.ts";
import { defaults, mintLink } from "../support/harness.ts";
import { ok, startUpstream } from "../support/scripted-upstream.ts";
import type { Script, UpstreamPeer } from "../support/scripted-upstream.ts";

/** Exchanges with one app, whose turns of the event loop end when the test says so. */
async function prepare(script: Script) {
  const peers: UpstreamPeer[] = [];
  const upstream = closing(
    await startUpstream((peer, request) => {
      peers.push(peer);
      return script(peer, request);
    }),
  );
  const { dial, clock, logger } = defaults();
  const pool = createUpstreamPool({ dial, clock, logger });
  closing({ close: async () => pool.close() });
  const waiting: LateWrite[] = [];
  const world = {
    pool,
    counts: createTrafficCounts(),
    batch: { add: (item: LateWrite) => void waiting.push(item) },
    noteUse: () => {},
    traffic: createOpenTraffic(),
    visits: createOpenTraffic(),
    previews: createOpenCounts(),
    visitors: createOpenCounts(),
    // all that an exchange asks of it
    clients: { add: () => {}, remove: () => {} } as Partial<ClientSockets> as ClientSockets,
  };
  const { route } = mintLink(upstream.port);
  const origins = { hostMode: "local", port: route.port, publicOrigin: "http://x" } as const;
  return {
    upstream,
    peers,
    route,
    /** Resolves with what the client got: the body, or the status of an answer of ours. */
    begin(method = "GET") {
      const { client, answered } = recordingClient(method);
      const headText = `${method} / HTTP/1.1\r\nHost: x\r\n\r\n`;
      const exchange = new Exchange(world, client, {
        route,
        origins,
        framing: client.framing,
        headText,
        scripted: false,
      });
      exchange.start();
      return { exchange, answered };
    },
    async endTurn() {
      await expect.poll(() => waiting.length).toBeGreaterThan(0);
      for (const item of waiting.splice(0)) item.writeLate();
    },
    isEmpty: () => waiting.length === 0,
  };
}

function recordingClient(method: string) {
  let settle: (got: string | number) => void = () => {};
  const answered = new Promise<string | number>((resolve) => (settle = resolve));
  let text = "";
  const writer = {
    head: () => {},
    body: (bytes: Buffer, { start, end }: { start: number; end: number }) =>
      void (text += bytes.toString("latin1", start, end)),
    endRead: () => true,
    holdsBytes: () => false,
    canWait: () => true,
    end: () => settle(text),
  };
  const client: Client = {
    request: { method, url: "/", rawHeaders: [], headers: {} },
    framing: readRequestFraming([]),
    socket: new Socket(),
    sharesConnection: false,
    body: Readable.from([]),
    watch: () => {},
    bytesSent: () => 0,
    gone: () => false,
    hold: () => {},
    answer: ({ status }) => settle(status),
    breakOff: () => settle("broken off"),
    trailers: () => [],
    dropBody: () => {},
    beLast: () => true,
    begun: () => false,
    sendContinue: () => {},
    takesInformation: () => true,
    sendInformation: () => {},
    writer: () => writer,
    onceDrained: () => {},
  };
  return { client, answered };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

/** Leaves a connection in the pool. */
async function warmUp(prepared: Prepared) {
  const { answered } = prepared.begin();
  await prepared.endTurn();
  await prepared.endTurn();
  await answered;
}

const numbered: Script = (peer, { index }) => peer.write(ok(`answer ${index}`));

describe("a request that waits for the end of the turn", () => {
  test("is sent once, and its answer leaves at the end of another", async () => {
    const prepared = await prepare(numbered);
    await warmUp(prepared);
    const { answered } = prepared.begin();
    await prepared.endTurn();
    await prepared.endTurn();
    expect([await answered, prepared.upstream.requests.length, prepared.upstream.connections()]).toEqual([
      "answer 1",
      2,
      1,
    ]);
  });

  test("is not sent when it is cut before", async () => {
    const prepared = await prepare(numbered);
    await warmUp(prepared);
    const { exchange, answered } = prepared.begin();
    exchange.cut(answers.gone);
    await prepared.endTurn();
    expect(await answered).toBe(410);
    await expect.poll(() => prepared.upstream.open()).toBe(0);
    expect(prepared.upstream.requests).toHaveLength(1);
  });

  test("does not take for its own what the app said before it was sent", async () => {
    const prepared = await prepare(numbered);
    await warmUp(prepared);
    const { answered } = prepared.begin();
    prepared.peers[0]?.write(ok("of nobody"));
    await expect.poll(() => prepared.upstream.connections()).toBe(2);
    await prepared.endTurn();
    await prepared.endTurn();
    await expect.poll(prepared.isEmpty).toBe(true);
    expect([await answered, prepared.upstream.requests.length]).toEqual(["answer 0", 2]);
  });

  test.each(["GET", "POST"])("is sent elsewhere when its connection is closed before: %s", async (method) => {
    const prepared = await prepare(numbered);
    await warmUp(prepared);
    const { answered } = prepared.begin(method);
    prepared.peers[0]?.socket.destroy();
    await expect.poll(() => prepared.upstream.connections()).toBe(2);
    await prepared.endTurn();
    await prepared.endTurn();
    expect([await answered, prepared.upstream.requests.length]).toEqual(["answer 0", 2]);
  });
});

describe("an answer that waits for the end of the turn", () => {
  test("leaves its connection to the next request at once", async () => {
    const prepared = await prepare(numbered);
    const first = prepared.begin();
    await prepared.endTurn();
    await expect.poll(prepared.isEmpty).toBe(false);
    const second = prepared.begin();
    await prepared.endTurn();
    await prepared.endTurn();
    expect([await first.answered, await second.answered]).toEqual(["answer 0", "answer 1"]);
    expect(prepared.upstream.connections()).toBe(1);
  });

  test("is not sent when it is cut before", async () => {
    const prepared = await prepare(numbered);
    const { exchange, answered } = prepared.begin();
    await prepared.endTurn();
    await expect.poll(prepared.isEmpty).toBe(false);
    exchange.cut(answers.gone);
    await prepared.endTurn();
    expect(await answered).toBe(410);
  });
});
