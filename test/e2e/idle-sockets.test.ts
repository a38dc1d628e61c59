import { execFileSync, fork } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { until } from "../support/until.ts";

const program = fileURLToPath(new URL("./support/idle-sockets.mjs", import.meta.url));
const hardLimit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
/** A gateway has two files for each WebSocket; Node takes as many as the hard limit admits. */
const count = Math.min(10_000, Math.floor((hardLimit === "unlimited" ? 1_000_000 : Number(hardLimit)) / 2) - 100);
const enough = count >= 1_000;
if (count < 10_000)
  console.log(`10,000 idle WebSockets: this machine's limit of ${hardLimit} open files admits ${count}`);

const children: ChildProcess[] = [];
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const child of children) child.kill();
});

interface Said {
  readonly port: number;
  readonly host: string;
}

interface Holding {
  readonly sockets: number;
  readonly rss: number;
}

test.skipIf(!enough)(
  `${count} idle WebSockets are held by one gateway, and each still works`,
  async () => {
    const app = await start("app");
    const gateway = await start("gateway", String(app.said.port));
    const holding = async () => await ask(gateway.child);
    await openSockets(gateway.said, 100);
    const before = await holding();
    await openSockets(gateway.said, count - 100);
    const full = await holding();
    expect(full.sockets).toBe(count * 2);
    // they stay: longer than a head may take, and than an idle connection to an app is kept
    await sleep(6_000);
    expect((await holding()).sockets).toBe(count * 2);
    const perSocket = (full.rss - before.rss) / (count - 100);
    console.log(
      `${count} idle WebSockets: ${Math.round(full.rss / 2 ** 20)} MB, ${Math.round(perSocket / 1024)} KB each`,
    );
    expect(perSocket).toBeLessThan(64 * 1024);
    await inTurn(sockets, async (socket) => {
      socket.write("ping");
      await once(socket, "data");
    });
    for (const socket of sockets) socket.destroy();
    await until("all are gone", async () => (await holding()).sockets === 0, 30_000);
  },
  150_000,
);

/** `host` is the gateway's. */
async function start(...args: string[]): Promise<{ readonly child: ChildProcess; readonly said: Said }> {
  const child = fork(program, args, { execArgv: ["--expose-gc"], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  const [said] = (await once(child, "message")) as [Said];
  return { child, said };
}

async function ask(child: ChildProcess): Promise<Holding> {
  const answer = once(child, "message") as Promise<[Holding]>;
  child.send("holding");
  return (await answer)[0];
}

async function openSockets({ port, host }: Said, more: number): Promise<void> {
  const head = `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`;
  await inTurn(Array.from({ length: more }), async () => {
    const socket = connect({ port, host: "127.0.0.1" });
    sockets.push(socket);
    socket.write(head);
    const [answer] = (await once(socket, "data")) as [Buffer];
    if (!answer.toString().startsWith("HTTP/1.1 101 ")) throw new Error(`not joined: ${answer.toString()}`);
  });
}

/** Some at a time: a listener's queue is short. */
async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const item = items[next] as T;
      next += 1;
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: 100 }, worker));
}
