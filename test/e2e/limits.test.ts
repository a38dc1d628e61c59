import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

/** Never answers /hang. */
const server = `require("node:http").createServer((q, r) => q.url === "/hang" || r.end("page")).listen(process.env.PORT);`;
let home: PlaneHome;
let plane: PlaneProcess;
let host: string;
beforeAll(async () => {
  home = await makePlaneHome({
    DEV_PREVIEW_LOG_LEVEL: "warn",
    // several would know of each other's only some milliseconds later
    DEV_PREVIEW_GATEWAY_WORKERS: "1",
    DEV_PREVIEW_LIMIT_ADDRESS_CONNECTIONS: "3",
    DEV_PREVIEW_LIMIT_PREVIEW_CONNECTIONS: "4",
    DEV_PREVIEW_LIMIT_INVALID_LINKS: "2",
    DEV_PREVIEW_LIMIT_HEAD_BYTES: "4096",
    DEV_PREVIEW_LIMIT_HEAD_SECONDS: "1",
  });
  plane = await startPlaneProcess(home);
  await writeFile(join(home.workspace, "server.cjs"), server);
  const { previewUrl } = await plane.client.start({ command: "node server.cjs" });
  ({ host } = new URL(previewUrl!));
});
afterAll(() => endHome(home));

const sockets: Socket[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

interface Said {
  readonly socket: Socket;
  text(): string;
}

/** From an address of its own, so that no test takes the connections of another, or of the plane itself. */
function say(head: string, localAddress: string): Said {
  const socket = connect({ port: plane.gatewayPort, host: "127.0.0.1", localAddress });
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => socket.destroy());
  socket.write(head);
  sockets.push(socket);
  return { socket, text: () => text };
}

async function answerTo(head: string, localAddress: string): Promise<string> {
  const said = say(head, localAddress);
  return await until("it is answered", () => said.text() !== "" && said.text());
}

const get = (more = "") => `GET / HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;
const hang = () => `GET /hang HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
const linux = process.platform === "linux";

test.runIf(linux)("the limits of a plane's settings hold at its gateway", async () => {
  expect(await answerTo(get(), "127.0.0.2")).toMatch(/^HTTP\/1\.1 200 /);
  expect(await answerTo(get(`X-Fill: ${"v".repeat(4096)}\r\n`), "127.0.0.2")).toMatch(
    /^HTTP\/1\.1 431 [^]*"limitHeadBytes","most":4096/,
  );
  expect(await answerTo(`GET / HTTP/1.1\r\nHost: ${host}\r\n`, "127.0.0.2")).toMatch(
    /^HTTP\/1\.1 408 [^]*"limitHeadSeconds","most":1/,
  );
  const wrong = get().replace(host, `3000-${"a".repeat(48)}.localhost`);
  for (const status of [404, 404, 429])
    expect(await answerTo(wrong, "127.0.0.3")).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(await answerTo(get(), "127.0.0.3")).toMatch(/^HTTP\/1\.1 200 /);
});

test.runIf(linux)("one link has as many requests under way as it may, and more once one ends", async () => {
  const [first] = ["127.0.0.4", "127.0.0.4", "127.0.0.5", "127.0.0.5"].map((address) => say(hang(), address));
  await until("the link is full", async () => isFull(await answerTo(get(), "127.0.0.6"), "limitPreviewConnections", 4));
  first?.socket.destroy();
  await until("there is room", async () => (await answerTo(get(), "127.0.0.6")).startsWith("HTTP/1.1 200 "));
});

test.runIf(linux)("one address has as many connections as it may, and more once one ends", async () => {
  const [first] = [1, 2, 3].map(() => say(hang(), "127.0.0.7"));
  await until("it is full", async () => isFull(await answerTo(get(), "127.0.0.7"), "limitAddressConnections", 3));
  first?.socket.destroy();
  await until("there is room", async () => (await answerTo(get(), "127.0.0.7")).startsWith("HTTP/1.1 200 "));
});

function isFull(answer: string, limit: string, most: number): boolean {
  return answer.startsWith("HTTP/1.1 429 ") && answer.includes(`"limit":"${limit}","most":${most}`);
}
