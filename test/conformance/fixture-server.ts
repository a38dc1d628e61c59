// What run.mjs tests when it is given no plane: `fixture` (the suite's own tools) or `tools` (ours over
// fake use-cases) behind the control listener's app. Prints {url, token}; ends with stdin.
import { createFakeLinks } from "../support/fake-links.ts";
import { createFakeSessions } from "../support/fake-sessions.ts";
import { once } from "node:events";
import { serve } from "@hono/node-server";
import { createControlApp } from "../../src/api/control-app.ts";
import { systemClock } from "../../src/clock.ts";
import { createApiKeys } from "../../src/identity/api-keys.ts";
import { createBearerAuthenticator } from "../../src/identity/bearer.ts";
import { createRequestGuard } from "../../src/identity/request-guard.ts";
import { createLogger } from "../../src/logger.ts";
import { createMcpHttp } from "../../src/tools/http.ts";
import { createFakeEvents } from "../support/fake-events.ts";
import { createFakeInspect } from "../support/fake-inspect.ts";
import { memoryApiKeys } from "../support/memory-api-keys.ts";
import { createFakeUseCases } from "../tools/support/fake-use-cases.ts";
import { createFixtureMcp } from "./fixture-mcp.ts";

const host = "127.0.0.1";
const token = "conformance-fixture-token";
const logger = createLogger("error");
const useCases = createFakeUseCases();
const version = "1.0.0";
const mcp = process.argv[2] === "tools" ? createMcpHttp({ useCases, version, logger }) : createFixtureMcp(logger);
const app = createControlApp({
  useCases,
  links: createFakeLinks(),
  sessions: createFakeSessions(),
  inspect: createFakeInspect().inspect,
  ...createFakeEvents(),
  keys: createApiKeys({ store: memoryApiKeys(), clock: systemClock, onChange: () => undefined }),
  clock: systemClock,
  authenticate: createBearerAuthenticator({ token, org: "local", user: "conformance", dangerouslyNoAuth: false }),
  judgeRequest: createRequestGuard({ boundHost: host, controlNames: [], allowedOrigins: [] }),
  mcp: (request, context) => mcp.fetch(request, context),
  readiness: () => Promise.resolve({ database: true, gateway: true }),
  planeId: "conformance",
  version,
  logger,
});
const server = serve({ fetch: app.fetch, hostname: host, port: 0 }, ({ port }) => {
  process.stdout.write(`${JSON.stringify({ url: `http://${host}:${port}/mcp`, token })}\n`);
});
process.stdin.resume();
await once(process.stdin, "end");
await mcp.close();
server.close();
if ("closeAllConnections" in server) server.closeAllConnections();
