import { createServer } from "node:http";
import type { Server as AnyServer, ServerOptions } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { acceptOn } from "../accept-on.ts";
import type { ListenAt } from "../accept-on.ts";
import { PreviewError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { LoopbackTwin } from "../loopback-twin.ts";
import { stopAccepting } from "../stop-accepting.ts";
import { answers } from "./answers/answer.ts";
import type { Answer } from "./answers/answer.ts";
import type { ClientSockets } from "./http1/client-sockets.ts";
import { createDrain } from "./drain.ts";
import type { DrainOptions } from "./drain.ts";
import { AnswerBuffers } from "./http1/answer-buffer.ts";
import { Http1Client } from "./http1/http1-client.ts";
import { Http1Request } from "./http1/http1-request.ts";
import { Http1Response } from "./http1/http1-response.ts";
import { Http1SwitchingClient } from "./http1/http1-switching-client.ts";
import { createHttp2Front } from "./http2/http2-front.ts";
import type { Http2Front, Http2FrontOptions } from "./http2/http2-front.ts";
import { headTooLarge, headTooSlow } from "./answers/limit-answers.ts";
import { maxHeaders } from "./forward/request-framing.ts";
import type { RequestHandler } from "./request-handler.ts";
import { sendLastAnswer } from "./answers/send-answer.ts";
import { putTlsBefore } from "./tls/tls-front.ts";
import type { TlsFrontOptions } from "./tls/tls-front.ts";
import type { TrafficCounts } from "./traffic/traffic-counts.ts";

export interface ListenerOptions extends ListenAt {
  readonly logger: Logger;
  readonly clients: ClientSockets;
  readonly counts: Pick<TrafficCounts, "refused">;
  readonly handler: RequestHandler;
  /** So many clients may send heads of the full size at once; default 1,000. */
  readonly roomyConnections?: number;
  /** What a request's head may take, in bytes; default 128 KiB. */
  readonly headBytes?: number;
  /** A client that has not sent a whole head by then is gone or means harm; default 10 s. */
  readonly headSeconds?: number;
  /** Speaks TLS, and HTTP/2 to whoever asks for it. */
  readonly tls?: ListenerTls;
}

export type ListenerTls = Pick<TlsFrontOptions, "certificates" | "domain"> &
  Pick<Http2FrontOptions, "serves" | "mostStreams">;

/** The port that browsers and edges connect to. */
export interface Listener {
  listen(): Promise<{ port: number }>;
  /** Accepts nothing more, and lets what is under way come to its end; see `Drain`. To be closed afterwards. */
  drain(options: DrainOptions): Promise<void>;
  close(): Promise<void>;
}

const headCheckMs = 1_000;
const idleCheckMs = 1_000;
/** In a crowd: what clients have sent of their heads so far is kept in memory, for all of them. */
const crowdedHeaderBytes = 16 * 1024;
/** Two file descriptors each; beyond it new connections are closed at once. */
const maxConnections = 20_000;

export function createListener(options: ListenerOptions): Listener {
  const { clients, counts, handler, logger } = options;
  const { roomyConnections = 1_000, headBytes = 128 * 1024, headSeconds = 10 } = options;
  const server = createHttpServer({ headersTimeout: headSeconds * 1000, maxHeaderSize: headBytes });
  let roomOfNext = headBytes;
  const answerTo = ({ code }: NodeJS.ErrnoException, socket: Socket): Answer => {
    if (code === "HPE_HEADER_OVERFLOW") return headTooLarge(clients.headBytesOf(socket) ?? headBytes);
    return code === "ERR_HTTP_REQUEST_TIMEOUT" ? headTooSlow(headSeconds) : answers.badRequest;
  };
  /** A fault of ours ends one connection, not the process. */
  const contain = (socket: Socket, work: () => void) => {
    try {
      work();
    } catch (error) {
      logger.error({ err: error }, "request not handled");
      socket.destroy();
    }
  };
  let draining = false;
  const buffers = new AnswerBuffers();
  const onRequest = (request: Http1Request, response: Http1Response) =>
    contain(request.socket, () => {
      if (!draining || drain.admit(request.socket, response))
        handler.onRequest(new Http1Client(request.handOver(), response, buffers));
    });
  server.maxConnections = maxConnections;
  server.maxHeadersCount = maxHeaders;
  server.on("connection", (socket: Socket) => {
    clients.accept(socket, roomOfNext);
    // Node reads it for each connection that comes, and before this is called
    roomOfNext = clients.size() < roomyConnections ? headBytes : Math.min(headBytes, crowdedHeaderBytes);
    Object.assign(server, { maxHeaderSize: roomOfNext });
  });
  server.on("request", onRequest);
  server.on("checkContinue", onRequest);
  server.on("checkExpectation", onRequest);
  server.on("upgrade", (request, socket: Socket, early) => {
    socket.on("error", waitForClose);
    if (socket.writableEnded) socket.destroy();
    else if (readsBody(request.handOver().headers)) {
      counts.refused(answers.badRequest);
      sendLastAnswer(socket, answers.badRequest);
    } else contain(socket, () => handler.onUpgrade(new Http1SwitchingClient(request, socket, early)));
  });
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Socket) => {
    if (clients.isBusy(socket)) socket.destroy();
    else {
      const answer = clients.refusalOf(socket) ?? answerTo(error, socket);
      counts.refused(answer);
      sendLastAnswer(socket, answer);
    }
  });
  const front = options.tls && openFront(server, { ...options, tls: options.tls, headBytes, headSeconds });
  const drain = createDrain({ clients, sessions: front });
  const closed = new AbortController();
  const idling = setInterval(() => clients.dropIdle(), idleCheckMs);
  idling.unref();
  let twin: LoopbackTwin | undefined;
  return {
    async listen() {
      twin = await listen(server, options);
      // from here on an error is a connection that could not be accepted, such as for want of descriptors
      server.on("error", (error) => options.logger.error({ err: error }, "connection not accepted"));
      return { port: (server.address() as AddressInfo).port };
    },
    async drain(options) {
      draining = true;
      stopAccepting(server);
      void twin?.close();
      await drain.run(options, closed.signal);
    },
    async close() {
      closed.abort();
      clearInterval(idling);
      const ended = Promise.all([close(server), twin?.close()]);
      front?.close();
      clients.destroyAll();
      await ended;
    },
  };
}

/**
 * `close` follows an error and is what counts. It stands here, since a function made where a request is at hand would
 * keep that request for as long as the socket.
 */
function waitForClose(): void {}

type Server = AnyServer<typeof Http1Request, typeof Http1Response>;

interface FrontOptions extends ListenerOptions {
  readonly tls: ListenerTls;
  readonly headBytes: number;
  readonly headSeconds: number;
}

/** Everything that the server does with connections is set up by now: TLS comes before all of it. */
function openFront(server: Server, { tls, ...options }: FrontOptions): Pick<Http2Front, "endIdle" | "close"> {
  const http2 = createHttp2Front({ ...options, ...tls });
  const front = putTlsBefore(server, {
    ...tls,
    http2,
    clients: options.clients,
    logger: options.logger,
    handshakeMs: options.headSeconds * 1000,
  });
  return {
    endIdle: () => http2.endIdle(),
    close() {
      http2.close();
      front.close();
    },
  };
}

/**
 * llhttp parses what clients send, strictly: it is the security boundary, and nothing behind it reads
 * a byte that it has not understood. There is no timeout on bodies and answers, which may take days.
 */
function createHttpServer(limits: Pick<ServerOptions, "headersTimeout" | "maxHeaderSize">): Server {
  return createServer({
    IncomingMessage: Http1Request,
    ServerResponse: Http1Response,
    insecureHTTPParser: false,
    ...limits,
    connectionsCheckingInterval: headCheckMs,
    requestTimeout: 0,
    // `dropIdle` of the client sockets sees to it
    keepAliveTimeout: 0,
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

async function listen(server: Server, at: ListenAt): Promise<LoopbackTwin | undefined> {
  const { host, port } = at;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await acceptOn(server, at);
    } catch (cause) {
      const closed = close(server);
      server.closeAllConnections();
      await closed;
      // the port that the system chose for one address may be taken on the other
      if (port === 0 && attempt < anyPortAttempts) continue;
      if (cause instanceof PreviewError) throw cause;
      throw new PreviewError("listen_failed", `The gateway cannot listen on ${host}:${port}.`, {
        hint: "Choose another port for the gateway, or stop what holds this one.",
        cause,
      });
    }
  }
}

const anyPortAttempts = 10;

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
