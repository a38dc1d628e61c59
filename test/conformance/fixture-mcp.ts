import { randomBytes } from "node:crypto";
import { McpServer, createRequestStateCodec, isLegacyRequest } from "@modelcontextprotocol/server";
import type { RequestContext } from "../../src/identity/context.ts";
import type { Logger } from "../../src/logger.ts";
import { mountMcpServer } from "../../src/tools/http.ts";
import type { McpHttp } from "../../src/tools/http.ts";
import { registerInputTools } from "./fixture-input.ts";
import type { Round } from "./fixture-input.ts";
import { registerPrompts, registerResources } from "./fixture-resources.ts";
import { createSessions } from "./fixture-sessions.ts";
import { registerAskingTools, registerPlainTools } from "./fixture-tools.ts";

const info = { name: "conformance-fixture", version: "1.0.0" };

/** What the suite wants to find behind /mcp: the 2026 revision on our own mount, the 2025 ones in sessions. */
export function createFixtureMcp(logger: Logger): McpHttp {
  const codec = createRequestStateCodec<Round>({ key: randomBytes(32) });
  const modern = mountMcpServer(
    () => {
      const server = new McpServer(info, {
        capabilities: { tools: { listChanged: false }, logging: {}, completions: {} },
        requestState: { verify: (state, call) => codec.verify(state, call) },
      });
      register(server);
      registerInputTools(server, (round) => codec.mint(round));
      return server;
    },
    { logger },
  );
  const sessions = createSessions(() => {
    const server = new McpServer(info, {
      capabilities: { logging: {}, completions: {}, resources: { subscribe: true } },
    });
    register(server);
    registerAskingTools(server);
    acceptSubscriptions(server);
    return server;
  });
  return {
    fetch: async (request: Request, context: RequestContext) =>
      (await isLegacyRequest(request)) ? await sessions.fetch(request) : await modern.fetch(request, context),
    close: async () => {
      await modern.close();
      await sessions.close();
    },
  };
}

function register(server: McpServer): void {
  registerPlainTools(server);
  registerResources(server);
  registerPrompts(server);
}

/** The watched resource never changes: accepting is all that there is to do. */
function acceptSubscriptions({ server }: McpServer): void {
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}
