import { createServer } from "node:http";
import type { Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { acceptOn } from "./accept-on.ts";
import type { ListenAt } from "./accept-on.ts";
import { createCallWatch } from "./call-watch.ts";
import { PreviewError } from "./errors.ts";
import type { LoopbackTwin } from "./loopback-twin.ts";
import { stopAccepting } from "./stop-accepting.ts";

/** Longer than clients and edges leave a connection unused: a call that meets its end is lost. */
const keepAliveMs = 130_000;

type Fetch = (request: Request) => Response | Promise<Response>;

export interface ControlListener {
  /** Accepts no connection any more; resolves when no call is under way, at the latest after so long. */
  drain(deadlineMs: number): Promise<void>;
  /** Calls in flight are cut: their work goes on in the plane that comes next. Idempotent. */
  close(): Promise<void>;
}

/** Opens the control listener (/mcp, /v1); rejects with `listen_failed`. */
export async function listenForControl(fetch: Fetch, at: ListenAt): Promise<ControlListener> {
  const { host, port } = at;
  const listener = getRequestListener(fetch, { hostname: host });
  const server = createServer(
    { keepAliveTimeout: keepAliveMs },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  const calls = createCallWatch(server);
  try {
    const twin = await acceptOn(server, at);
    return {
      async drain(deadlineMs) {
        stopAccepting(server);
        void twin?.close();
        await calls.end(deadlineMs);
      },
      close: () => closeServer(server, twin),
    };
  } catch (cause) {
    await closeServer(server, undefined);
    if (cause instanceof PreviewError) throw cause;
    throw new PreviewError("listen_failed", `the control listener cannot bind ${host}:${port}`, {
      hint: "Stop the process that holds the port, or set DEV_PREVIEW_CONTROL_PORT.",
      cause,
    });
  }
}

async function closeServer(server: Server, twin: LoopbackTwin | undefined): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  const twinClosed = twin?.close();
  server.closeAllConnections();
  await Promise.all([closed, twinClosed]);
}
