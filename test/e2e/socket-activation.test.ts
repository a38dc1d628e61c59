import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { connectRaw } from "../gateway/support/raw-client.ts";
import { freePort } from "../preview/support/plane-under-test.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { get, makePlaneHome, planeRecordOf } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { hasPython, launchSockets } from "./support/socket-launcher.ts";
import type { SocketLauncher } from "./support/socket-launcher.ts";

if (!hasPython) console.warn("skipped: no python3, which the launcher of the tests is written in");

const command = `${process.execPath} ${fileURLToPath(new URL("support/held-app.mjs", import.meta.url))}`;

let home: PlaneHome;
let launcher: SocketLauncher | undefined;
let ports: { gateway: number; control: number };
beforeEach(async () => {
  ports = { gateway: await freePort(), control: await freePort() };
  home = await makePlaneHome({
    DEV_PREVIEW_GATEWAY_PORT: String(ports.gateway),
    DEV_PREVIEW_CONTROL_PORT: String(ports.control),
    DEV_PREVIEW_DRAIN_SECONDS: "2",
  });
});
afterEach(async () => {
  await launcher?.close();
  await endHome(home);
});

async function startPlane(sockets: SocketLauncher): Promise<number> {
  const pid = await sockets.start();
  await until(`plane ${pid} is ready: ${sockets.log()}`, () => planeRecordOf(home)?.pid === pid, 30_000);
  return pid;
}

/** Visitors that connect anew for each request, one after the other; what came of it, but for the expected answer. */
function visit(port: number, target: { readonly path: string; readonly host: string; readonly body: string }) {
  const { path, host, body } = target;
  const wrong: string[] = [];
  let answered = 0;
  const over = new AbortController();
  const one = async () => {
    const client = await connectRaw(port);
    try {
      client.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      const answer = await client.response();
      if (answer.status === 200 && answer.body.includes(body)) answered += 1;
      else wrong.push(`${answer.status} ${answer.body.slice(0, 100)}`);
    } finally {
      client.close();
    }
  };
  const loops = Array.from({ length: 8 }, async () => {
    while (!over.signal.aborted) await one().catch((error: unknown) => void wrong.push(String(error)));
  });
  return {
    answered: () => answered,
    async end() {
      over.abort();
      await Promise.all(loops);
      return wrong;
    },
  };
}

describe.skipIf(!hasPython)("a plane on sockets that were handed over", () => {
  it.each([1, 2])("of %i processes is replaced while many come, and nobody is refused or broken off", async (count) => {
    home.env["DEV_PREVIEW_GATEWAY_WORKERS"] = String(count);
    launcher = launchSockets(home, [
      `gateway=127.0.0.1:${ports.gateway}`,
      `control=127.0.0.1:${ports.control}`,
      `gateway=::1:${ports.gateway}`,
    ]);
    const first = await startPlane(launcher);
    const token = readFileSync(join(home.state, "token"), "utf8").trim();
    const client = createClient({ url: `http://127.0.0.1:${ports.control}`, token, project: "app" });
    await client.projects.put("app", { workspaceRoot: home.workspace });
    const { previewUrl } = await client.start({ command });
    const host = new URL(previewUrl!).host;
    const pid = (await get(previewUrl!, ports.gateway)).body;
    const visitors = visit(ports.gateway, { path: "/", host, body: pid });
    const clients = visit(ports.control, { path: "/healthz", host: "localhost", body: "dev-preview" });
    await until("both come", () => visitors.answered() > 50 && clients.answered() > 50);
    process.kill(first, "SIGTERM");
    await launcher.ended(first);
    await startPlane(launcher);
    const before = [visitors.answered(), clients.answered()] as const;
    await until("both go on", () => visitors.answered() > before[0] + 50 && clients.answered() > before[1] + 50);
    expect(await Promise.all([visitors.end(), clients.end()])).toEqual([[], []]);
  });

  it("is refused where they listen elsewhere than the settings say", async () => {
    launcher = launchSockets(home, [`gateway=0.0.0.0:${ports.gateway}`]);
    await launcher.ended(await launcher.start());
    expect(launcher.log()).toContain(
      `a socket that was handed over listens on 0.0.0.0, port ${ports.gateway}; the settings say 127.0.0.1`,
    );
  });
});
