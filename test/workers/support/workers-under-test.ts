import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createLogger } from "../../../src/logger.ts";
import type { Route } from "../../../src/preview/route.ts";
import { createView } from "../../../src/sandbox/create-view.ts";
import { createGatewayWorkers } from "../../../src/workers/gateway-workers.ts";
import type { GatewayWorkers, GatewayWorkersOptions } from "../../../src/workers/gateway-workers.ts";
import { createFakeFeed } from "../../gateway/support/fake-feed.ts";
import type { FakeFeed } from "../../gateway/support/fake-feed.ts";
import { closing } from "../../gateway/support/fixture.ts";
import { domain, keys, mintLink } from "../../gateway/support/harness.ts";
import type { MintedLink } from "../../gateway/support/harness.ts";
import { connectRaw } from "../../gateway/support/raw-client.ts";
import type { RawClient } from "../../gateway/support/raw-client.ts";

const appProgram = fileURLToPath(new URL("app.mjs", import.meta.url));

export interface App {
  readonly port: number;
  /** What a route to it says of its process. */
  readonly owner: Pick<Route, "process" | "listener">;
  close(): Promise<void>;
}

/** A dev server of its own, which somebody else than a plane started. */
export async function startApp(): Promise<App> {
  const child = fork(appProgram, { stdio: ["ignore", "inherit", "inherit", "ipc"], execArgv: [] });
  const [port] = (await once(child, "message")) as [number];
  const pid = child.pid!;
  const { startTime, session } = (await createView(process.platform).identify(pid))!;
  return {
    port,
    owner: {
      process: { pid, startTime, session, family: { of: "process" } },
      listener: { port, address: "127.0.0.1", pid },
    },
    async close() {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

export const mintFor = (app: App, overrides: Partial<Route> = {}): MintedLink =>
  mintLink(app.port, { ...app.owner, ...overrides });

export interface Workers {
  readonly gateway: GatewayWorkers;
  readonly feed: FakeFeed;
  readonly port: number;
  /** Sends a request over a new connection that this worker accepts, and reads the head of the answer. */
  via(pid: number, request: string): Promise<{ readonly client: RawClient; readonly status: number }>;
  /** While `work` runs, no other worker does. */
  readonly alone: <T>(pid: number, work: () => Promise<T>) => Promise<T>;
}

/** Two workers with these routes; closed after the test. */
export async function startWorkers(
  program: string,
  routes: readonly Route[] | undefined,
  options: Partial<GatewayWorkersOptions> = {},
): Promise<Workers> {
  const feed = createFakeFeed(routes);
  const gateway = closing(createGatewayWorkers({ ...defaults(program), feed, ...options }));
  const { port } = await gateway.listen();
  async function alone<T>(pid: number, work: () => Promise<T>): Promise<T> {
    const others = gateway.pids().filter((other) => other !== pid);
    for (const other of others) process.kill(other, "SIGSTOP");
    try {
      return await work();
    } finally {
      for (const other of others) process.kill(other, "SIGCONT");
    }
  }
  return {
    gateway,
    feed,
    port,
    alone,
    via: (pid, request) =>
      alone(pid, async () => {
        const client = await connectRaw(port);
        closing({ close: async () => client.close() });
        client.write(request);
        return { client, status: (await client.head()).status };
      }),
  };
}

export function defaults(program: string): Omit<GatewayWorkersOptions, "feed"> {
  return {
    workers: 2,
    program,
    env: {},
    sandboxId: "local-test",
    logLevel: "silent",
    keys,
    domain,
    publicScheme: "http",
    clock: { now: () => Date.now() },
    logger: createLogger("silent"),
    host: "127.0.0.1",
    port: 0,
    onRequests: () => {},
    onAccesses: async () => {},
    onAsleep: async () => {},
  };
}

/** The head that asks for a socket. */
export const upgradeTo = ({ name }: MintedLink) =>
  `GET /ws HTTP/1.1\r\nHost: ${name}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n`;

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // no such process
    return false;
  }
}
