import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { PreviewError } from "./errors.ts";

type Fetch = (request: Request) => Response | Promise<Response>;

/** Opens the control listener (/mcp, /v1); rejects with `listen_failed`. */
export function listenForControl(
  fetch: Fetch,
  address: { hostname: string; port: number },
): Promise<{ close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch, ...address }, () => resolve({ close: () => closeServer(server) }));
    server.once("error", (cause) => {
      const hint = "Stop the process that holds the port, or set DEV_PREVIEW_CONTROL_PORT.";
      reject(
        new PreviewError("listen_failed", `the control listener cannot bind ${address.hostname}:${address.port}`, {
          hint,
          cause,
        }),
      );
    });
  });
}

/** Calls in flight are cut: their work goes on in the plane that comes next. */
function closeServer(server: ServerType): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ("closeAllConnections" in server) server.closeAllConnections();
  });
}
