import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { callbackify } from "node:util";
import { createServer } from "node:tls";
import type { SecureContext, Server, TLSSocket } from "node:tls";
import type { Logger } from "../../logger.ts";
import type { ClientSockets } from "../http1/client-sockets.ts";
import type { Http2Front } from "../http2/http2-front.ts";
import { tlsPolicy } from "./certificates.ts";
import type { Certificates } from "./certificates.ts";
import { createPlainHttp } from "./plain-http.ts";
import type { PlainHttp } from "./plain-http.ts";

export interface TlsFrontOptions {
  readonly certificates: Certificates;
  readonly http2: Http2Front;
  /** Each connection is one of them from its first moment, whatever it goes on to speak. */
  readonly clients: Pick<ClientSockets, "hold" | "secure" | "drop" | "accept">;
  /** The domain of the previews. */
  readonly domain: string;
  readonly logger: Logger;
  /** A connection that has not agreed on TLS by then is closed. */
  readonly handshakeMs: number;
  /** Connections that are agreeing on TLS at once: beyond it the oldest gives way; default 2,000. */
  readonly mostOpening?: number;
}

/** Closes what it has not handed on. */
export interface TlsFront {
  close(): void;
}

/** First byte of a TLS handshake record. */
const handshake = 0x16;
/** As Node has it for the heads of plain requests. */
const plainHeadBytes = 16 * 1024;

/**
 * Puts TLS before a server of Node's: the connections that it accepts agree on TLS and a protocol first, and
 * then go where they would have gone without, or to HTTP/2. A plain request is told that this is
 * the wrong scheme, by its first byte.
 */
export function putTlsBefore(server: HttpServer, options: TlsFrontOptions): TlsFront {
  const opening = createOpening(options);
  const plain = createPlainHttp(options.domain);
  const http1 = server.listeners("connection");
  const tls = createTlsServer(options);
  tls.on("secureConnection", (socket) => {
    // `close` follows and is what counts
    socket.on("error", () => {});
    const held = opening.remove(socket);
    if (held === undefined) return void socket.destroy();
    options.clients.secure(held, socket);
    if (socket.destroyed) return;
    if (socket.alpnProtocol === "h2") options.http2.accept(socket);
    else for (const serve of http1) serve.call(server, socket);
  });
  server.removeAllListeners("connection");
  server.on("connection", (socket: Socket) => {
    socket.on("error", () => {});
    options.clients.hold(socket);
    if (socket.destroyed) return;
    opening.add(socket);
    socket.once("close", () => opening.remove(socket));
    readFirst(socket, { tls, plain, opening, clients: options.clients });
  });
  return {
    close() {
      opening.destroyAll();
      tls.removeAllListeners();
    },
  };
}

function createTlsServer({ certificates, logger, handshakeMs }: TlsFrontOptions): Server {
  const { contextFor } = certificates;
  const server = createServer({
    ...tlsPolicy,
    ...certificates.current(),
    ALPNProtocols: ["h2", "http/1.1"],
    handshakeTimeout: handshakeMs,
    ...(contextFor && { SNICallback: sniCallback(contextFor, logger) }),
  });
  certificates.onChange(() => server.setSecureContext({ ...tlsPolicy, ...certificates.current() }));
  // the socket is closed by Node; whoever cannot agree on TLS is none of our business
  server.on("tlsClientError", (_error, socket: TLSSocket) => socket.destroy());
  return server;
}

function sniCallback(contextFor: NonNullable<Certificates["contextFor"]>, logger: Logger) {
  const find = async (name: string): Promise<SecureContext | undefined> => {
    try {
      return await contextFor(name);
    } catch (err) {
      // then the current certificate is shown, and the client judges it
      logger.error({ event: "tls.no_certificate", err }, "no certificate could be made");
      return undefined;
    }
  };
  return callbackify(find);
}

interface Ways extends Pick<TlsFrontOptions, "clients"> {
  readonly tls: Server;
  readonly plain: PlainHttp;
  readonly opening: Opening;
}

function readFirst(socket: Socket, { tls, plain, opening, clients }: Ways): void {
  socket.once("readable", () => {
    const first: Buffer | null = socket.read(1) as Buffer | null;
    if (first === null) return void socket.destroy();
    socket.unshift(first);
    if (first[0] === handshake) return void tls.emit("connection", socket);
    opening.remove(socket);
    clients.accept(socket, plainHeadBytes);
    plain.serve(socket);
  });
}

/** Connections between TCP and TLS, the oldest first. */
interface Opening {
  /** Destroys it when it is still one of them after the time for it. */
  add(socket: Socket): void;
  /** Also by the TLS socket around it; what was added, if it still is one of them. */
  remove(socket: Socket): Socket | undefined;
  destroyAll(): void;
}

/**
 * A TLS socket does not tell the socket that it is around, but where it comes from. Of a client that leaves within
 * the handshake neither of the two may tell: the time for it bounds what is kept.
 */
function createOpening({ mostOpening = 2_000, handshakeMs, clients }: TlsFrontOptions): Opening {
  const opening = new Map<string, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>();
  const forget = (peer: string) => {
    const known = opening.get(peer);
    clearTimeout(known?.timer);
    opening.delete(peer);
    return known?.socket;
  };
  const drop = (peer: string) => {
    const socket = forget(peer);
    if (socket !== undefined) clients.drop(socket);
  };
  return {
    add(socket) {
      const peer = peerOf(socket);
      // of one before from the same port, whose end nobody told
      drop(peer);
      opening.set(peer, { socket, timer: setTimeout(() => drop(peer), handshakeMs) });
      const [oldest = peer] = opening.keys();
      if (opening.size > mostOpening) drop(oldest);
    },
    remove: (socket) => forget(peerOf(socket)),
    destroyAll() {
      for (const peer of opening.keys()) drop(peer);
    },
  };
}

/** Both ends: one port of a client may reach two addresses of ours. */
function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}
