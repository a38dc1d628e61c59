import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { closing } from "./fixture.ts";

export interface SocketApp {
  readonly port: number;
  /** What its sockets were asked for, in order. */
  readonly dialled: { readonly path: string; readonly throughGateway: boolean }[];
}

/** An app with WebSockets on every path, each of which says its path; closed after the test. */
export async function startSocketApp(
  serve: (request: IncomingMessage, response: ServerResponse) => void = (_request, response) => response.end(),
): Promise<SocketApp> {
  const server = createServer(serve);
  const sockets = new WebSocketServer({ server });
  const dialled: SocketApp["dialled"] = [];
  sockets.on("connection", (socket, { url = "", headers }) => {
    dialled.push({ path: url, throughGateway: headers["x-preview-origin"] !== undefined });
    socket.send(url);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing({
    async close() {
      for (const socket of sockets.clients) socket.terminate();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  });
  return { port: (server.address() as AddressInfo).port, dialled };
}
