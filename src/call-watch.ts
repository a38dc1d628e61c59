import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** The calls that a server answers, and the connections that bring them. */
export interface CallWatch {
  /**
   * Every answer that has not begun is the last of its connection, and a connection without a call is ended. Resolves
   * when none is left, or after the time; what is open then stays open.
   */
  end(withinMs: number): Promise<void>;
}

/** A connection that has not brought a call yet has it on the way. */
const freshMs = 1_000;
const pollMs = 25;

export function createCallWatch(server: Server): CallWatch {
  /** With the time of its opening, until it brings a call; monotonic ms. */
  const connections = new Map<Socket, number | undefined>();
  const calls = new Set<ServerResponse>();
  let ending = false;

  server.on("connection", (socket: Socket) => {
    connections.set(socket, performance.now());
    socket.once("close", () => connections.delete(socket));
  });
  server.prependListener("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    connections.set(socket, undefined);
    calls.add(response);
    if (ending) response.shouldKeepAlive = false;
    response.once("close", () => calls.delete(response));
  });

  function endIdle(): void {
    const busy = new Set([...calls].map(({ req }) => req.socket));
    const latest = performance.now() - freshMs;
    for (const [socket, openedAt = -Infinity] of connections)
      if (!busy.has(socket) && openedAt < latest && !socket.writableEnded) socket.end();
  }

  const isOver = () => calls.size === 0 && [...connections.keys()].every((socket) => socket.writableEnded);

  return {
    async end(withinMs) {
      ending = true;
      for (const call of calls) if (!call.headersSent) call.shouldKeepAlive = false;
      const deadline = performance.now() + withinMs;
      for (endIdle(); !isOver() && performance.now() < deadline; endIdle())
        await pause(Math.min(pollMs, Math.max(1, deadline - performance.now())));
    },
  };
}
