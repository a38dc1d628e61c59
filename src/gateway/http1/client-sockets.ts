import type { Socket } from "node:net";
import { createAddressSeats } from "./address-seats.ts";
import { addressKey } from "../client-address.ts";
import type { ClientAddresses } from "../client-address.ts";
import { answers } from "../answers/answer.ts";
import type { Answer } from "../answers/answer.ts";
import { fullAddress } from "../answers/limit-answers.ts";
import { createOpenCounts } from "../traffic/open-counts.ts";
import type { OpenCounts } from "../traffic/open-counts.ts";
import type { Cuttable } from "../traffic/open-traffic.ts";
import { keepAliveMs } from "./http1-response.ts";

/**
 * The sockets of clients and what each is waiting for. Node tells a response that its socket closed
 * only once the response owns the socket; a pipelined one behind it would never hear of it, so that
 * the socket itself is watched, once.
 *
 * A socket on which nothing is under way waits: for a head that comes, half came, or may never come.
 * Such a one gives way where there are too many, since its client can connect again and loses nothing.
 */
export interface ClientSockets {
  /** Counts it for its address from now on, before anything of it is read; destroys it where there are too many. */
  hold(socket: Socket): void;
  /** What is held as `socket` goes on as `secure`, around it. */
  secure(socket: Socket, secure: Socket): void;
  /** Destroys what is held and was not accepted: its `close` may never be told. */
  drop(socket: Socket): void;
  /** Requests may come on it, of HTTP/2 several at once; `headBytes`: what its heads may take of memory. */
  accept(socket: Socket, headBytes: number, protocol?: "http/2"): void;
  /** `item` is cut when the socket closes. */
  add(socket: Socket, item: Cuttable): void;
  remove(socket: Socket, item: Cuttable): void;
  /** An answer of our own takes its time; a socket that has nothing else under way waits none the less. */
  addOwn(socket: Socket, item: OwnAnswer): void;
  removeOwn(socket: Socket, item: OwnAnswer): void;
  /** True while anything is under way on this socket. */
  isBusy(socket: Socket): boolean;
  /** The answer to everything that comes on a socket which is one too many of its address. */
  refusalOf(socket: Socket): Answer | undefined;
  headBytesOf(socket: Socket): number | undefined;
  /**
   * Closes connections of HTTP/1.1 that have waited for `idleMs` without a word; to be called every now and then. One
   * that had answers of our own meanwhile has up to twice the time. A timer for each, set anew by each request, costs
   * several hundredths of a small answer.
   */
  dropIdle(): void;
  size(): number;
  all(): Iterable<OpenClient>;
  /** What went over the sockets of clients, those that are closed included. */
  bytes(): { readonly received: number; readonly sent: number };
  destroyAll(): void;
}

export interface ClientSocketsOptions {
  readonly addresses: Pick<ClientAddresses, "isProxy">;
  /** Sockets of one address at once, those of proxies apart; absent: no limit. */
  readonly perAddress?: number;
  /** Sockets by address; default: those that are held here. */
  readonly open?: OpenCounts;
  /** Sockets that wait at once; default 2,000. */
  readonly mostWaiting?: number;
  /** Default: as `Keep-Alive` promises, and a second for what is on the way. */
  readonly idleMs?: number;
  /** A younger socket never gives way to another of its address: its head may be on the way; default 1 s. */
  readonly graceMs?: number;
  /** Called for each socket that is closed without a word because its address has too many. */
  readonly onDropped?: (most: number) => void;
}

export type OwnAnswer = Pick<Cuttable, "beLast">;

/** A socket as it is now. */
export interface OpenClient {
  readonly socket: Socket;
  /** What is under way, in the order in which it came. */
  readonly items: ReadonlySet<Cuttable>;
  /** Answers of our own that take their time. */
  readonly own?: ReadonlySet<OwnAnswer>;
  /** Absent while it is held. */
  readonly headBytes?: number;
  /** Monotonic ms. */
  readonly acceptedAt: number;
  /** Something was under way on it. */
  readonly asked: boolean;
  /** Its end is that of its session. */
  readonly speaksHttp2: boolean;
}

interface Client extends OpenClient {
  socket: Socket;
  readonly items: Set<Cuttable>;
  own?: Set<OwnAnswer>;
  asked: boolean;
  speaksHttp2: boolean;
  headBytes?: number;
  acceptedAt: number;
  /** Monotonic ms; what it had said by then. */
  idleSince: number;
  bytesThen: number;
  /** Absent for proxies. */
  readonly address?: string;
  refused: boolean;
}

export function createClientSockets(options: ClientSocketsOptions): ClientSockets {
  const {
    addresses,
    perAddress = Infinity,
    mostWaiting = 2_000,
    graceMs = 1_000,
    idleMs = keepAliveMs + 1_000,
  } = options;
  const open = options.open ?? createOpenCounts();
  const clients = new Map<Socket, Client>();
  const seats = createAddressSeats<Client>({ open, perAddress, graceMs, forget, onDropped: options.onDropped });
  /** Whoever waits longest comes first. */
  const waiting = new Set<Client>();
  let received = 0;
  let sent = 0;

  function forget(client: Client): void {
    const { socket, address, items } = client;
    socket.destroy();
    if (!clients.delete(socket)) return;
    received += socket.bytesRead;
    sent += socket.bytesWritten;
    waiting.delete(client);
    if (address !== undefined) seats.leave(client, address);
    for (const item of items) item.cut(answers.gone);
  }

  function makeRoom(): void {
    const [longest] = waiting;
    if (waiting.size > mostWaiting && longest !== undefined) forget(longest);
  }

  function wait(client: Client): void {
    client.idleSince = performance.now();
    client.bytesThen = client.socket.bytesRead;
    // it goes to the end of them
    waiting.delete(client);
    waiting.add(client);
  }

  function dropIdle(): void {
    const latest = performance.now() - idleMs;
    for (const client of waiting) {
      const { socket, idleSince, bytesThen, speaksHttp2, own } = client;
      if (idleSince > latest) return;
      // sessions of HTTP/2 have an end of their own; a client may be slow to read the last of an answer
      if (speaksHttp2 || socket.writableLength > 0 || (own?.size ?? 0) > 0) continue;
      // what it said since then was answered without being under way here
      if (socket.bytesRead > bytesThen) wait(client);
      else forget(client);
    }
  }

  function hold(socket: Socket): void {
    const remote = socket.remoteAddress;
    // it has left already
    if (remote === undefined) return void socket.destroy();
    const own = addresses.isProxy(remote) ? {} : { address: addressKey(remote) };
    const now = performance.now();
    const client: Client = {
      socket,
      items: new Set(),
      acceptedAt: now,
      idleSince: now,
      bytesThen: 0,
      asked: false,
      speaksHttp2: false,
      refused: false,
      ...own,
    };
    clients.set(socket, client);
    socket.on("close", () => forget(client));
    if (client.address !== undefined) seats.take(client, client.address);
  }

  return {
    hold,
    secure(socket, secure) {
      const client = clients.get(socket);
      if (client === undefined) return void secure.destroy();
      clients.delete(socket);
      clients.set(secure, client);
      client.socket = secure;
      secure.on("close", () => forget(client));
    },
    drop(socket) {
      const client = clients.get(socket);
      if (client === undefined) socket.destroy();
      else forget(client);
    },
    accept(socket, headBytes, protocol) {
      if (!clients.has(socket)) hold(socket);
      const client = clients.get(socket);
      if (client === undefined) return;
      client.headBytes = headBytes;
      client.speaksHttp2 = protocol === "http/2";
      client.acceptedAt = performance.now();
      wait(client);
      makeRoom();
    },
    add(socket, item) {
      const client = clients.get(socket);
      if (client === undefined) return item.cut(answers.gone);
      client.items.add(item);
      client.asked = true;
      waiting.delete(client);
    },
    remove(socket, item) {
      const client = clients.get(socket);
      if (client?.items.delete(item) === true && client.items.size === 0) wait(client);
    },
    addOwn(socket, item) {
      const client = clients.get(socket);
      if (client !== undefined) (client.own ??= new Set()).add(item);
    },
    removeOwn(socket, item) {
      const client = clients.get(socket);
      if (client?.own?.delete(item) === true && client.items.size === 0) wait(client);
    },
    isBusy: (socket) => (clients.get(socket)?.items.size ?? 0) > 0,
    refusalOf: (socket) =>
      seats.anyRefused() && clients.get(socket)?.refused === true
        ? { ...fullAddress(perAddress), closes: true }
        : undefined,
    headBytesOf: (socket) => clients.get(socket)?.headBytes,
    dropIdle,
    size: () => clients.size,
    all: () => clients.values(),
    bytes() {
      const sum = { received, sent };
      for (const { bytesRead, bytesWritten } of clients.keys()) {
        sum.received += bytesRead;
        sum.sent += bytesWritten;
      }
      return sum;
    },
    destroyAll() {
      for (const socket of clients.keys()) socket.destroy();
    },
  };
}
