// A dev server that answers /slow when it is asked for /go, and says so to its WebSockets; / is its pid.
import { createServer } from "node:http";
import { WebSocketServer } from "ws";

const held = [];
const server = createServer(({ url }, response) => {
  if (url === "/slow") return void held.push(response);
  if (url === "/go") {
    for (const slow of held.splice(0)) slow.end("done");
    for (const socket of sockets.clients) socket.send("go");
  }
  response.end(String(process.pid));
});
const sockets = new WebSocketServer({ server });
server.listen(Number(process.env.PORT), process.env.HOST);
