import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { Agent, createServer } from "node:http";
import type { Server } from "node:http";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { server } from "../preview/support/plane-under-test.ts";
import { processesWithEnv } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { Answer, PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { rawRequest, rawUpgrade } from "./support/raw-request.ts";

const watchedMs = 3000;
const sharing = `python3 ${fileURLToPath(new URL("../fixtures/servers/shares-port.py", import.meta.url))}`;

let home: PlaneHome;
let plane: PlaneProcess;
let stranger: Stranger | undefined;
beforeEach(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  plane = await startPlaneProcess(home);
});
afterEach(async () => {
  stranger?.close();
  await endHome(home);
});

describe("a port that another process took over", () => {
  it.each(["0.0.0.0", "127.0.0.1", "::"])("on %s is never reached by the old link", async (address) => {
    const { previewUrl = "", port = 0 } = await plane.client.start({ command: server("well") });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const to = { port: plane.gatewayPort, headers: { host: new URL(previewUrl).host } };
    expect((await rawRequest({ ...to, agent })).status).toBe(200);
    for (const { pid } of devServer()) process.kill(pid, "SIGKILL");
    stranger = await takePort(port, address);
    const answers = await Promise.all([
      askAllTheTime(() => rawRequest(to)),
      askAllTheTime(() => rawRequest({ ...to, agent })),
      askAllTheTime(() => rawRequest({ ...to, method: "POST", body: "secret", agent })),
      askAllTheTime(() => rawUpgrade(to)),
    ]);
    agent.destroy();
    for (const each of answers) {
      expect(each.length).toBeGreaterThan(20);
      expect(each.filter(({ body }) => body.includes("stranger"))).toEqual([]);
      expect(each.filter(({ status }) => status !== 502 && status !== 410)).toEqual([]);
    }
    expect(stranger.heard()).toBe("");
  });

  it("is left to that process, and the preview starts again on another one", async () => {
    const before = await plane.client.start({ command: server("well") });
    for (const { pid } of devServer()) process.kill(pid, "SIGKILL");
    stranger = await takePort(before.port!, "0.0.0.0");
    await until("the crash is known", async () => (await plane.client.get()).status === "crashed");
    expect(await plane.client.url({ port: before.port! })).not.toHaveProperty("previewUrl");
    const again = await plane.client.start({ command: server("well") });
    expect(again).toMatchObject({ serving: true, previewId: before.previewId });
    expect(again.port).not.toBe(before.port);
    expect((await plane.get(again.previewUrl!)).body).toContain("well");
    expect((await plane.get(before.previewUrl!)).status).toBe(410);
    expect((await rawRequest({ port: before.port! })).body).toBe("stranger");
    expect(stranger.heard()).toBe("GET / ");
  });

  it("before the start asked for it is refused by name, and nothing is launched", async () => {
    stranger = await takePort(0, "0.0.0.0");
    const refused = await plane.client.start({ command: server("well"), port: stranger.port });
    expect(refused).toMatchObject({ serving: false, status: "crashed", problems: [{ code: "port_in_use" }] });
    expect(refused.problems[0]!.message).toContain(`pid ${process.pid}`);
    expect(refused).not.toHaveProperty("previewUrl");
    expect(devServer()).toEqual([]);
    expect(stranger.heard()).toBe("");
  });
});

const canShare = spawnSync("python3", ["-V"]).status === 0;

describe("a port that another process of the same user shares", () => {
  it.skipIf(!canShare)(`is not served as long as it does ${canShare ? "" : "(needs python3)"}`, async () => {
    const { previewUrl = "", port = 0 } = await plane.client.start({ command: `${sharing} 127.0.0.1 well` });
    const to = { port: plane.gatewayPort, headers: { host: new URL(previewUrl).host } };
    expect(await rawRequest(to)).toMatchObject({ status: 200, body: "well" });
    const env = { ...process.env, PORT: String(port) };
    const sharer = spawn("/bin/sh", ["-c", `exec ${sharing} 127.0.0.1 stranger`], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(sharer.stdout, "data");
    const answers = await askAllTheTime(() => rawRequest(to));
    expect(answers.filter(({ status, body }) => status !== 502 || body.includes("stranger"))).toEqual([]);
    sharer.kill("SIGKILL");
    await once(sharer, "close");
    await until("it is served again", async () => (await rawRequest(to)).body === "well");
  });
});

/** Every process that the launch started. */
const devServer = () => processesWithEnv("DEV_PREVIEW_LAUNCH_ID=", `PWD=${home.workspace}`);

interface Stranger {
  readonly port: number;
  /** Method and path of every request that reached it, and every byte of anything else. */
  heard(): string;
  close(): void;
}

/** A server that answers everything with `stranger`, on a port as soon as nobody has it any more. */
function takePort(port: number, address: string): Promise<Stranger> {
  let heard = "";
  const listening = createServer((request, response) => {
    heard += `${request.method} ${request.url} `;
    response.end("stranger");
  });
  listening.on("upgrade", (request, socket) => {
    heard += `upgrade ${request.url} `;
    socket.end("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nstranger");
  });
  listening.on("clientError", (_, socket) => {
    heard += "unreadable ";
    socket.destroy();
  });
  const close = () => {
    listening.closeAllConnections();
    listening.close();
  };
  return until("the port is taken over", async () => {
    const bound = await bind(listening, port, address);
    return bound === undefined ? undefined : { port: bound, heard: () => heard, close };
  });
}

/** The port, or undefined while somebody else has it. */
function bind(listening: Server, port: number, address: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) =>
      error.code === "EADDRINUSE" ? resolve(undefined) : reject(error);
    listening.once("error", onError);
    listening.listen(port, address, () => {
      listening.off("error", onError);
      const bound = listening.address();
      resolve(typeof bound === "object" ? bound?.port : undefined);
    });
  });
}

async function askAllTheTime(ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers: Answer[] = [];
  const deadline = Date.now() + watchedMs;
  while (Date.now() < deadline) answers.push(await ask());
  return answers;
}
