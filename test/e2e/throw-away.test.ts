import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { server } from "../preview/support/plane-under-test.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { startPreview } from "./support/main-job.ts";
import { callOncePlaneRuns, outputOf, stdioClients } from "./support/mcp-clients.ts";
import type { McpClient } from "./support/mcp-clients.ts";
import { get, makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { planeOf, stdioFront } from "./support/stdio-front.ts";

let home: PlaneHome;
let clients: McpClient[];
beforeEach(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await endHome(home);
});

async function connected(kind: (typeof stdioClients)[number]): Promise<McpClient> {
  const client = await kind.connect(stdioFront(home));
  clients.push(client);
  return client;
}

async function expectNothingDone(): Promise<void> {
  await until("no process is left", () => home.processes().length === 0);
  expect(existsSync(home.state)).toBe(false);
  expect(readdirSync(home.workspace)).toEqual([]);
}

describe.each(stdioClients)("a front that a $title starts", (kind) => {
  it("and closes after listing tools leaves no file, no process and no plane", async () => {
    const client = await connected(kind);
    expect((await client.listTools()).map(({ name }) => name)).toContain("dev_preview_start");
    await until("the front is alone", () => home.processes().length === 1);
    expect(home.processes()).toMatchObject([{ pid: client.pid }]);
    await client.close();
    await expectNothingDone();
  });

  it("and kills with -9 leaves none either", async () => {
    const client = await connected(kind);
    await client.listTools();
    process.kill(client.pid!, "SIGKILL");
    await expectNothingDone();
  });
});

describe("a front whose client is gone", () => {
  it.each([
    ["before it said a word", ""],
    ["in the middle of a message", '{"jsonrpc":"2.0","id":1,"method":"initi'],
  ])("%s ends by itself", async (_, text) => {
    const { command, args, env, cwd } = stdioFront(home);
    const front = spawn(command, args, { env, cwd, stdio: ["pipe", "ignore", "ignore"] });
    const exited = once(front, "exit");
    if (text !== "") await new Promise((resolve) => front.stdin.write(text, resolve));
    front.stdin.destroy();
    expect(await exited).toEqual([0, null]);
    await expectNothingDone();
  });
});

describe("the plane behind fronts", () => {
  it("is one, when the first calls of two fronts come at the same time", async () => {
    const pair = await Promise.all([connected(stdioClients[0]!), connected(stdioClients[2]!)]);
    const [started, listed] = await Promise.all([
      startPreview(pair[0], { command: server("well") }),
      callOncePlaneRuns(pair[1], "dev_preview_list"),
    ]);
    expect(listed.isError).not.toBe(true);
    await until("the plane that came second has ended", () => planes().length === 1);
    expect(planes()[0]!.pid).toBe(planeOf(home)!.pid);
    const { previews } = outputOf(await pair[1].call("dev_preview_list"));
    expect(previews).toMatchObject([{ previewId: started.previewId, previewUrl: started.previewUrl }]);
  });

  it("is started again by the next call when it died between two, and its previews go on", async () => {
    const client = await connected(stdioClients[0]!);
    const before = await startPreview(client, { command: server("well") });
    await killPlane();
    const { previews } = outputOf(await callOncePlaneRuns(client, "dev_preview_list"));
    expect(previews).toMatchObject([{ status: "ready", previewUrl: before.previewUrl }]);
    expect((await get(before.previewUrl, planeOf(home)!.gatewayPort)).status).toBe(200);
  });

  it("is found by the next call when another one was started meanwhile", async () => {
    const client = await connected(stdioClients[2]!);
    const before = await startPreview(client, { command: server("well") });
    await killPlane();
    const plane = await startPlaneProcess(home);
    const again = outputOf(await client.call("dev_preview_url"));
    expect(again).toMatchObject({ status: "ready", previewUrl: before.previewUrl });
    expect((await plane.get(before.previewUrl)).status).toBe(200);
    expect(planes()).toHaveLength(1);
  });
});

const planes = () => home.processes().filter(({ command }) => command.trimEnd().endsWith("bin.js serve"));

async function killPlane(): Promise<void> {
  process.kill(planeOf(home)!.pid, "SIGKILL");
  await until("the plane is dead", () => planeOf(home) === undefined);
}
