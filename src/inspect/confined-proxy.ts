import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { TLSSocket, connect as connectTls } from "node:tls";
import type { SecureContext } from "node:tls";
import type { Reach } from "./reach.ts";
import { readSocksRequest, writeSocksReply } from "./socks-request.ts";
import type { SocksRequest, socksReplies } from "./socks-request.ts";

export interface ConfinedProxyOptions {
  readonly reach: (host: string, port: number) => Promise<Reach>;
  /** The preview gateway's listener. */
  readonly gateway: { readonly host: string; readonly port: number; readonly tls?: boolean };
  /** Where previews are https, their TLS ends here: the browser trusts this key alone. */
  readonly tls?: SecureContext;
  /** Opens a connection to a public address; replaced in tests. */
  readonly dial?: (target: { host: string; port: number }) => Socket;
}

export interface ConfinedProxy {
  /** On loopback. */
  readonly port: number;
  /** Why connections to `host:port` were refused lately; undefined when they were not. */
  refusal(host: string, port: number): string | undefined;
  close(): Promise<void>;
}

const setupMs = 8000;
const maxSockets = 256;
const maxRefusals = 200;

/**
 * A SOCKS 5 proxy that is the browser's only way out. Everything that leaves the browser comes by
 * here, whatever made it leave: redirects, workers, sockets, prefetches. It takes no
 * authentication, which Chromium cannot give to SOCKS; whoever else on this host finds its port
 * reaches through it only public addresses and, with a link, previews: nothing that is not open to it anyway.
 */
export async function openConfinedProxy(options: ConfinedProxyOptions): Promise<ConfinedProxy> {
  const refusals = new Map<string, string>();
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    // a broken connection shows as a closed one, and takes its twin with it
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
    return socket;
  };
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
    keep(socket);
    if (sockets.size > maxSockets) socket.destroy();
    else serve(socket).catch(() => socket.destroy());
  });

  async function serve(client: Socket): Promise<void> {
    client.setTimeout(setupMs, () => client.destroy());
    const request = await readSocksRequest(client);
    const reach = await options.reach(request.host, request.port);
    if (reach.kind === "refused") {
      remember(refusals, request, reach.reason);
      return answer(client, "notAllowed");
    }
    const upstream = keep(dial(options, reach));
    client.once("close", () => upstream.destroy());
    upstream.setTimeout(setupMs, () => upstream.destroy());
    if (!(await connects(upstream))) return answer(client, "unreachable");
    for (const socket of [client, upstream]) socket.setTimeout(0);
    writeSocksReply(client, "succeeded");
    join(reach.kind === "gateway" ? withoutTls(client, options.tls, keep) : client, upstream);
  }

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    refusal: (host, port) => refusals.get(authority(host, port)),
    async close() {
      const closed = server.listening ? once(server, "close") : Promise.resolve();
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

function dial({ gateway, dial: open = connect }: ConfinedProxyOptions, reach: Exclude<Reach, { kind: "refused" }>) {
  return reach.kind === "gateway" ? dialGateway(gateway) : open({ host: reach.address, port: reach.port });
}

/** Its certificate is not judged: it is our own listener, and what browsers trust need not be trusted here. */
function dialGateway({ host, port, tls }: ConfinedProxyOptions["gateway"]): Socket {
  if (tls !== true) return connect({ host, port, noDelay: true, allowHalfOpen: true });
  const options = { host, port, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"], allowHalfOpen: true };
  return connectTls(options);
}

/** False when it was refused, or given up. */
function connects(socket: Socket): Promise<boolean> {
  return new Promise((resolve) => {
    socket.once("connect", () => resolve(true)).once("close", () => resolve(false));
  });
}

function withoutTls(client: Socket, secureContext: SecureContext | undefined, keep: (socket: Socket) => Socket) {
  if (secureContext === undefined) return client;
  return keep(new TLSSocket(client, { isServer: true, secureContext, ALPNProtocols: ["http/1.1"] }));
}

/** Half-open ends are kept: an upgraded connection may be done with one direction alone. */
function join(one: Socket, other: Socket): void {
  one.pipe(other).pipe(one);
  one.once("close", () => other.destroy());
  other.once("close", () => one.destroy());
}

function answer(client: Socket, reply: keyof typeof socksReplies): void {
  writeSocksReply(client, reply);
  client.end();
}

function remember(refusals: Map<string, string>, { host, port }: SocksRequest, reason: string): void {
  refusals.set(authority(host, port), reason);
  const [oldest] = refusals.keys();
  if (refusals.size > maxRefusals && oldest !== undefined) refusals.delete(oldest);
}

function authority(host: string, port: number): string {
  return `${host.toLowerCase().replace(/^\[(.*)\]$/, "$1")}:${port}`;
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  return address.port;
}
