// A dev server for sockets: answers every request, agrees to every WebSocket and never says anything on it.
import { createServer } from "node:http";
import process from "node:process";

const switching = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

const server = createServer((_, response) => response.end("ok"));
server.on("upgrade", (_, socket) => {
  socket.on("error", () => socket.destroy());
  // a server's sockets stay half open by themselves
  socket.on("end", () => socket.destroy());
  socket.resume().write(switching);
});
server.listen({ port: Number(process.env.PORT), host: "127.0.0.1", backlog: 4096 });
