import { connect as dial, isIPv6 } from "node:net";
import type { OnReadOpts, Socket } from "node:net";
import { UpstreamMovedError } from "../errors.ts";
import type { Upstream, UpstreamTarget } from "./driver.ts";
import type { HeldListener } from "./process-view.ts";
import { dialAddress } from "./socket-table.ts";

export interface UpstreamContext {
  /** The listeners of the launch, looked up now. */
  readonly listenersOf: (target: UpstreamTarget) => Promise<readonly HeldListener[]>;
  /** Whether this very socket is still open in the process that held it. Costs microseconds. */
  readonly isHeld: (listener: HeldListener) => Promise<boolean>;
  /** Whether another socket than these of the launch may have been given a connection to this one. Costs microseconds. */
  readonly isShared: (listener: HeldListener, own: readonly HeldListener[]) => Promise<boolean>;
  /** Whether anybody listens on the port. */
  readonly isTaken: (port: number) => Promise<boolean>;
}

/** One upstream for each launch and port, so that what one connection learns of the listener serves the next. */
export interface Upstreams {
  of(target: UpstreamTarget): Upstream;
  forget(launchId: string): void;
}

const connectMs = 5_000;
/** A server that reopens its listener between our look and our dial gets this many new looks. */
const attempts = 3;
/** Whoever asks for ports that nobody listens on makes one each: forgetting them costs the next connection a look. */
const maxPortsKnown = 64;

export function createUpstreams(context: UpstreamContext): Upstreams {
  const known = new Map<string, Map<string, Upstream>>();
  return {
    of(target) {
      const { launchId, port, process } = target;
      const ofLaunch = known.get(launchId) ?? new Map<string, Upstream>();
      known.set(launchId, ofLaunch);
      const key = `${port} ${process.pid} ${process.startTime}`;
      const upstream = ofLaunch.get(key) ?? createUpstream(target, context);
      if (ofLaunch.size >= maxPortsKnown) ofLaunch.clear();
      ofLaunch.set(key, upstream);
      return upstream;
    },
    forget: (launchId) => void known.delete(launchId),
  };
}

/**
 * Invariant: a socket is handed out only when the listener that was known before the dial is
 * still open after it, and shares its address with none outside of the launch. Then the port cannot have
 * changed hands in between, and whoever accepted the connection belongs to the launch. Otherwise the connection is destroyed before a byte is
 * sent, and the launch is looked at again: dev servers reopen their listener on restart.
 */
export function createUpstream(target: UpstreamTarget, context: UpstreamContext): Upstream {
  let current: Found | undefined;
  let looking: Promise<Found> | undefined;

  /** Concurrent requests share one look. */
  function look(): Promise<Found> {
    looking ??= findListener(target, context).finally(() => {
      looking = undefined;
    });
    return looking;
  }

  return {
    async connect({ signal, onread }) {
      let refusal: Error | undefined;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const found = current ?? (current = await look());
        const { listener } = found;
        signal?.throwIfAborted();
        const reader = onread === undefined ? undefined : gateReader(onread);
        const dialled = await openSocket(listener, { signal, onread: reader?.onread }).catch(refusalOrThrow);
        if (dialled instanceof Error) refusal = dialled;
        else if ((await isProven(context, found)) && !signal?.aborted && reader?.open() !== false) return dialled;
        else dialled.destroy();
        if (current === found) current = undefined;
      }
      signal?.throwIfAborted();
      throw (
        refusal ??
        new UpstreamMovedError(
          `port ${target.port} is shared with others, or changes hands faster than it can be checked`,
        )
      );
    },
  };
}

/** The socket that is dialled, and all of the launch's on its port. */
interface Found {
  readonly listener: HeldListener;
  readonly own: readonly HeldListener[];
}

async function isProven(context: UpstreamContext, { listener, own }: Found): Promise<boolean> {
  return (await context.isHeld(listener)) && !(await context.isShared(listener, own));
}

/** A refused connection is worth another look: it tells a reopened listener from a closed or moved one. */
function refusalOrThrow(error: unknown): Error {
  if (error instanceof Error && "code" in error && error.code === "ECONNREFUSED") return error;
  throw error;
}

async function findListener(target: UpstreamTarget, context: UpstreamContext): Promise<Found> {
  const onPort = (await context.listenersOf(target)).filter((listener) => listener.port === target.port);
  const reachable = onPort.filter((listener) => !listener.foreign);
  const same = reachable.find((listener) => listener.address === target.listener.address);
  const found = same ?? reachable[0];
  if (found) return { listener: found, own: reachable };
  if (onPort.length > 0) throw new UpstreamMovedError(`port ${target.port} is open in another network namespace only`);
  if (await context.isTaken(target.port)) {
    throw new UpstreamMovedError(`port ${target.port} is held by a process outside of the launch`);
  }
  throw systemError("ECONNREFUSED", target.listener.address, target.port);
}

interface GatedReader {
  readonly onread: OnReadOpts;
  /** Lets bytes through from now on; false when some came before, which nobody asked for. */
  open(): boolean;
}

/** Not a byte reaches the caller before the connection was shown to belong to the launch. */
function gateReader(wanted: OnReadOpts): GatedReader {
  let opened = false;
  let early = false;
  return {
    onread: {
      buffer: wanted.buffer,
      callback(length, bytes) {
        if (opened) return wanted.callback(length, bytes);
        early = true;
        return false;
      },
    },
    open() {
      opened = true;
      return !early;
    },
  };
}

interface SocketOptions {
  readonly signal: AbortSignal | undefined;
  readonly onread: OnReadOpts | undefined;
}

function openSocket(listener: HeldListener, { signal, onread }: SocketOptions): Promise<Socket> {
  const host = dialAddress(listener.address);
  return new Promise((resolve, reject) => {
    const address = { host, port: listener.port, family: isIPv6(host) ? 6 : 4, noDelay: true };
    const socket = dial(onread === undefined ? address : { ...address, onread });
    const onAbort = () => fail(signal?.reason);
    const timer = setTimeout(() => fail(systemError("ETIMEDOUT", host, listener.port)), connectMs);
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      socket.removeListener("connect", onConnect);
      socket.removeListener("error", fail);
    };
    const onConnect = () => {
      settle();
      // until the caller listens, a reset shows as a destroyed socket and must not end the process
      socket.on("error", () => undefined);
      resolve(socket);
    };
    const fail = (error: unknown) => {
      settle();
      socket.destroy();
      reject(error);
    };
    socket.once("connect", onConnect);
    socket.once("error", fail);
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function systemError(code: string, address: string, port: number): NodeJS.ErrnoException {
  const error: NodeJS.ErrnoException = new Error(`connect ${code} ${address}:${port}`);
  return Object.assign(error, { code, syscall: "connect", address, port });
}
