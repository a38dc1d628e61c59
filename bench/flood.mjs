// What a flood of wrong links does to those who have right ones.
//
//   npm run build && node bench/flood.mjs [--rounds 5] [--seconds 3]
//
// The gateway is one process on core 0; the app, the visitors (8 at a time, each with a pause of 5 ms between two
// requests) and the flood are processes on core 1. Windows without and with the flood alternate; each shape of flood
// has a gateway of its own. Read the ratios: the median of each window, then the median of the rounds.
import { execFileSync, fork } from "node:child_process";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { openBareGateway } from "./support/bare-gateway.mjs";

const self = fileURLToPath(import.meta.url);
const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    role: { type: "string" },
    given: { type: "string", default: "{}" },
  },
});

/** `addresses`: of 127.0.1.x; `each`: connections of each; `fresh`: a new one for each request. */
const floods = {
  "100 connections of one address": { addresses: 1, each: 100 },
  "one address, a connection per request": { addresses: 1, each: 50, fresh: true },
  "50 addresses, 4 connections each": { addresses: 50, each: 4 },
};
const visitors = 8;
const pauseMs = 5;

function serveApp() {
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 200\r\n\r\n${"x".repeat(200)}`;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("data", () => socket.write(answer, "latin1"));
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
}

async function serveGateway({ upstream }) {
  const limits = { connectionsPerAddress: 100, connectionsPerPreview: 200, invalidPerMinute: 300 };
  const { port, host } = await openBareGateway({ upstream, limits });
  process.send({ port, host });
}

/** Asks for links that do not exist, from each connection as soon as it is answered; tells how many it asked for. */
function flood({ port, addresses, each, fresh }) {
  const label = "a".repeat(48);
  const head = `GET / HTTP/1.1\r\nHost: 3000-${label}.preview.bench\r\n\r\n`;
  let asked = 0;
  const one = (localAddress) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress, noDelay: true });
    const ask = () => {
      asked += 1;
      socket.write(head, "latin1");
    };
    socket.on("connect", ask);
    socket.on("data", () => (fresh ? socket.destroy() : ask()));
    // whoever is closed comes back
    socket.on("error", () => socket.destroy());
    socket.on("close", () => setTimeout(one, 1, localAddress));
  };
  for (let address = 1; address <= addresses; address += 1)
    for (let count = 0; count < each; count += 1) one(`127.0.1.${address}`);
  process.on("message", () => process.send({ asked }));
  process.send({ started: true });
}

async function visit({ port, host }, until, latencies) {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  let answered;
  let failed;
  socket.on("data", (chunk) => answered(chunk.toString("latin1")));
  socket.on("error", () => socket.destroy());
  socket.on("close", () => failed?.(new Error("a visitor was closed")));
  while (performance.now() < until) {
    const startedAt = performance.now();
    const text = await new Promise((resolve, reject) => {
      answered = resolve;
      failed = reject;
      socket.write(`GET /a HTTP/1.1\r\nHost: ${host}\r\n\r\n`, "latin1");
    });
    if (!text.startsWith("HTTP/1.1 200 ")) throw new Error(`unexpected answer: ${text.slice(0, 80)}`);
    latencies.push(performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
  socket.destroy();
}

/** Median and 99th percentile of what visitors wait, in ms. */
async function measure(target) {
  const latencies = [];
  const until = performance.now() + Number(flags.seconds) * 1000;
  await Promise.all(Array.from({ length: visitors }, () => visit(target, until, latencies)));
  const sorted = latencies.toSorted((a, b) => a - b);
  return { p50: sorted[sorted.length >> 1], p99: sorted[Math.floor(sorted.length * 0.99)] };
}

const children = [];

async function start(role, core, given = {}) {
  const args = ["--role", role, "--given", JSON.stringify(given)];
  const child = fork(self, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  pin(child.pid, core);
  return new Promise((resolve, reject) => {
    child.once("message", (said) => resolve({ child, ...said }));
    child.once("exit", (code) => reject(new Error(`${role} ended with ${code}`)));
  });
}

function pin(pid, core) {
  try {
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // one core only, or no taskset: the flood then takes the gateway's processor too
  }
}

async function windowWithFlood(target, shape) {
  const { child } = await start("flood", 1, { port: target.port, ...shape });
  // the first wrong links of an address are answered at once: they are part of every flood
  const measured = await measure(target);
  const { asked } = await new Promise((resolve) => {
    child.once("message", resolve);
    child.send("asked");
  });
  child.removeAllListeners("exit");
  child.kill();
  return { ...measured, rate: asked / Number(flags.seconds) };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

async function main() {
  pin(process.pid, 1);
  const app = await start("app", 1);
  process.stdout.write(
    "| flood | wrong links/s | p50 ms without | p50 ms with | ratio | p99 ms without | p99 ms with |\n|---|---|---|---|---|---|---|\n",
  );
  for (const [name, shape] of Object.entries(floods)) {
    const target = await start("gateway", 0, { upstream: app.port });
    await measure(target);
    const rounds = [];
    for (let round = 0; round < Number(flags.rounds); round += 1)
      rounds.push({ calm: await measure(target), flooded: await windowWithFlood(target, shape) });
    const of = (read) => median(rounds.map(read));
    const ratio = of(({ calm, flooded }) => flooded.p50 / calm.p50);
    const cells = [of(({ calm }) => calm.p50), of(({ flooded }) => flooded.p50), ratio];
    const tail = [of(({ calm }) => calm.p99), of(({ flooded }) => flooded.p99)];
    const shown = [...cells, ...tail].map((number) => number.toFixed(2));
    process.stdout.write(`| ${[name, of(({ flooded }) => flooded.rate).toFixed(0), ...shown].join(" | ")} |\n`);
  }
}

// no child outlives the run
process.on("disconnect", () => process.exit());
const given = JSON.parse(flags.given);
const roles = { app: serveApp, gateway: serveGateway, flood };
if (flags.role !== undefined) await roles[flags.role](given);
else {
  try {
    await main();
  } finally {
    for (const child of children) {
      child.removeAllListeners("exit");
      child.kill();
    }
  }
}
