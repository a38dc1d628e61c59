import { createMcpHandler } from "@modelcontextprotocol/server";
import type { AuthInfo, McpServer } from "@modelcontextprotocol/server";
import type { RequestContext } from "../identity/context.ts";
import type { Logger } from "../logger.ts";
import { readBody } from "./read-body.ts";
import { tools as alwaysThere } from "./registry.ts";
import { refuseScope } from "./scope-refusal.ts";
import { createToolServer } from "./tool-server.ts";
import type { ToolServerOptions } from "./tool-server.ts";

export interface McpHttp {
  /**
   * Answers one request of either era. Checks neither Host, Origin nor token: the listener does,
   * before it binds the context that is given here.
   */
  fetch(request: Request, context: RequestContext): Promise<Response>;
  /** Refuses further requests and ends those in flight; idempotent. */
  close(): Promise<void>;
}

/** No argument of ours comes near it. */
const maxRequestBytes = 1024 * 1024;

export type McpHttpOptions = Omit<ToolServerOptions, "contextOf">;

/** The tools over Streamable HTTP, stateless: every request is served by a server of its own. */
export function createMcpHttp(options: McpHttpOptions): McpHttp {
  const { tools = alwaysThere } = options;
  return mountMcpServer((contextOf) => createToolServer({ ...options, contextOf }), {
    logger: options.logger,
    refuse: (body, { principal }) => refuseScope(body, principal, tools),
  });
}

export interface MountOptions {
  readonly logger: Logger;
  /** Looks at a request before the server does; an answer of it is the answer. */
  readonly refuse?: (body: unknown, context: RequestContext) => Response | undefined;
}

/** Any server on this mount; `contextOf` gives the context of the one request that it is made for. */
export function mountMcpServer(
  createServer: (contextOf: () => RequestContext) => McpServer,
  { logger, refuse }: MountOptions,
): McpHttp {
  // The SDK hands this very object to the factory, so that a context can only reach its own request.
  const contexts = new WeakMap<AuthInfo, RequestContext>();
  const handler = createMcpHandler(({ authInfo }) => createServer(() => contextFor(contexts, authInfo)), {
    maxRequestBodySize: maxRequestBytes,
    onerror: (err) => logger.warn({ err }, "mcp request refused"),
  });
  let closed = false;
  return {
    async fetch(request, context) {
      if (closed) return shuttingDown();
      const authInfo: AuthInfo = { token: "", clientId: context.principal.user, scopes: [] };
      contexts.set(authInfo, context);
      const { request: readable, ...read } = await readBody(request, maxRequestBytes);
      return refuse?.(read.parsedBody, context) ?? (await handler.fetch(readable, { authInfo, ...read }));
    },
    async close() {
      closed = true;
      await handler.close();
    },
  };
}

function contextFor(contexts: WeakMap<AuthInfo, RequestContext>, authInfo: AuthInfo | undefined): RequestContext {
  const context = authInfo === undefined ? undefined : contexts.get(authInfo);
  if (context === undefined) throw new Error("a request reached the tools without a context");
  return context;
}

function shuttingDown(): Response {
  const error = { code: -32000, message: "The plane is shutting down" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 503, headers: { "Retry-After": "1" } });
}
