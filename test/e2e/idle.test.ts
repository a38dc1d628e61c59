import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { server } from "../preview/support/plane-under-test.ts";
import { until } from "../support/until.ts";
import { noChromium, openChromium } from "./support/chromium.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { Answer, PlaneHome, PlaneProcess } from "./support/plane-process.ts";

const idleSeconds = 1.5;

let home: PlaneHome;
let plane: PlaneProcess;
beforeEach(async () => {
  home = await makePlaneHome({
    DEV_PREVIEW_LOG_LEVEL: "warn",
    DEV_PREVIEW_GATEWAY_WORKERS: "2",
    DEV_PREVIEW_IDLE_SECONDS: String(idleSeconds),
    DEV_PREVIEW_KEEPALIVE_MIN_SECONDS: "1",
    DEV_PREVIEW_LIMIT_PREVIEW_CONNECTIONS: "0",
    DEV_PREVIEW_LIMIT_ADDRESS_CONNECTIONS: "0",
  });
  plane = await startPlaneProcess(home);
});
afterEach(() => endHome(home));

/** A server that leaves a line for each launch. */
const counted = (habit = "well", value?: number) => `echo launched >> launches; exec ${server(habit, value)}`;
const launches = () => readFileSync(join(home.workspace, "launches"), "utf8").trim().split("\n").length;

const inState = (state: string) =>
  until(`it is ${state}`, async () => (await plane.client.list({})).previews[0]?.status === state, 30_000);

/** A visitor who loads the page again as it says. */
async function visit(url: string): Promise<Answer> {
  return await until(
    `${url} answers`,
    async () => {
      const answer = await plane.get(url);
      if (answer.headers["x-preview-status"] === undefined) return answer;
      expect(answer).toMatchObject({ status: 503, headers: { "retry-after": expect.any(String) as string } });
      await new Promise((resolve) => setTimeout(resolve, 200));
      return undefined;
    },
    60_000,
  );
}

/** Work for many, so many at a time. */
async function crowd<T>(size: number, atOnce: number, work: () => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  let begun = 0;
  async function next(): Promise<void> {
    while (begun < size) {
      begun += 1;
      done.push(await work());
    }
  }
  await Promise.all(Array.from({ length: atOnce }, next));
  return done;
}

describe("a preview that nobody visits", () => {
  it("sleeps, and a thousand visitors cause one launch and all get their answer", async () => {
    // longer than a crowd may have to wait on a busy machine
    const { previewUrl } = await plane.client.start({ command: counted("late", 1000), keepaliveSeconds: 8 });
    await inState("idle");
    const answers = await crowd(1000, 200, () => visit(previewUrl!));
    expect(answers).toHaveLength(1000);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ body }) => /\d+$/.exec(body)![0])).size).toBe(1);
    expect(launches()).toBe(2);
  });

  it("stays awake while frames pass its socket, and sleeps although the socket is open", async () => {
    writeFileSync(join(home.workspace, "server.mjs"), socketApp);
    const { previewUrl } = await plane.client.start({ command: "node server.mjs" });
    const socket = await openSocket(previewUrl!, plane.gatewayPort);
    try {
      const pings = setInterval(() => socket.say(pingFrame), 200);
      const frames = setInterval(() => socket.say(textFrame), 300);
      const quietAt = Date.now() + idleSeconds * 3000;
      while (Date.now() < quietAt) {
        expect((await plane.client.list({})).previews[0]?.status).toBe("ready");
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      clearInterval(frames);
      await inState("idle");
      clearInterval(pings);
      await socket.closed;
    } finally {
      socket.end();
    }
  });

  it("wakes by dev_preview_start on the same URL, and by a keepalive sleeps later", async () => {
    const { previewUrl } = await plane.client.start({ command: counted() });
    await inState("idle");
    const woken = await plane.client.start({ keepaliveSeconds: 3600 });
    expect(woken).toMatchObject({ status: "ready", previewUrl });
    expect(Date.parse(woken.idleAt!) - Date.now()).toBeGreaterThan(3_500_000);
  });
});

if (noChromium !== undefined) console.warn(`skipped: ${noChromium}`);

describe.skipIf(noChromium !== undefined)("in a browser", () => {
  it("a sleeping preview shows that it wakes up, then itself, without anybody's doing", async () => {
    const { previewUrl } = await plane.client.start({ command: counted("late", 1500), keepaliveSeconds: 5 });
    await inState("idle");
    const browser = await openChromium();
    try {
      const page = await browser.newPage();
      await page.goto(previewUrl!);
      expect(await page.textContent("h1")).toBe("Waking up");
      await until("the app is there", async () => (await page.title()) === "late", 30_000);
      expect(launches()).toBe(2);
    } finally {
      await browser.close();
    }
  });
});

describe("kill -9 of the plane", () => {
  it("in the middle of an idle stop leaves nothing that runs, and a link that wakes", async () => {
    const { previewUrl } = await plane.client.start({ command: counted("ignores-term") });
    await inState("idle");
    await plane.kill9();
    plane = await startPlaneProcess(home);
    expect((await visit(previewUrl!)).status).toBe(200);
    const running = home.processes().filter(({ command }) => command.includes("server.mjs"));
    expect(running).toHaveLength(1);
    expect(launches()).toBe(2);
  });

  it("at any moment of a wake leaves a preview that serves, or that the next visit wakes", async () => {
    const { previewUrl } = await plane.client.start({ command: counted(), keepaliveSeconds: idleSeconds });
    for (const delayMs of [0, 10, 30, 60, 120]) {
      await inState("idle");
      await until("its server is gone", () => !home.processes().some(({ command }) => command.includes("server.mjs")));
      await plane.get(previewUrl!);
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await plane.kill9();
      plane = await startPlaneProcess(home);
      expect((await visit(previewUrl!)).status, `killed ${delayMs} ms after the visit`).toBe(200);
    }
    expect(home.processes().filter(({ command }) => command.includes("server.mjs"))).toHaveLength(1);
  });
});

const pingFrame = Buffer.from([0x89, 0x80, 0, 0, 0, 0]);
const textFrame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);

/** Takes sockets, and says nothing. */
const socketApp = `import { createServer } from "node:http";
import { createHash } from "node:crypto";
const server = createServer((_, response) => response.end("app"));
server.on("upgrade", (request, socket) => {
  const accept = createHash("sha1")
    .update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")
    .digest("base64");
  socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
  socket.on("error", () => {}).resume();
});
server.listen(Number(process.env.PORT));
`;

interface OpenSocket {
  say(frame: Buffer): void;
  /** Resolves when the gateway closed it. */
  readonly closed: Promise<void>;
  end(): void;
}

function openSocket(url: string, gatewayPort: number): Promise<OpenSocket> {
  const { host } = new URL(url);
  const head = [
    "GET / HTTP/1.1",
    `Host: ${host}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(gatewayPort, "127.0.0.1", () => socket.write(`${head.join("\r\n")}\r\n\r\n`));
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.on("error", reject);
    socket.once("data", (answer: Buffer) => {
      if (!answer.toString("latin1").startsWith("HTTP/1.1 101 ")) return reject(new Error(answer.toString("latin1")));
      return resolve({ say: (frame) => void socket.write(frame), closed, end: () => socket.destroy() });
    });
  });
}
