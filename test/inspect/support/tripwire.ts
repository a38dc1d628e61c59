import { once } from "node:events";
import { createSocket } from "node:dgram";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A listener on loopback, HTTP over TCP and UDP on the same port, that records whatever reaches it. */
export async function openTripwire() {
  const reached: string[] = [];
  const server = createServer((request, response) => {
    reached.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "access-control-allow-origin": "*" }).end("reached");
  });
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
      server.close();
      server.closeAllConnections();
    },
  };
}
