import { once } from "node:events";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/**
 * A listener on loopback, HTTP and WebSocket over TCP and UDP on the same port, that records whatever
 * reaches it. It redirects a request to its parameter `to`.
 */
export async function openTripwire() {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    const to = new URL(request.url ?? "/", "http://x").searchParams.get("to");
    if (to === null) response.writeHead(200, { "access-control-allow-origin": "*" }).end("reached");
    else response.writeHead(302, { "access-control-allow-origin": "*", location: to }).end();
  });
  const sockets = new WebSocketServer({ server }).on("connection", (socket) => socket.send("reached"));
  server.on("connection", () => reached.push("connection"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const udp = createSocket("udp4", () => reached.push("datagram"));
  udp.bind(port, "127.0.0.1");
  await once(udp, "listening");
  return {
    port,
    reached,
    close() {
      udp.close();
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}
