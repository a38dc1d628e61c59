import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:http2";
import { Agent, request } from "node:https";
import type { RequestOptions } from "node:https";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { closing } from "./support/fixture.ts";
import { mintLink, startGateway } from "./support/harness.ts";
import type { Harness, MintedLink } from "./support/harness.ts";
import { ask } from "./support/http2-ask.ts";
import { watchTimers } from "./support/open-timers.ts";
import { fixedCertificates } from "./support/tls-preview.ts";

/** What is built once, such as compiled code and contexts of TLS, is there by then. */
const warmUpMs = 12_000;
const soakMs = 20_000;
const visitors = 12;
const large = Buffer.alloc(300_000, 120);

const rejections: unknown[] = [];
const onRejection = (reason: unknown): void => void rejections.push(reason);
beforeAll(() => void process.on("unhandledRejection", onRejection));
afterAll(() => void process.off("unhandledRejection", onRejection));

/** Answers large and small, hangs on `/hang`, and says back what its sockets hear. */
async function startApp(): Promise<number> {
  const server = createServer((asked, response) => {
    asked.resume();
    if (asked.url === "/hang") response.write("part");
    else response.end(asked.url === "/large" ? large : "ok");
  });
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    // `close` follows
    socket.on("error", () => {});
    socket.on("message", (data) => socket.send(data));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing({
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
  return (server.address() as AddressInfo).port;
}

interface Place {
  readonly harness: Harness;
  readonly link: MintedLink;
  readonly agent: Agent;
}

type Visit = (place: Place) => Promise<unknown>;

/** One request of HTTP/1.1; resolves when it is over in whatever way. */
const asks =
  (options: RequestOptions, { body, leavesAfterMs }: { body?: Buffer; leavesAfterMs?: number } = {}): Visit =>
  ({ harness: { port }, link: { name }, agent }) =>
    new Promise((resolve) => {
      const headers = { host: name };
      const where = { host: "127.0.0.1", port, servername: name, headers, agent, rejectUnauthorized: false };
      const asked = request({ ...where, ...options }, (response) => response.resume());
      // a stop breaks requests off
      asked.on("error", () => {}).on("close", resolve);
      asked.end(body);
      if (leavesAfterMs !== undefined) setTimeout(() => asked.destroy(), leavesAfterMs);
    });

const opensSocket =
  (leave: (socket: WebSocket) => void): Visit =>
  ({ harness: { port }, link: { name } }) =>
    new Promise((resolve) => {
      const options = { headers: { Host: name }, servername: name, rejectUnauthorized: false };
      const socket = new WebSocket(`wss://127.0.0.1:${port}/`, options);
      // a stop refuses it
      socket.on("error", () => {}).on("close", resolve);
      socket.on("open", () => socket.send(large));
      socket.on("message", () => leave(socket));
    });

const speaksHttp2: Visit = async ({ harness: { port }, link: { name } }) => {
  // options of the TLS connection, which the types of a session leave out
  const where = { host: "127.0.0.1", port, servername: name, rejectUnauthorized: false };
  const session = connect(`https://${name}:${port}`, where);
  // a stop may break it off
  session.on("error", () => {});
  const paths = ["/", "/large", "/", "/large"];
  await Promise.all(paths.map((path) => ask(session, { ":path": path })));
  session.request({ ":path": "/hang" }).on("error", () => {});
  await sleep(5);
  session.destroy();
};

const visits: readonly Visit[] = [
  asks({ path: "/" }),
  asks({ path: "/large" }),
  asks({ path: "/", method: "POST" }, { body: large }),
  asks({ path: "/hang" }, { leavesAfterMs: 20 }),
  asks({ path: "/large" }, { leavesAfterMs: 2 }),
  opensSocket((socket) => socket.close(1000)),
  opensSocket((socket) => socket.terminate()),
  speaksHttp2,
];

/** Visits of every kind, while the preview is stopped and started again as another launch; the number of them. */
async function soak(place: Place, durationMs: number): Promise<number> {
  const { harness, link } = place;
  const until = performance.now() + durationMs;
  let count = 0;
  const crowd = Array.from({ length: visitors }, async (_, at) => {
    for (; performance.now() < until; count++) await visits[(at + count) % visits.length]!(place);
  });
  for (let launch = 0; performance.now() < until; launch++) {
    await sleep(500);
    const previewIds = [link.route.previewId];
    harness.feed.change({ previewIds, routes: [] });
    await sleep(20);
    harness.feed.change({ previewIds, routes: [{ ...link.route, launchId: `launch-${launch}` }] });
  }
  await Promise.all(crowd);
  return count;
}

/** Bytes in use after a collection, buffers included. */
async function usedBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 4; round++) {
    collect();
    await sleep(50);
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("mixed traffic through stops and restarts leaves memory, sockets and timers as they were", async () => {
  const timers = watchTimers("/src/gateway/");
  const link = mintLink(await startApp());
  const limits = { headSeconds: 2 };
  const gateway = { certificates: fixedCertificates(), publicScheme: "https", limits } as const;
  const harness = closing(await startGateway([link.route], gateway));
  const agent = new Agent({ keepAlive: true, maxSockets: visitors });
  const place = { harness, link, agent };
  const timersBefore = timers.count();
  const settled = async () => {
    agent.destroy();
    await expect.poll(() => harness.gateway.openSockets(), { timeout: 10_000 }).toBe(0);
    await expect.poll(() => timers.count() - timersBefore, { timeout: 5_000 }).toBe(0);
    return await usedBytes();
  };
  await soak(place, warmUpMs);
  const before = await settled();
  const count = await soak(place, soakMs);
  const after = await settled();
  timers.stop();
  expect(count).toBeGreaterThan(100);
  expect(after / before, `${before} bytes before, ${after} after ${count} visits`).toBeLessThan(1.1);
  expect(rejections).toEqual([]);
}, 90_000);
