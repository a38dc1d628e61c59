import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { createServer } from "node:net";
import type { Server } from "node:net";

/**
 * The second loopback address of a listener. Browsers resolve `localhost` and every name under it to
 * ::1 and 127.0.0.1, in this order: whoever listens on the other address at our port, any user of
 * this host, would get their requests, and with them the links and tokens that these carry.
 */
export interface LoopbackTwin {
  close(): Promise<void>;
}

const twins: Readonly<Record<string, string>> = { "127.0.0.1": "::1", "0.0.0.0": "::1", "::1": "127.0.0.1" };
/** A host without IPv6, or without IPv4, has no such address, and nobody can hold a port on it. */
const absent: ReadonlySet<unknown> = new Set(["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"]);

/**
 * Makes a listening server answer on the other loopback address too; undefined where there is none.
 * Rejects with a system error, `EADDRINUSE` above all, and then the server must not serve either.
 */
export async function openLoopbackTwin(
  server: HttpServer,
  { reusePort = false }: { readonly reusePort?: boolean } = {},
): Promise<LoopbackTwin | undefined> {
  const twin = besideOf(server);
  if (!(await listen(twin, { ...addressOf(server), reusePort }))) return undefined;
  return opened(twin, server);
}

/** Its address on the other loopback; undefined for an address that has none. */
export function twinAddressOf(server: HttpServer): string | undefined {
  return twins[addressOf(server).address];
}

/** Makes a listening server accept on another socket too. */
export async function acceptBeside(
  server: HttpServer,
  where: { readonly fd: number },
): Promise<LoopbackTwin & BoundAddress> {
  const beside = besideOf(server);
  beside.listen(where);
  await once(beside, "listening");
  return { ...opened(beside, server), ...addressOf(beside) };
}

/** What it accepts is the server's. */
function besideOf(server: HttpServer): Server {
  const beside = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => server.emit("connection", socket));
  beside.maxConnections = server.maxConnections;
  return beside;
}

function opened(beside: Server, server: HttpServer): LoopbackTwin {
  beside.on("error", (error) => server.emit("error", error));
  return { close: () => new Promise((resolve) => void beside.close(() => resolve())) };
}

/** True when nobody listens on the address's twin at this port. */
export async function isTwinFree(address: BoundAddress): Promise<boolean> {
  const probe = createServer();
  try {
    await listen(probe, address);
    return true;
  } catch {
    // taken, or not ours to bind: either way a listener there could not be opened
    return false;
  } finally {
    probe.close();
  }
}

export interface BoundAddress {
  /** As the system tells it, not as it was configured. */
  readonly address: string;
  readonly port: number;
}

/** False where the address has no twin on this host. */
async function listen(
  twin: Server,
  { address, port, reusePort = false }: BoundAddress & { readonly reusePort?: boolean },
): Promise<boolean> {
  const host = twins[address];
  if (host === undefined) return false;
  twin.listen({ host, port, ipv6Only: host === "::1", reusePort });
  try {
    await once(twin, "listening");
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && absent.has(error.code)) return false;
    throw error;
  }
}

export function addressOf(server: Server): BoundAddress {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server does not listen on a port");
  return bound;
}
