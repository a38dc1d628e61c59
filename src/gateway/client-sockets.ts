import type { Socket } from "node:net";
import { answers } from "./answer.ts";
import type { Cuttable } from "./open-traffic.ts";

/**
 * The sockets of clients and what each is waiting for. Node tells a response that its socket closed
 * only once the response owns the socket; a pipelined one behind it would never hear of it, so that
 * the socket itself is watched, once.
 */
export interface ClientSockets {
  accept(socket: Socket): void;
  /** `item` is cut when the socket closes. */
  add(socket: Socket, item: Cuttable): void;
  remove(socket: Socket, item: Cuttable): void;
  /** True while anything is under way on this socket. */
  isBusy(socket: Socket): boolean;
  size(): number;
  destroyAll(): void;
}

export function createClientSockets(): ClientSockets {
  const sockets = new Map<Socket, Set<Cuttable>>();
  return {
    accept(socket) {
      const items = new Set<Cuttable>();
      sockets.set(socket, items);
      socket.on("close", () => {
        sockets.delete(socket);
        for (const item of items) item.cut(answers.gone);
      });
    },
    add(socket, item) {
      const items = sockets.get(socket);
      if (items === undefined) item.cut(answers.gone);
      else items.add(item);
    },
    remove: (socket, item) => void sockets.get(socket)?.delete(item),
    isBusy: (socket) => (sockets.get(socket)?.size ?? 0) > 0,
    size: () => sockets.size,
    destroyAll() {
      for (const socket of sockets.keys()) socket.destroy();
    },
  };
}
