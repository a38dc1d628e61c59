// One end of the test of idle WebSockets, a process of its own: `node idle-sockets.mjs app`, or `gateway <port of the app>`.
// Says `{ port, … }` when it listens; the gateway answers every further message with what it holds.
import { createServer } from "node:net";
import process from "node:process";
import { openBareGateway } from "../../../bench/support/bare-gateway.mjs";

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** Agrees to everything, then sends back what it hears. */
function serveApp() {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once("data", () => {
      socket.write(switching);
      socket.on("data", (chunk) => socket.write(chunk));
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => process.send({ port: server.address().port }));
}

async function serveGateway(upstream) {
  const limits = { connectionsPerAddress: 10_000, headSeconds: 2 };
  const { gateway, port, host } = await openBareGateway({ upstream, limits });
  process.on("message", () => {
    globalThis.gc?.();
    process.send({ sockets: gateway.openSockets(), rss: process.memoryUsage().rss });
  });
  process.send({ port, host });
}

// it ends with the test
process.on("disconnect", () => process.exit());
const [role, upstream] = process.argv.slice(2);
if (role === "app") serveApp();
else await serveGateway(Number(upstream));
