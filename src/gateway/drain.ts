import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { answers } from "./answers/answer.ts";
import { linger } from "./answers/send-answer.ts";
import type { ClientSockets, OpenClient } from "./http1/client-sockets.ts";

export interface DrainOptions {
  /** What is under way by then is ended. */
  readonly deadlineMs: number;
}

/** How a gateway ends without breaking what is under way. */
export interface Drain {
  /** Resolves when nothing is under way any more, at the latest a second after the deadline; at once when `closed`. */
  run(options: DrainOptions, closed: AbortSignal): Promise<void>;
  /**
   * Of a request of HTTP/1.1 that came meanwhile: makes its answer the last of its connection. False when
   * the last one is settled, and nothing that follows will be answered (RFC 9112, 9.6).
   */
  admit(socket: Socket, response: ServerResponse): boolean;
}

export interface Draining {
  readonly clients: Pick<ClientSockets, "all" | "size" | "destroyAll">;
  /** HTTP/2, where it is spoken. */
  readonly sessions: { endIdle(): void } | undefined;
}

/** A connection that has not asked for anything has its request on the way: it could not be sent again for sure. */
export const freshMs = 1_000;
/** From the deadline on: for a frame to end, and for a client to close its side. */
const partingMs = 1_000;
const pollMs = 50;

export function createDrain({ clients, sessions }: Draining): Drain {
  const lastTaken = new WeakSet<Socket>();

  /** Requests of one connection are answered in order: the answer to the latest is the last. */
  function announce({ socket, items, own }: OpenClient): void {
    const latest = [...(own ?? []), ...items].at(-1);
    if (latest?.beLast() === true) lastTaken.add(socket);
  }

  /** True when nothing is left under way. */
  function endIdle(): boolean {
    sessions?.endIdle();
    let busy = false;
    for (const client of clients.all()) {
      if (isIdle(client)) end(client);
      else if (!hasEnded(client)) busy = true;
    }
    return !busy;
  }

  async function poll(isOver: () => boolean, { withinMs, closed }: { withinMs: number; closed: AbortSignal }) {
    const deadline = performance.now() + withinMs;
    while (!closed.aborted && !isOver() && performance.now() < deadline)
      await pause(Math.min(pollMs, Math.max(1, deadline - performance.now())));
  }

  return {
    async run({ deadlineMs }, closed) {
      for (const client of clients.all()) announce(client);
      await poll(endIdle, { withinMs: deadlineMs, closed });
      if (closed.aborted || endIdle()) return;
      for (const { items } of clients.all()) for (const item of items) item.goAway(answers.ending);
      await poll(() => clients.size() === 0, { withinMs: partingMs, closed });
      clients.destroyAll();
    },
    admit(socket, response) {
      if (socket.writableEnded || lastTaken.has(socket)) return false;
      lastTaken.add(socket);
      response.shouldKeepAlive = false;
      return true;
    },
  };
}

function isIdle({ socket, items, own, acceptedAt, asked, speaksHttp2 }: OpenClient): boolean {
  if (speaksHttp2 || socket.writableEnded || socket.writableLength > 0) return false;
  if (items.size > 0 || (own?.size ?? 0) > 0) return false;
  return asked || acceptedAt < performance.now() - freshMs;
}

/** What still waits in it was sent, and only its client's end is to come. */
function hasEnded({ socket }: OpenClient): boolean {
  return socket.destroyed || (socket.writableEnded && socket.writableLength === 0);
}

function end({ socket, headBytes }: OpenClient): void {
  // in the middle of a handshake there is no way to say it
  if (headBytes === undefined) return void socket.destroy();
  socket.end();
  linger(socket);
}
