// The app behind the proxies. Plain answers come from nginx, which is never the bottleneck; sockets and events
// from a bare Node process: `node app.mjs` prints its port.
import { createHash, randomFillSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { portAnswers, startOn } from "./machine.mjs";

/** Sizes as Vite's modules have them, 2 to 20 KB. */
export const modulePaths = Array.from({ length: 1000 }, (_, at) => `/m/${at}.js?t=1`);

export async function startFileApp(directory, port, core = "load") {
  const root = join(directory, "app");
  mkdirSync(join(root, "m"), { recursive: true });
  modulePaths.forEach((_, at) => writeFileSync(join(root, "m", `${at}.js`), "x".repeat(2000 + ((at * 7919) % 18_000))));
  writeFileSync(join(root, "large"), randomFillSync(Buffer.alloc(10 * 1024 * 1024)));
  writeFileSync(join(root, "picture"), randomFillSync(Buffer.alloc(200 * 1024)));
  const config = join(directory, "app.conf");
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${directory}/app.pid; error_log ${directory}/app.log;
events { worker_connections 16000; }
http {
  access_log off; server_tokens off; sendfile on; keepalive_requests 100000000; keepalive_timeout 600s;
  client_max_body_size 0; client_body_temp_path ${directory}/app-body; open_file_cache max=2000;
  types { text/javascript js; }
  server {
    listen 127.0.0.1:${port} reuseport backlog=4096;
    root ${root};
    location = /small { default_type text/plain; add_header Cache-Control no-cache; return 200 "${"x".repeat(200)}"; }
    location = /page { default_type text/html; return 200 "<!doctype html><html lang=en><head><title>a</title></head><body>${"x".repeat(200)}"; }
    location = /post { default_type text/plain; return 200 ok; }
    location / { default_type application/octet-stream; add_header Cache-Control no-cache; }
  }
}
`,
  );
  const app = startOn(core, ["nginx", "-c", config, "-e", `${directory}/app.log`]);
  await portAnswers(port, app);
}

export async function startLiveApp(port) {
  const app = startOn("load", [process.execPath, fileURLToPath(import.meta.url), String(port)]);
  await portAnswers(port, app);
}

const accept = (key) => createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");

/**
 * `/ws` echoes frames of up to 125 bytes, one under way at a time; `/events` sends one event and stays open; `/upload`
 * reads a body of any length.
 */
function serveLive(port) {
  const server = createServer({ noDelay: true }, (socket) => {
    const begin = (chunk) => {
      const head = chunk.toString("latin1", 0, Math.min(chunk.length, 4096));
      // a proxy may send its next request of any kind on the same connection
      if (head.startsWith("POST ")) onChunk = readUpload(socket, () => (onChunk = begin));
      else if (head.includes("/events")) return void socket.write(firstEvent, "latin1");
      else {
        onChunk = (frame) => socket.write(echoOf(frame));
        return void socket.write(switching(/sec-websocket-key: (\S+)/i.exec(head)[1]), "latin1");
      }
      onChunk(chunk);
    };
    let onChunk = begin;
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => onChunk(chunk));
  });
  server.listen(port, "127.0.0.1", 4096);
}

const firstEvent =
  "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n9\r\ndata: a\n\n\r\n";

const switching = (key) =>
  `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept(key)}\r\n\r\n`;

/** A client's frame is masked, a server's is not. */
function echoOf(frame) {
  const answer = Buffer.from(frame.subarray(4));
  answer[0] = frame[0];
  answer[1] = frame[1] & 0x7f;
  for (let at = 6; at < frame.length; at++) answer[at - 4] = frame[at] ^ frame[2 + ((at - 6) & 3)];
  return answer;
}

const lastChunk = Buffer.from("0\r\n\r\n");

/** Counts the bytes of one body; its head comes whole. */
function readUpload(socket, onEnd) {
  let left = 0;
  return (chunk) => {
    let at = 0;
    if (left === 0) {
      const head = chunk.toString("latin1", 0, Math.min(chunk.length, 4096));
      // some proxies send it on in chunks
      left = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? Infinity);
      at = chunk.indexOf("\r\n\r\n") + 4;
    }
    left -= chunk.length - at;
    if (left === Infinity && chunk.subarray(-lastChunk.length).equals(lastChunk)) left = 0;
    if (left > 0) return;
    onEnd();
    socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "latin1");
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) serveLive(Number(process.argv[2]));
