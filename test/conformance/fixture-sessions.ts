import { randomUUID } from "node:crypto";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import type { McpServer } from "@modelcontextprotocol/server";

export interface Sessions {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * 2025 sessions: sampling and elicitation ask the client in the middle of a call, and its answer is
 * another request, which only a session brings together. Our own tools ask nothing and need none.
 */
export function createSessions(createServer: () => McpServer): Sessions {
  const transports = new Map<string, WebStandardStreamableHTTPServerTransport>();

  const open = async (): Promise<WebStandardStreamableHTTPServerTransport> => {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (id) => void transports.set(id, transport),
      onsessionclosed: (id) => void transports.delete(id),
    });
    await createServer().connect(transport);
    return transport;
  };

  return {
    async fetch(request) {
      const id = request.headers.get("mcp-session-id");
      const transport = id === null ? await open() : transports.get(id);
      return transport === undefined ? unknownSession() : await transport.handleRequest(request);
    },
    async close() {
      await Promise.all([...transports.values()].map((transport) => transport.close()));
    },
  };
}

function unknownSession(): Response {
  const error = { code: -32001, message: "Session not found" };
  return Response.json({ jsonrpc: "2.0", error, id: null }, { status: 404 });
}
