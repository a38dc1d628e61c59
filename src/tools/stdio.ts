import type { Readable, Writable } from "node:stream";
import { StdioServerTransport, serveStdio } from "@modelcontextprotocol/server/stdio";
import { createToolServer } from "./tool-server.ts";
import type { ToolServerOptions } from "./tool-server.ts";

export interface StdioToolsOptions extends ToolServerOptions {
  readonly stdin?: Readable;
  /** Belongs to JSON-RPC alone. */
  readonly stdout?: Writable;
}

export interface StdioTools {
  /** Resolves when the client is gone (end of stdin, broken stdout) or after close. */
  readonly closed: Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves the tools of both protocol eras on one connection. Nothing happens before a client speaks,
 * and nothing beside the answers before it calls a tool: clients start throw-away servers to probe.
 * When the client is gone, calls in flight stop waiting and the process can end; previews live on.
 */
export function serveToolsOverStdio(options: StdioToolsOptions): StdioTools {
  const transport = new ClosingStdioTransport(options.stdin ?? process.stdin, options.stdout ?? process.stdout);
  const handle = serveStdio(() => createToolServer(options), {
    transport,
    onerror: (err) => options.logger.warn({ err }, "stdio trouble"),
  });
  return { closed: transport.closed, close: () => handle.close() };
}

/** Tells that it closed, whoever closed it: serveStdio keeps `onclose` to itself. */
class ClosingStdioTransport extends StdioServerTransport {
  readonly closed: Promise<void>;
  #tellClosed: () => void = () => undefined;

  constructor(stdin: Readable, stdout: Writable) {
    super(stdin, stdout);
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
  }

  override async close(): Promise<void> {
    await super.close();
    this.#tellClosed();
  }
}
