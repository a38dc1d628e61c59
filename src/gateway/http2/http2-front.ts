import { randomBytes } from "node:crypto";
import { performServerHandshake } from "node:http2";
import type { Http2Session, IncomingHttpHeaders, ServerHttp2Stream, ServerOptions } from "node:http2";
import type { Socket } from "node:net";
import type { Logger } from "../../logger.ts";
import type { ClientSockets } from "../http1/client-sockets.ts";
import { maxHeaders } from "../forward/request-framing.ts";
import type { RequestHandler } from "../request-handler.ts";
import { Http2Client, breakStream } from "./http2-client.ts";
import { http2SwitchingClient } from "./http2-switching-client.ts";
import { opensWebSocket, readHttp2Head } from "./read-head.ts";
import { createSessionWatch } from "./session-watch.ts";
import type { SessionWatch } from "./session-watch.ts";

export interface Http2FrontOptions {
  readonly handler: RequestHandler;
  readonly clients: ClientSockets;
  readonly logger: Logger;
  /** What the head of a request may take, in bytes. */
  readonly headBytes: number;
  /** The first request must have come by then. */
  readonly headSeconds: number;
  /** Streams open at once on one connection, at most 256. A client that is told waits with more; default 256. */
  readonly mostStreams?: number;
  /** Whether this gateway answers for a host at all; `authority` may have a port. */
  readonly serves: (authority: string) => boolean;
}

/** Speaks HTTP/2 on connections that have agreed to it. */
export interface Http2Front {
  accept(socket: Socket): void;
  /** See `SessionWatch`. */
  endIdle(): void;
  close(): void;
}

export function createHttp2Front(options: Http2FrontOptions): Http2Front {
  const { clients, headBytes, headSeconds } = options;
  const watch = createSessionWatch({ headSeconds });
  const sessionOptions = sessionLimits(options);
  return {
    accept(socket) {
      clients.accept(socket, headBytes, "http/2");
      if (socket.destroyed) return;
      // who ends its side has left: a stream has an end of its own
      socket.allowHalfOpen = false;
      const session = performServerHandshake(socket, sessionOptions);
      // `close` follows and is what counts
      session.on("error", () => {});
      watch.add(session);
      serveStreams(session, socket, { ...options, watch });
    },
    endIdle: () => watch.endIdle(),
    close: () => watch.close(),
  };
}

/**
 * What one connection may hold of memory, and do of harm. nghttp2 adds its own: CONTINUATION frames of one
 * head, streams that are reset, frames that must be answered.
 */
function sessionLimits({ headBytes, mostStreams = streamsAtMost }: Http2FrontOptions): ServerOptions {
  return {
    settings: {
      enableConnectProtocol: true,
      maxConcurrentStreams: Math.min(streamsAtMost, mostStreams),
      maxHeaderListSize: headBytes,
      initialWindowSize: windowBytes,
    },
    maxHeaderListPairs: maxHeaders,
    maxSendHeaderBlockLength: maxSentHeadBytes,
    maxSessionInvalidFrames: 100,
    maxSessionMemory: 32,
  };
}

const streamsAtMost = 256;
/** Of a body that the app does not read, so much is kept. */
const windowBytes = 256 * 1024;
/** The head of an app's answer may have 128 KB before it is mapped. */
const maxSentHeadBytes = 512 * 1024;

type StreamArrived = (stream: ServerHttp2Stream, arrived: { headers: IncomingHttpHeaders; raw: string[] }) => void;

function serveStreams(
  session: Http2Session,
  socket: Socket,
  { handler, clients, logger, serves, watch }: Http2FrontOptions & { readonly watch: SessionWatch },
): void {
  const served = rememberYes(serves);
  const hand: StreamArrived = (stream, { headers, raw: rawHeaders }) => {
    const arrived = { headers, rawHeaders, endsWithHead: stream.endAfterHeaders, serves: served };
    if (opensWebSocket(headers)) {
      const key = randomBytes(16).toString("base64");
      const head = readHttp2Head({ ...arrived, webSocketKey: key });
      handler.onUpgrade(http2SwitchingClient({ stream, head, socket, key }));
    } else handler.onRequest(new Http2Client(stream, readHttp2Head(arrived), socket));
  };
  session.on("stream", (stream: ServerHttp2Stream, headers, _flags, raw: string[]) => {
    // `close` follows and is what counts
    stream.on("error", () => {});
    watch.addStream(session, stream);
    try {
      hand(stream, { headers, raw });
    } catch (error) {
      // a fault of ours ends one stream, not the process
      logger.error({ err: error }, "request not handled");
      breakStream(stream);
    }
    // one connection too many of its address: it was told so, and that is all
    if (clients.refusalOf(socket) !== undefined) session.close();
  });
}

/** Remembers a few names that were asked for, as a browser has one or two for a connection. */
function rememberYes(serves: (authority: string) => boolean): (authority: string) => boolean {
  const known = new Set<string>();
  return (authority) => {
    if (known.has(authority)) return true;
    const yes = serves(authority);
    if (yes && known.size < mostNames) known.add(authority);
    return yes;
  };
}

const mostNames = 50;
