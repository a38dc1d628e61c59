import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

/** Answers, and echoes on upgraded connections. */
const server = `const { createServer } = require("node:http");
const server = createServer((request, response) => response.end("page"));
server.on("upgrade", (request, socket) => {
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: websocket\\r\\n\\r\\n");
  socket.on("error", () => {}).pipe(socket);
});
server.listen(process.env.PORT);`;
/** Secrets of the plane, which its workers' command lines and environments must not show. */
const signingKey = Buffer.alloc(32, "a-signing-key").toString("base64");
let home: PlaneHome;
let plane: PlaneProcess;
let previewUrl: string;
beforeAll(async () => {
  home = await makePlaneHome({
    DEV_PREVIEW_LOG_LEVEL: "warn",
    DEV_PREVIEW_GATEWAY_WORKERS: "2",
    DEV_PREVIEW_SIGNING_KEYS: `0:${signingKey}`,
  });
  plane = await startPlaneProcess(home);
  writeFileSync(join(home.workspace, "server.cjs"), server);
  previewUrl = (await plane.client.start({ command: "node server.cjs" })).previewUrl!;
});
afterAll(() => endHome(home));

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

const workerPids = () =>
  home.processes().flatMap(({ pid, command }) => (command.includes("workers/worker.js") ? [pid] : []));

interface Opened {
  readonly answer: string;
  readonly ended: () => boolean;
}

/** A WebSocket that this one of the workers accepts: the others are held meanwhile. */
async function openVia(pid: number): Promise<Opened> {
  const others = workerPids().filter((other) => other !== pid);
  for (const other of others) process.kill(other, "SIGSTOP");
  try {
    const socket = connect({ port: plane.gatewayPort, host: "127.0.0.1" });
    sockets.push(socket);
    let [text, ended] = ["", false];
    socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
    for (const event of ["end", "close", "error"]) socket.on(event, () => (ended = true));
    const { host } = new URL(previewUrl);
    socket.write(
      `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`,
    );
    const answer = await until("it is answered", () => text.includes("\r\n\r\n") && text);
    return { answer, ended: () => ended };
  } finally {
    for (const other of others) process.kill(other, "SIGCONT");
  }
}

test("two workers serve a preview, show no secret, and end the sockets of a revoked link in both", async () => {
  const pids = workerPids();
  expect(pids).toHaveLength(2);
  for (const pid of pids)
    for (const file of ["cmdline", "environ"])
      expect(readFileSync(`/proc/${pid}/${file}`, "latin1")).not.toContain(signingKey);
  const opened = [await openVia(pids[0]!), await openVia(pids[1]!)];
  expect(opened.map(({ answer }) => answer.slice(0, 12))).toEqual(["HTTP/1.1 101", "HTTP/1.1 101"]);
  const startedAt = performance.now();
  await plane.client.links.revokeAll();
  await until("both are cut", () => opened.every(({ ended }) => ended()), 5_000);
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  const { previewUrl: next } = await plane.client.url({});
  previewUrl = next!;
  expect((await plane.get(previewUrl)).status).toBe(200);
});

test("a worker that is killed is replaced, and no request fails meanwhile", async () => {
  const [victim] = workerPids();
  const statuses: number[] = [];
  const over = new AbortController();
  let failed = 0;
  const ask = async () => {
    // one that the victim had taken has no answer
    const answer = await plane.get(previewUrl).catch(() => undefined);
    if (answer === undefined) failed += 1;
    else statuses.push(answer.status);
  };
  const asking = (async () => {
    while (!over.signal.aborted) await ask();
  })();
  await until("requests are answered", () => statuses.length > 3);
  process.kill(victim!, "SIGKILL");
  statuses.length = 0;
  const successor = await until("another serves", () => {
    const pids = workerPids();
    return pids.length === 2 && !pids.includes(victim!) && pids;
  });
  await until("requests went on", () => statuses.length > 3);
  over.abort();
  await asking;
  expect([...new Set(statuses)]).toEqual([200]);
  expect(failed).toBeLessThanOrEqual(1);
  for (const pid of successor) expect((await openVia(pid)).answer).toMatch(/^HTTP\/1\.1 101/);
  expect(plane.log()).toContain("gateway.worker_ended");
});

test("workers end with their plane, and the next one has their port", async () => {
  const pids = workerPids();
  const { gatewayPort } = plane;
  await plane.kill9();
  await until("they have ended", () => workerPids().every((pid) => !pids.includes(pid)), 5_000);
  plane = await startPlaneProcess(home);
  expect(plane.gatewayPort).toBe(gatewayPort);
  expect((await plane.get(previewUrl)).status).toBe(200);
  await plane.client.stop({ all: true });
  await plane.stop();
  await until("nothing is left", () => workerPids().length === 0, 5_000);
});
