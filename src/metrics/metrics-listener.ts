import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isIP } from "node:net";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";

export interface MetricsListenerOptions {
  readonly registry: Pick<Registry, "metrics" | "contentType">;
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  /** Host names under which it may be addressed, besides localhost and addresses. */
  readonly names: readonly string[];
  readonly logger: Logger;
}

/** Answers `GET /metrics` to whoever reaches it: bind it where only Prometheus does. */
export interface MetricsListener {
  readonly port: number;
  close(): Promise<void>;
}

/** Rejects with `listen_failed`. */
export async function listenForMetrics(options: MetricsListenerOptions): Promise<MetricsListener> {
  const { host, port, logger } = options;
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    void answer(options, request, response).catch((err: unknown) => {
      logger.error({ event: "metrics.failed", err }, "metrics could not be collected");
      send(response, { status: 500, text: "the plane's log has the cause\n" });
    });
  });
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new PreviewError("listen_failed", `the metrics listener cannot bind ${host}:${port}`, {
      hint: "Stop the process that holds the port, or set DEV_PREVIEW_METRICS_PORT.",
      cause,
    });
  }
  let closing: Promise<void> | undefined;
  return { port: (server.address() as AddressInfo).port, close: () => (closing ??= close(server)) };
}

interface TextAnswer {
  readonly status: number;
  readonly text: string;
  readonly type?: string;
}

async function answer(
  { registry, names }: MetricsListenerOptions,
  { method, url, headers }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isOurName(headers.host, names) || headers.origin !== undefined)
    return send(response, { status: 403, text: "address this listener as localhost, or by its address\n" });
  if (url?.split("?", 1)[0] !== "/metrics") return send(response, { status: 404, text: "there is GET /metrics\n" });
  if (method !== "GET") return send(response, { status: 405, text: "there is GET /metrics\n" });
  send(response, { status: 200, text: await registry.metrics(), type: registry.contentType });
}

/**
 * A web page may make a name of its own lead here (DNS rebinding) and read the answer, as that is its own origin
 * then. An address it cannot make its own.
 */
function isOurName(header: string | undefined, names: readonly string[]): boolean {
  const name = /^(\[[0-9a-f:.]+\]|[^:]+)(?::\d{1,5})?$/i.exec(header ?? "")?.[1]?.toLowerCase();
  if (name === undefined) return false;
  return name === "localhost" || isIP(name.replace(/^\[|\]$/g, "")) !== 0 || names.includes(name);
}

function send(response: ServerResponse, { status, text, type = "text/plain; charset=utf-8" }: TextAnswer): void {
  response.writeHead(status, { "Content-Type": type, "X-Content-Type-Options": "nosniff" }).end(text);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
