import { once } from "node:events";
import { serve } from "@hono/node-server";
import { pino } from "pino";
import type { RequestContext } from "../../../src/identity/context.ts";
import type { PreviewUseCases } from "../../../src/preview/use-cases.ts";
import { scopes } from "../../../src/scopes.ts";
import type { Scope } from "../../../src/scopes.ts";
import { createMcpHttp } from "../../../src/tools/http.ts";
import type { ToolServerOptions } from "../../../src/tools/tool-server.ts";

export interface HttpServer {
  readonly url: URL;
  close(): Promise<void>;
}

/**
 * A real listener over the MCP handler. Who calls is told by headers here: what turns a token into
 * a principal is no concern of the tools.
 */
export async function startHttpServer(
  useCases: PreviewUseCases,
  options: Partial<Pick<ToolServerOptions, "logger" | "tools">> = {},
): Promise<HttpServer> {
  const mcp = createMcpHttp({ useCases, version: "1.2.3", logger: pino({ level: "silent" }), ...options });
  const server = serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => mcp.fetch(request, contextOf(request)) });
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the listener has no port");
  return {
    url: new URL(`http://127.0.0.1:${address.port}/mcp`),
    async close() {
      await mcp.close();
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

function scopesOf(request: Request): readonly Scope[] {
  const named = request.headers.get("x-scopes")?.split(" ") ?? ["operator"];
  return scopes.filter((scope) => named.includes(scope));
}

function contextOf(request: Request): RequestContext {
  return {
    principal: { kind: "bearer", org: "acme", user: request.headers.get("x-user") ?? "ada", scopes: scopesOf(request) },
    projectSlug: request.headers.get("x-project-slug") ?? "shop",
    requestId: request.headers.get("x-request-id") ?? "http-1",
  };
}
