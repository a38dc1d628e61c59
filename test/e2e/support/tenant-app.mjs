// A dev server that says whose it is, agrees to every WebSocket, and tells at /seen what it got.
import { createHash } from "node:crypto";
import { createServer } from "node:http";

const [whose] = process.argv.slice(2);
const seen = [];
const server = createServer((request, response) => {
  if (request.url === "/seen") return void response.end(JSON.stringify(seen));
  seen.push({ url: request.url, headers: request.headers });
  response.setHeader("content-type", "text/plain");
  response.end(`app of ${whose}`);
});
server.on("upgrade", (request, socket) => {
  seen.push({ url: request.url, headers: request.headers });
  const accept = createHash("sha1")
    .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
    .digest("base64");
  // a text frame of three bytes behind the head
  socket.end(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n\x81\x02${whose}`,
    "latin1",
  );
});
server.listen(Number(process.env.PORT), process.env.HOST);
