import type { Clock } from "../../clock.ts";
import type { Logger } from "../../logger.ts";
import type { Dial, Route } from "../../preview/route.ts";
import { UpstreamConnection } from "./upstream-connection.ts";

/** Below the 5 s after which Node's own HTTP server closes an idle connection. */
const idleMs = 4_000;
const sweepMs = 1_000;
const dialTimeoutMs = 10_000;
const maxIdlePerLaunch = 64;
const sharedBufferBytes = 64 * 1024;

/**
 * Connections to dev servers. Idle ones are kept by launch, never by address: when a port is
 * recycled, the next process behind it cannot get a request of the one before, nor the other way round.
 */
export interface UpstreamPool {
  /** The idle connection that was used last: the least likely to be closed by the server right now. */
  take(launchId: string): UpstreamConnection | undefined;
  /** A new connection. Rejects with what the dialer rejects with, or an abort after 10 s. */
  dial(route: Route, signal: AbortSignal): Promise<UpstreamConnection>;
  /** Takes a connection back after its answer ended; one that cannot be used again is closed. */
  release(connection: UpstreamConnection): void;
  /** Closes a launch's idle connections. */
  dropLaunch(launchId: string): void;
  /** Open connections, busy and idle. */
  size(): number;
  close(): void;
}

export interface UpstreamPoolOptions {
  readonly dial: Dial;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onDial?: (durationMs: number) => void;
}

export function createUpstreamPool({ dial, clock, logger, onDial }: UpstreamPoolOptions): UpstreamPool {
  const idle = new Map<string, UpstreamConnection[]>();
  const open = new Set<UpstreamConnection>();
  const sharedBuffer = Buffer.allocUnsafeSlow(sharedBufferBytes);

  const onGone = (connection: UpstreamConnection) => {
    open.delete(connection);
    const siblings = idle.get(connection.launchId);
    const at = siblings?.indexOf(connection) ?? -1;
    if (at !== -1) siblings?.splice(at, 1);
  };
  const onFault = (error: unknown) => logger.error({ err: error }, "answer not handled");
  const sweep = () => closeStale(idle, clock.now() - idleMs);
  const timer = setInterval(sweep, sweepMs);
  timer.unref();

  return {
    take: (launchId) => takeUsable(idle.get(launchId)),
    async dial(route, signal) {
      const connection = new UpstreamConnection({ launchId: route.launchId, sharedBuffer, onGone, onFault });
      const startedAt = performance.now();
      const socket = await withDeadline(signal, (bounded) =>
        dial(route, { signal: bounded, onread: connection.onread }),
      );
      onDial?.(performance.now() - startedAt);
      // its `close` has been and will not come again
      if (socket.destroyed) throw new Error("connection closed while it was being opened");
      open.add(connection);
      connection.adopt(socket);
      return connection;
    },
    release(connection) {
      const siblings = idle.get(connection.launchId);
      if (!connection.reusable || (siblings?.length ?? 0) >= maxIdlePerLaunch) return connection.destroy();
      connection.reused = true;
      connection.idleSince = clock.now();
      if (siblings === undefined) idle.set(connection.launchId, [connection]);
      else siblings.push(connection);
    },
    dropLaunch(launchId) {
      for (const connection of idle.get(launchId) ?? []) connection.destroy();
      idle.delete(launchId);
    },
    size: () => open.size,
    close() {
      clearInterval(timer);
      for (const connection of open) connection.destroy();
      idle.clear();
    },
  };
}

/** The bounded signal never fires after `work` ended: it may be tied to the socket that `work` opened. */
async function withDeadline<T>(signal: AbortSignal, work: (bounded: AbortSignal) => Promise<T>): Promise<T> {
  const bounded = new AbortController();
  const abort = () => bounded.abort();
  const timer = setTimeout(abort, dialTimeoutMs);
  signal.addEventListener("abort", abort);
  try {
    return await work(bounded.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

function takeUsable(connections: UpstreamConnection[] | undefined): UpstreamConnection | undefined {
  for (let connection = connections?.pop(); connection !== undefined; connection = connections?.pop()) {
    if (connection.reusable) return connection;
    connection.destroy();
  }
  return undefined;
}

function closeStale(idle: Map<string, UpstreamConnection[]>, deadline: number): void {
  for (const [launchId, connections] of idle) {
    const stale = connections.filter((connection) => connection.idleSince <= deadline);
    const fresh = connections.filter((connection) => connection.idleSince > deadline);
    if (fresh.length === 0) idle.delete(launchId);
    else if (stale.length > 0) idle.set(launchId, fresh);
    for (const connection of stale) connection.destroy();
  }
}
