import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { server } from "../preview/support/plane-under-test.ts";
import { findSystemPostgres, startSystemTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";
import { until } from "../support/until.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

const postgres = findSystemPostgres();
if (postgres === undefined)
  console.warn("skipped: no Postgres server under /usr/lib/postgresql (Debian: apt-get install postgresql)");

const signingKeys = `0:${Buffer.alloc(32, 7).toString("base64")}`;

describe.skipIf(postgres === undefined)("planes on a real Postgres server", () => {
  let database: TestServer;
  let homes: PlaneHome[];
  let planes: PlaneProcess[];

  beforeAll(async () => {
    database = await startSystemTestServer(postgres!);
  });
  afterAll(() => database.close());
  beforeEach(async () => {
    const { host, port, user, database: name } = database.connection;
    const url = `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`;
    const first = await makePlaneHome({
      DATABASE_URL: url,
      DEV_PREVIEW_SIGNING_KEYS: signingKeys,
      DEV_PREVIEW_KEEPALIVE_MIN_SECONDS: "1",
      DEV_PREVIEW_GATEWAY_PORT: "0",
      DEV_PREVIEW_LOG_LEVEL: "warn",
    });
    const second = await makePlaneHome({
      DATABASE_URL: url,
      DEV_PREVIEW_SIGNING_KEYS: signingKeys,
      DEV_PREVIEW_KEEPALIVE_MIN_SECONDS: "1",
      DEV_PREVIEW_GATEWAY_PORT: "0",
      DEV_PREVIEW_LOG_LEVEL: "warn",
    });
    const shared = { DEV_PREVIEW_LAUNCHES_DIR: join(first.state, "launches") };
    homes = [first, { ...second, workspace: first.workspace, env: { ...second.env, ...shared } }];
    planes = [await startPlaneProcess(homes[0]!), await startPlaneProcess(homes[1]!)];
  });
  afterEach(async () => {
    await planes[0]!.client.stop({ all: true });
    await planes[0]!.client.projects.remove("app");
    await Promise.all(planes.map((plane) => plane.stop()));
    for (const home of homes) home.remove();
  });

  it("see each other's previews, and either serves the link of the other", async () => {
    const [one, two] = planes as [PlaneProcess, PlaneProcess];
    const preview = await one.client.start({ command: server("well") });
    expect((await two.client.list({})).previews).toMatchObject([{ previewId: preview.previewId, status: "ready" }]);
    const elsewhere = await two.client.url({});
    expect(elsewhere.token).toBe(preview.token);
    const body = (await one.get(preview.previewUrl!)).body;
    expect((await two.get(elsewhere.previewUrl!)).body).toContain(/\d+$/.exec(body)![0]);
  });

  it("cut each other's links, open sockets included, within a second", async () => {
    const [one, two] = planes as [PlaneProcess, PlaneProcess];
    await one.client.start({ command: server("streams") });
    const { previewUrl } = await two.client.url({});
    const stream = await openStream(previewUrl!, two.gatewayPort);
    const stoppedAt = Date.now();
    const stopping = one.client.stop({});
    await stream.closed;
    expect(Date.now() - stoppedAt).toBeLessThan(1000);
    expect((await two.get(previewUrl!)).status).toBe(410);
    await stopping;
  });

  it("starting one preview at the same time launch it once", async () => {
    const results = await Promise.all(
      planes.flatMap((plane) => Array.from({ length: 5 }, () => plane.client.start({ command: server("late", 300) }))),
    );
    expect(new Set(results.map(({ port }) => port)).size).toBe(1);
    expect(new Set(results.map(({ token }) => token)).size).toBe(1);
  });

  it("wake a sleeping preview once, whichever of them is visited", async () => {
    const [one, two] = planes as [PlaneProcess, PlaneProcess];
    const { previewUrl } = await one.client.start({
      command: `echo launched >> launches; exec ${server("late", 300)}`,
      keepaliveSeconds: 6,
    });
    const elsewhere = (await two.client.url({})).previewUrl!;
    await until("it sleeps", async () => (await two.client.list({})).previews[0]?.status === "idle", 30_000);
    const visits = [previewUrl!, elsewhere].flatMap((url, index) =>
      Array.from({ length: 50 }, () =>
        until(
          "it answers",
          async () => {
            const answer = await planes[index]!.get(url);
            return answer.headers["x-preview-status"] === undefined && answer;
          },
          30_000,
        ),
      ),
    );
    const bodies = (await Promise.all(visits)).map(({ body }) => /\d+$/.exec(body)![0]);
    expect(new Set(bodies).size).toBe(1);
    expect(readFileSync(join(homes[0]!.workspace, "launches"), "utf8")).toBe("launched\n".repeat(2));
  });

  it("whose signing key differs refuse to start, and say why", async () => {
    const other = {
      ...homes[1]!,
      env: { ...homes[1]!.env, DEV_PREVIEW_SIGNING_KEYS: `0:${Buffer.alloc(32, 8).toString("base64")}` },
    };
    await planes[1]!.stop();
    await expect(startPlaneProcess(other)).rejects.toThrow(/signing key 0 differs/);
    planes[1] = await startPlaneProcess(homes[1]!);
  });

  it("one takes over what the other left when it was killed while starting", async () => {
    const [one, two] = planes as [PlaneProcess, PlaneProcess];
    await one.client.start({ command: server("late", 3000), waitSeconds: 0.5 });
    await one.kill9();
    const preview = await two.client.url({ waitSeconds: 20 });
    expect(preview.status).toBe("ready");
    planes[0] = await startPlaneProcess(homes[0]!);
  });

  it("keep serving known URLs while the database is down, answer tools with a retryable error, and recover by themselves", async () => {
    const [one] = planes as [PlaneProcess];
    const preview = await one.client.start({ command: server("well") });
    await database.stop();
    try {
      expect((await one.get(preview.previewUrl!)).status).toBe(200);
      await expect(one.client.list({})).rejects.toMatchObject({ code: "database_unavailable", retryable: true });
      expect(await (await fetch(`${one.controlUrl}/readyz`)).json()).toMatchObject({ database: false });
      expect((await one.get(preview.previewUrl!)).status).toBe(200);
    } finally {
      await database.start();
    }
    await until("the tools answer again", () =>
      one.client.list({}).then(
        () => true,
        () => false,
      ),
    );
    expect((await one.get(preview.previewUrl!)).status).toBe(200);
    await one.client.stop({});
    await until(
      "a stop after the outage cuts the link",
      async () => (await one.get(preview.previewUrl!)).status === 410,
    );
  });
});

/** An open response; `closed` resolves when the gateway cuts it. */
function openStream(url: string, gatewayPort: number): Promise<{ closed: Promise<void> }> {
  const { host } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = connect(gatewayPort, "127.0.0.1", () => socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
    const closed = new Promise<void>((done) => socket.once("close", () => done()));
    socket.once("data", () => resolve({ closed }));
    socket.once("error", reject);
  });
}
