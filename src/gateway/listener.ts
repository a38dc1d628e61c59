import { once } from "node:events";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { answers } from "./answer.ts";
import type { Answer } from "./answer.ts";
import type { ClientSockets } from "./client-sockets.ts";
import type { RequestHandler } from "./request-handler.ts";
import { sendLastAnswer } from "./send-answer.ts";

export interface ListenerOptions {
  readonly host: string;
  /** 0 picks a free one. */
  readonly port: number;
  readonly logger: Logger;
  readonly clients: ClientSockets;
  readonly handler: RequestHandler;
}

/** The port that browsers and edges connect to. */
export interface Listener {
  listen(): Promise<{ port: number }>;
  close(): Promise<void>;
}

/** A client that has not sent a whole head by then is gone or means harm. */
const headTimeoutMs = 10_000;
const headCheckMs = 1_000;
/** Longer than the edges keep a connection to us (Caddy 120 s, Traefik 90 s, nginx 60 s): they close first. */
const keepAliveMs = 130_000;
const maxHeaderBytes = 128 * 1024;
/** Two file descriptors each; beyond it new connections are closed at once. */
const maxConnections = 20_000;

export function createListener(options: ListenerOptions): Listener {
  const server = createHttpServer();
  const { clients, handler } = options;
  server.maxConnections = maxConnections;
  // bounded by the size of the head alone: Node drops headers beyond a count, and one that says
  // where the body ends might be among them
  server.maxHeadersCount = 0;
  server.on("connection", (socket: Socket) => clients.accept(socket));
  server.on("request", (request, response) => handler.onRequest(request, response));
  server.on("checkContinue", (request, response) => handler.onRequest(request, response));
  server.on("checkExpectation", (request, response) => handler.onRequest(request, response));
  server.on("upgrade", (request, socket: Socket, early) => {
    // `close` follows and is what counts
    socket.on("error", () => {});
    if (readsBody(request.headers)) sendLastAnswer(socket, answers.badRequest);
    else handler.onUpgrade(request, socket, early);
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (clients.isBusy(socket)) socket.destroy();
    else sendLastAnswer(socket, answerTo(error));
  });
  return { listen: () => listen(server, options), close: () => close(server, clients) };
}

/**
 * llhttp parses what clients send, strictly: it is the security boundary, and nothing behind it reads
 * a byte that it has not understood. There is no timeout on bodies and answers, which may take days.
 */
function createHttpServer(): Server {
  return createServer({
    insecureHTTPParser: false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: headTimeoutMs,
    connectionsCheckingInterval: headCheckMs,
    requestTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    highWaterMark: 64 * 1024,
    keepAlive: true,
    keepAliveInitialDelay: 60_000,
    // a missing Host is answered like an unknown one
    requireHostHeader: false,
  });
}

/** An upgrade with a body would leave its bytes to be taken for the new protocol's. */
function readsBody(headers: Readonly<Record<string, unknown>>): boolean {
  const length = headers["content-length"];
  return headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0");
}

function answerTo({ code }: NodeJS.ErrnoException): Answer {
  if (code === "HPE_HEADER_OVERFLOW") return answers.headTooLarge;
  return code === "ERR_HTTP_REQUEST_TIMEOUT" ? answers.requestTimeout : answers.badRequest;
}

async function listen(server: Server, { host, port, logger }: ListenerOptions): Promise<{ port: number }> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new PreviewError("listen_failed", `The gateway cannot listen on ${host}:${port}.`, {
      hint: "Choose another port for the gateway, or stop what holds this one.",
      cause,
    });
  }
  // from here on an error is a connection that could not be accepted, such as for want of descriptors
  server.on("error", (error) => logger.error({ err: error }, "connection not accepted"));
  return { port: (server.address() as AddressInfo).port };
}

function close(server: Server, clients: ClientSockets): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    clients.destroyAll();
  });
}
