// WebSockets and event streams on raw sockets: `node socket-load.mjs '{"mode":…,"port":…,"host":…}'` prints one JSON
// line of figures. Mode "hold" prints it when all sockets stand, and holds them until its input ends.
import { connect } from "node:net";

const { mode, port, host, connections = 1, seconds = 3 } = JSON.parse(process.argv[2]);
const upgrade = `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nOrigin: http://${host}:${port}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
const events = `GET /events HTTP/1.1\r\nHost: ${host}\r\nAccept: text/event-stream\r\n\r\n`;
/** A masked text frame of 64 bytes. */
const frame = Buffer.concat([Buffer.from([0x81, 0x80 | 64, 0, 0, 0, 0]), Buffer.alloc(64, 120)]);
/** Without the mask. */
const echoedBytes = frame.length - 4;

const quantile = (sorted, q) => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
const print = (figures) => process.stdout.write(`${JSON.stringify(figures)}\n`);

function fail(error) {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
}

function openWebSocket() {
  return new Promise((resolve, reject) => {
    // 28,000 ports lead from one address to another: the sources of many sockets are spread
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("error", reject);
    socket.once("connect", () => socket.write(upgrade, "latin1"));
    socket.once("data", (chunk) => {
      if (chunk.toString("latin1").startsWith("HTTP/1.1 101 ")) resolve(socket);
      else reject(new Error(chunk.toString("latin1")));
    });
  });
}

async function openAll() {
  const sockets = [];
  while (sockets.length < connections)
    sockets.push(
      ...(await Promise.all(Array.from({ length: Math.min(50, connections - sockets.length) }, openWebSocket))),
    );
  return sockets;
}

/** Each socket has one message under way. */
async function echo() {
  const sockets = await openAll();
  const times = [];
  const until = performance.now() + seconds * 1000;
  const startedAt = performance.now();
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise((resolve) => {
          let have = 0;
          let sentAt = performance.now();
          socket.on("data", (chunk) => {
            have += chunk.length;
            if (have < echoedBytes) return;
            have = 0;
            const now = performance.now();
            times.push(now - sentAt);
            if (now > until) return (void socket.destroy(), resolve());
            sentAt = now;
            socket.write(frame);
          });
          socket.once("close", resolve);
          socket.write(frame);
        }),
    ),
  );
  if (times.length < connections) throw new Error(`${connections} sockets, ${times.length} echoes`);
  times.sort((a, b) => a - b);
  const rate = times.length / ((performance.now() - startedAt) / 1000);
  print({ count: times.length, rate, p50: quantile(times, 0.5) * 1000, p99: quantile(times, 0.99) * 1000 });
}

async function hold() {
  const sockets = await openAll();
  print({ count: sockets.length });
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
  for (const socket of sockets) socket.destroy();
}

/** From the request to the first event, one stream after the other, each on a connection of its own. */
async function firstEvent() {
  const times = [];
  const until = performance.now() + seconds * 1000;
  while (performance.now() < until)
    times.push(
      await new Promise((resolve, reject) => {
        let sentAt;
        let text = "";
        const socket = connect({ port, host: "127.0.0.1", noDelay: true }, () => {
          sentAt = performance.now();
          socket.write(events, "latin1");
        });
        socket.once("error", reject);
        socket.on("data", (chunk) => {
          text += chunk.toString("latin1");
          if (!text.includes("data: a")) return;
          resolve(performance.now() - sentAt);
          socket.destroy();
        });
      }),
    );
  times.sort((a, b) => a - b);
  print({
    count: times.length,
    rate: times.length / seconds,
    p50: quantile(times, 0.5) * 1000,
    p99: quantile(times, 0.99) * 1000,
  });
}

await { echo, hold, events: firstEvent }[mode]().catch(fail);
