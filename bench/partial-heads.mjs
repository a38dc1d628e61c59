// Memory that heads take which never end: connections from 250 addresses, each of which sends as much of a head as it may.
//
//   npm run build && node bench/partial-heads.mjs [--connections 19000] [--kilobytes 120] [--seconds 8]
//
// The gateway is a process of its own. Linux, which has the addresses 127.0.x.y.
import { fork } from "node:child_process";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBareGateway } from "./support/bare-gateway.mjs";

const self = fileURLToPath(import.meta.url);
const { values: flags } = parseArgs({
  options: {
    connections: { type: "string", default: "19000" },
    kilobytes: { type: "string", default: "120" },
    seconds: { type: "string", default: "8" },
    role: { type: "string" },
  },
});
const addresses = 250;

async function serveGateway() {
  const { gateway, port } = await openBareGateway({ upstream: 1, limits: { connectionsPerAddress: 100 } });
  let peak = { rss: 0, sockets: 0 };
  setInterval(() => {
    const { rss } = process.memoryUsage();
    peak = { rss: Math.max(peak.rss, rss), sockets: Math.max(peak.sockets, gateway.openSockets()) };
  }, 20);
  process.on("message", () => process.send(peak));
  process.send({ port, rss: process.memoryUsage().rss });
}

async function main() {
  const child = fork(self, ["--role", "gateway"]);
  const said = () => new Promise((resolve) => child.once("message", resolve));
  const { port, rss } = await said();
  // headers of 500 bytes: as many as count, and then their size
  const fill = `X-Fill: ${"v".repeat(490)}\r\n`.repeat(Number(flags.kilobytes) * 2);
  let opened = 0;
  const sockets = [];
  const open = () => {
    if (opened >= Number(flags.connections)) return;
    opened += 1;
    const localAddress = `127.0.3.${1 + (opened % addresses)}`;
    const socket = connect({ port, host: "127.0.0.1", localAddress }, () => {
      socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${fill}`, "latin1");
      setImmediate(open);
    });
    sockets.push(socket);
    // the gateway closes those that are too many
    socket.on("error", () => socket.destroy());
  };
  for (let count = 0; count < 200; count += 1) open();
  await new Promise((resolve) => setTimeout(resolve, Number(flags.seconds) * 1000));
  const answer = said();
  child.send("peak");
  const peak = await answer;
  const megabytes = (bytes) => `${Math.round(bytes / 2 ** 20)} MB`;
  process.stdout.write(`${opened} connections with ${flags.kilobytes} KB of a head each: `);
  process.stdout.write(`${peak.sockets} open at most, RSS ${megabytes(rss)} before, ${megabytes(peak.rss)} at most\n`);
  for (const socket of sockets) socket.destroy();
  child.kill();
}

// no child outlives the run
process.on("disconnect", () => process.exit());
if (flags.role === "gateway") await serveGateway();
else await main();
