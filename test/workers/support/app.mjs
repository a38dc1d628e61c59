// An app in a process of its own, as dev servers are: tells its port, answers with a word, echoes what comes on
// upgraded connections, and at /events keeps its answer open.
import { createServer } from "node:http";

const server = createServer((request, response) => {
  if (request.url === "/events") return void response.writeHead(200).write("data: here\n\n");
  response.end("here");
});
server.on("upgrade", (_request, socket) => {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
  socket.on("error", () => {});
  socket.pipe(socket);
});
server.listen({ port: 0, host: "127.0.0.1" }, () => process.send(server.address().port));
process.on("disconnect", () => process.exit());
