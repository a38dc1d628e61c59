import { request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { serve } from "@hono/node-server";
import type { ServerType } from "@hono/node-server";
import { createControlApp } from "../../../src/api/control-app.ts";
import type { ControlAppOptions } from "../../../src/api/control-app.ts";
import { systemClock } from "../../../src/clock.ts";
import { createApiKeys } from "../../../src/identity/api-keys.ts";
import { createBearerAuthenticator } from "../../../src/identity/bearer.ts";
import { createRequestGuard } from "../../../src/identity/request-guard.ts";
import { createLogger } from "../../../src/logger.ts";
import { createFakeEvents } from "../../support/fake-events.ts";
import { createFakeInspect } from "../../support/fake-inspect.ts";
import { createFakeLinks } from "../../support/fake-links.ts";
import { createFakeSessions } from "../../support/fake-sessions.ts";
import { memoryApiKeys } from "../../support/memory-api-keys.ts";
import { createFakeUseCases } from "./fake-use-cases.ts";

export const token = "correct-horse-battery-staple-0123456789";

/** A real listener on a free loopback port, over fake use-cases. */
export async function listenControl(overrides: Partial<ControlAppOptions> = {}) {
  const fake = createFakeUseCases();
  const { inspect, calls: inspections } = createFakeInspect();
  const { recorded, events, eventLog } = createFakeEvents();
  const app = createControlApp({
    useCases: fake.useCases,
    links: createFakeLinks(),
    events,
    eventLog,
    sessions: createFakeSessions(),
    inspect,
    keys: createApiKeys({ store: memoryApiKeys(), clock: systemClock, onChange: () => undefined }),
    clock: systemClock,
    authenticate: createBearerAuthenticator({ token, org: "local", user: "me", dangerouslyNoAuth: false }),
    judgeRequest: createRequestGuard({
      boundHost: "127.0.0.1",
      controlNames: ["plane.example.com"],
      allowedOrigins: ["https://ide.example.com"],
    }),
    mcp: async (request, context) => Response.json({ got: await request.text(), org: context.principal.org }),
    readiness: async () => ({ database: true, gateway: true }),
    planeId: "plane-1",
    version: "1.2.3",
    logger: createLogger("silent"),
    ...overrides,
  });
  const { server, port } = await listen(app.fetch);
  return {
    ...fake,
    recorded,
    inspections,
    app,
    port,
    url: `http://127.0.0.1:${port}`,
    close: () => closeServer(server),
  };
}

function listen(fetch: (request: Request) => Response | Promise<Response>) {
  return new Promise<{ server: ServerType; port: number }>((resolve) => {
    const server = serve({ fetch, port: 0, hostname: "127.0.0.1" }, ({ port }) => resolve({ server, port }));
  });
}

async function closeServer(server: ServerType): Promise<void> {
  if ("closeAllConnections" in server) server.closeAllConnections();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A request whose Host may be forged, which fetch does not allow. */
export function rawRequest(
  port: number,
  options: { method?: string; path: string; headers?: Record<string, string>; body?: string },
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { method = "GET", path, headers = {} } = options;
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      response.on("error", reject);
    });
    request.on("error", reject).end(options.body);
  });
}

/** Writes these bytes and returns all that comes back. */
export function rawBytes(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(bytes));
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.on("end", () => resolve(text)).on("error", reject);
  });
}

export const authorized = { authorization: `Bearer ${token}`, "x-project-slug": "shop" };
