// Clients with WebSockets, a process of their own (fork): `{ open: name, count, port, host }` opens so many under a name,
// `{ closed: name }` is answered when all of them have ended, with the moment of each: ms of the monotonic clock, which
// is the same one in every process of the machine.
import { once } from "node:events";
import { connect } from "node:net";
import process from "node:process";

const atATime = 50;
const groups = new Map();
const now = () => Number(process.hrtime.bigint()) / 1e6;

async function open({ port, host }) {
  // half open: what a client does about the end is not measured
  const socket = connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
  const ended = new Promise((resolve) => {
    socket.once("end", () => resolve(now()));
    socket.once("error", () => resolve(now()));
  });
  const head = `GET /ws HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n`;
  socket.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`, "latin1");
  const [answer] = await once(socket, "data");
  if (!answer.toString("latin1").startsWith("HTTP/1.1 101 ")) throw new Error(`not joined: ${answer}`);
  socket.resume();
  return { ended, socket };
}

/** Some at a time: a listener's queue is short. */
async function openAll({ open: name, count, ...target }) {
  const sockets = [];
  while (sockets.length < count) {
    const more = Array.from({ length: Math.min(atATime, count - sockets.length) }, () => open(target));
    sockets.push(...(await Promise.all(more)));
  }
  groups.set(name, sockets);
  return { opened: count };
}

async function closed(name) {
  const sockets = groups.get(name);
  const moments = await Promise.all(sockets.map(({ ended }) => ended));
  for (const { socket } of sockets) socket.destroy();
  groups.delete(name);
  return { moments };
}

process.on("disconnect", () => process.exit());
process.on("message", (order) => {
  const work = order.open === undefined ? closed(order.closed) : openAll(order);
  work.then(
    (answer) => process.send({ ...answer, to: order.id }),
    (error) => process.send({ error: error.stack, to: order.id }),
  );
});
