import { randomBytes, randomUUID } from "node:crypto";
import { mkdir, mkdtemp, realpath, rm } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../../src/clock.ts";
import type { Clock } from "../../../src/clock.ts";
import { createGateway } from "../../../src/gateway/gateway.ts";
import type { RequestContext } from "../../../src/identity/context.ts";
import { createLogger } from "../../../src/logger.ts";
import { logsInput, startInput, stopInput, urlInput } from "../../../src/preview/contract.ts";
import type { PreviewDeps, PreviewSettings } from "../../../src/preview/deps.ts";
import type { NewEvent } from "../../../src/preview/events/events.ts";
import { createRouteArrivals } from "../../../src/preview/route-arrivals.ts";
import { createPreviews } from "../../../src/preview/previews.ts";
import { createVisits } from "../../../src/preview/sleep/visits.ts";
import type { SigningKeys } from "../../../src/preview/links/token.ts";
import { createLocalSandbox } from "../../../src/sandbox/local-sandbox.ts";
import { listPids, readLink } from "../../../src/sandbox/proc-fds.ts";
import { commandLine } from "../../../src/sandbox/proc-whereabouts.ts";
import { openTestDatabase } from "../../support/database.ts";
import type { TestDatabase } from "../../support/database.ts";

const serverProgram = fileURLToPath(new URL("server.mjs", import.meta.url));

/** The shell command of a server with one habit; see server.mjs. */
export function server(habit: string, value?: string | number): string {
  return [process.execPath, serverProgram, habit, ...(value === undefined ? [] : [String(value)])]
    .map((word) => `'${word}'`)
    .join(" ");
}

export type PlaneUnderTest = Awaited<ReturnType<typeof openPlaneUnderTest>>;

/** The domain over a real database, a real sandbox and a real gateway; one project in a fresh workspace. */
export async function openPlaneUnderTest(
  settings: Partial<PreviewSettings> = {},
  shared?: { db: TestDatabase; keys: SigningKeys; directory: string },
  clock: Clock = systemClock,
) {
  const directory = shared?.directory ?? (await realpath(await mkdtemp(join(tmpdir(), "plane-"))));
  const workspace = join(directory, "workspace");
  const stateDir = join(directory, "state");
  await Promise.all([mkdir(workspace, { recursive: true }), mkdir(stateDir, { recursive: true })]);
  const logger = createLogger("silent");
  const db = shared?.db ?? (await openTestDatabase({ clock }));
  const keys: SigningKeys = shared?.keys ?? { currentId: 0, secrets: new Map([[0, randomBytes(32)]]) };
  const sandbox = await createLocalSandbox({
    directory: join(stateDir, "launches"),
    portRange: { from: 21000, to: 21999 },
    logMaxBytes: 1024 * 1024,
    logger,
    hostEnv: process.env,
    hiddenPaths: [stateDir],
  });
  const gatewayPort = await freePort();
  const arrivals = createRouteArrivals(db.routeFeed());
  const visits = createVisits();
  const gateway = createGateway({
    dial: async (route, options) =>
      await sandbox
        .upstream({ launchId: route.launchId, port: route.port, process: route.process!, listener: route.listener! })
        .connect(options),
    feed: arrivals.feed,
    keys,
    domain: "localhost",
    publicScheme: "http",
    publicPort: gatewayPort,
    clock,
    logger,
    host: "127.0.0.1",
    port: gatewayPort,
    onRequests: (requests) => db.previews.touch(requests),
    onAsleep: (visit) => visits.tell(visit),
  });
  await gateway.listen();
  const recorded: NewEvent[] = [];
  let sweeps = 0;
  const deps: PreviewDeps = {
    db,
    sandbox,
    clock,
    logger,
    keys,
    arrivals,
    visits,
    uses: {
      ...gateway.uses,
      flush() {
        sweeps += 1;
        return gateway.uses.flush();
      },
    },
    events: { record: (event) => void recorded.push(event) },
    ids: { launch: () => randomUUID(), link: () => randomBytes(8).toString("hex") },
    planeId: randomUUID(),
    self: { pid: process.pid, startTime: "test" },
    gateway: {
      domain: "localhost",
      publicScheme: "http",
      publicPort: gatewayPort,
      listenHost: "127.0.0.1",
      listenPort: gatewayPort,
    },
    settings: {
      defaultCommand: "pnpm dev",
      install: "auto",
      startTimeoutMs: 20_000,
      installTimeoutMs: 60_000,
      stopGraceMs: 1000,
      gatedLinks: false,
      linkTtlMs: 3_600_000,
      ownPorts: [gatewayPort],
      stateDir,
      isolation: "orgs",
      launchLimits: {},
      limits: {},
      idle: { sweepMs: 100, keepEndedMs: 3_600_000, keepaliveMinMs: 1000 },
      orgs: { every: { idleMs: 0, keepaliveMaxMs: 3_600_000, maxVisibility: "link" }, own: new Map() },
      ...settings,
    },
  };
  const previews = createPreviews(deps);
  const context: RequestContext = {
    principal: { kind: "local", org: "local", user: "dev", scopes: ["operator"] },
    projectSlug: "app",
    requestId: "test",
  };
  await previews.useCases.putProject(context, "app", { workspaceRoot: workspace });
  await previews.start();
  const { useCases } = previews;
  return {
    db,
    keys,
    deps,
    sandbox,
    gateway,
    gatewayPort,
    workspace,
    directory,
    context,
    useCases,
    /** How often its reaper has looked. */
    sweeps: () => sweeps,
    /** Events that are no change of the database. */
    recorded,
    previews,
    visits,
    start: (input: object = {}) => useCases.start(context, startInput.parse(input)),
    url: (input: object = {}) => useCases.url(context, urlInput.parse(input)),
    stop: (input: object = {}) => useCases.stop(context, stopInput.parse(input)),
    logs: (input: object = {}) => useCases.logs(context, logsInput.parse(input)),
    /** GET of a preview's URL as a browser would send it: by name to the gateway. */
    fetch: (url: string) => get(url, gatewayPort),
    /** Closes without stopping anything: what a plane that goes away leaves. */
    async leave() {
      await previews.close();
      await gateway.close();
      await sandbox.close();
    },
    /** What `close` does of it, after `leave`. */
    discard,
    async close() {
      await useCases.stop(context, { all: true });
      await previews.close();
      await gateway.close();
      await sandbox.close();
      if (shared === undefined) await discard();
    },
  };

  async function discard(): Promise<void> {
    await db.close();
    const left = runningBelow(directory);
    await rm(directory, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left running by this file's tests: ${left.join("; ")}`);
  }
}

/** Processes that work in a directory, with their commands (Linux; elsewhere none are seen). */
function runningBelow(directory: string): string[] {
  return listPids().flatMap((pid) => {
    const cwd = readLink(`/proc/${pid}/cwd`);
    return cwd?.startsWith(`${directory}/`) ? [`pid ${pid}: ${commandLine(pid)}`] : [];
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Record<string, unknown>;
  readonly body: string;
}

function get(url: string, gatewayPort: number): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port: gatewayPort, path: pathname + search, headers: { host }, agent: false },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    outgoing.on("error", reject).end();
  });
}

export async function freePort(): Promise<number> {
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  await new Promise((resolve) => listener.close(resolve));
  return port;
}
