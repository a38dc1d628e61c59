import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { connectRaw } from "../gateway/support/raw-client.ts";
import { freePort } from "../preview/support/plane-under-test.ts";
import { findSystemPostgres, startSystemTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { get, makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

const command = `${process.execPath} ${fileURLToPath(new URL("support/held-app.mjs", import.meta.url))}`;

const postgres = findSystemPostgres();
if (postgres === undefined)
  console.warn("skipped: no Postgres server under /usr/lib/postgresql (Debian: apt-get install postgresql)");

let home: PlaneHome;
afterEach(() => endHome(home));

interface Shown {
  readonly plane: PlaneProcess;
  readonly url: string;
  readonly pid: string;
  /** Lets the app answer what it holds. */
  readonly go: () => Promise<unknown>;
}

async function show(env: NodeJS.ProcessEnv): Promise<Shown> {
  home = await makePlaneHome(env);
  const plane = await startPlaneProcess(home);
  const { previewUrl, port } = await plane.client.start({ command });
  const url = previewUrl!;
  return { plane, url, pid: (await plane.get(url)).body, go: () => fetch(`http://127.0.0.1:${port}/go`) };
}

async function openSocket({ plane, url }: Shown): Promise<WebSocket> {
  const { host } = new URL(url);
  const socket = new WebSocket(`ws://127.0.0.1:${plane.gatewayPort}/`, { headers: { host } });
  await once(socket, "open");
  return socket;
}

/** Its code and when, in ms from now. */
async function closeOf(socket: WebSocket): Promise<{ code: number; afterMs: number }> {
  const startedAt = performance.now();
  const [code] = (await once(socket, "close")) as [number];
  return { code, afterMs: performance.now() - startedAt };
}

async function refuses(port: number): Promise<void> {
  await until(`nothing is accepted on port ${port}`, () =>
    connectRaw(port).then(
      (client) => {
        client.close();
        return false;
      },
      () => true,
    ),
  );
}

describe("a plane that is told to end", () => {
  it("finishes what is under way, and closes WebSockets with 1001 at the deadline; the next plane waits for it", async () => {
    const shown = await show({ DEV_PREVIEW_DRAIN_SECONDS: "3" });
    const { plane, url, pid, go } = shown;
    const socket = await openSocket(shown);
    const slow = plane.get(`${url}slow`);
    const control = await connectRaw(Number(new URL(plane.controlUrl).port));
    const stopping = plane.stop();
    const closed = closeOf(socket);
    await Promise.all([refuses(plane.gatewayPort), refuses(Number(new URL(plane.controlUrl).port))]);
    control.write("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const readiness = await control.response();
    expect([readiness.status, readiness.header("connection")]).toEqual([503, "close"]);
    expect(JSON.parse(readiness.body)).toEqual({ database: true, gateway: false, draining: true });
    const next = startPlaneProcess(home);
    const said = once(socket, "message");
    await go();
    expect(await slow).toMatchObject({ status: 200, body: "done", headers: { connection: "close" } });
    expect(String((await said)[0])).toBe("go");
    const { code, afterMs } = await closed;
    expect(code).toBe(1001);
    expect(afterMs).toBeGreaterThan(2_500);
    await stopping;
    expect((await (await next).get(url)).body).toBe(pid);
  });

  it("a second time ends at once", async () => {
    const shown = await show({ DEV_PREVIEW_DRAIN_SECONDS: "600" });
    const socket = await openSocket(shown);
    // told below, and not by a close frame
    socket.on("error", () => {});
    const first = shown.plane.stop();
    await refuses(shown.plane.gatewayPort);
    const closed = closeOf(socket);
    await Promise.all([first, shown.plane.stop()]);
    expect((await closed).code).toBe(1006);
    // ends the dev server
    await startPlaneProcess(home);
  });

  it("ends at once where nothing is under way", async () => {
    home = await makePlaneHome({ DEV_PREVIEW_DRAIN_SECONDS: "600" });
    const plane = await startPlaneProcess(home);
    await plane.stop();
  });
});

describe.skipIf(postgres === undefined)("a plane on a real Postgres server that is told to end", () => {
  let database: TestServer;
  beforeAll(async () => {
    database = await startSystemTestServer(postgres!);
  });
  afterAll(() => database.close());

  it("keeps its sockets while another plane serves, which then takes over its previews", async () => {
    const { host, port, user, database: name } = database.connection;
    const gatewayPort = await freePort();
    const shown = await show({
      DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
      DEV_PREVIEW_GATEWAY_PORT: String(gatewayPort),
      DEV_PREVIEW_DRAIN_SECONDS: "8",
    });
    const { plane, url, pid, go } = shown;
    const socket = await openSocket(shown);
    const closed = closeOf(socket);
    const stopping = plane.stop();
    await refuses(gatewayPort);
    const next = await startPlaneProcess(home);
    expect(next.gatewayPort).toBe(gatewayPort);
    expect((await get(url, gatewayPort)).body).toBe(pid);
    expect(await next.client.url({})).toMatchObject({ status: "ready", previewUrl: url });
    const said = once(socket, "message");
    await go();
    expect(String((await said)[0])).toBe("go");
    expect((await closed).code).toBe(1001);
    await stopping;
    expect((await next.client.stop({})).stopped).toMatchObject([{ status: "stopped" }]);
    await expect(get(url, gatewayPort)).resolves.toMatchObject({ status: 410 });
  });
});
