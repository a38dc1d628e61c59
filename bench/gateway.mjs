// Small GETs through the gateway and through the Node proxy libraries, in one interleaved run.
//
//   npm run build && node bench/gateway.mjs [--rounds 5] [--seconds 3] [--connections 64] [--size 200] [--page]
//
// Each proxy is one process on core 0, the app and the load share core 1. The ratios of one run are
// what to read: the CPU column hardly moves with the machine's other load, the rate column does.
// With --page the app answers with a page of --size bytes, asked for as a navigation, and the gateway is measured
// without and with the socket script in it.
// The libraries are installed into a temporary directory; without a registry they are left out.
import { execFileSync, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, createServer as createHttpServer, request as httpRequest } from "node:http";
import { createRequire } from "node:module";
import { connect, createServer as createNetServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { openBareGateway } from "./support/bare-gateway.mjs";

const self = fileURLToPath(import.meta.url);
const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    size: { type: "string", default: "200" },
    page: { type: "boolean", default: false },
    role: { type: "string" },
    upstream: { type: "string" },
    libraries: { type: "string" },
  },
});

const libraries = ["http-proxy-3", "httpxy"];

/** An app that costs as little as Node allows: it counts heads and answers each with the same bytes. */
function serveApp() {
  const text = "x".repeat(Number(flags.size));
  const body = flags.page ? `<!doctype html><html lang="en"><head><title>a</title></head><body>${text}` : text;
  const answer = `HTTP/1.1 200 OK\r\nContent-Type: text/${flags.page ? "html" : "plain"}\r\nContent-Length: ${body.length}\r\nETag: "abc"\r\nCache-Control: no-cache\r\n\r\n${body}`;
  const server = createNetServer({ noDelay: true }, (socket) => {
    socket.on("data", (chunk) => {
      if (chunk.subarray(-4).equals(headEnd)) socket.write(answer, "latin1");
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1", () => process.send({ port: server.address().port }));
}
const headEnd = Buffer.from("\r\n\r\n");

async function serveGateway(upstream, socketScript) {
  const { port, host } = await openBareGateway({ upstream, socketScript });
  return { port, host };
}

const proxies = {
  gateway: (upstream) => serveGateway(upstream, false),
  "gateway-script": (upstream) => serveGateway(upstream, true),
  async "http-proxy-3"(upstream) {
    const { createProxyServer } = await load("http-proxy-3");
    const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });
    const proxy = createProxyServer({ target: `http://127.0.0.1:${upstream}`, agent });
    return listen((request, response) => proxy.web(request, response));
  },
  async httpxy(upstream) {
    const { createProxyServer } = await load("httpxy");
    const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });
    const proxy = createProxyServer({ target: `http://127.0.0.1:${upstream}`, agent });
    return listen((request, response) => void proxy.web(request, response));
  },
  naive(upstream) {
    const agent = new Agent({ keepAlive: true, maxFreeSockets: 256 });
    return listen((request, response) => {
      const { method, url: path, headers } = request;
      const sent = httpRequest({ port: upstream, host: "127.0.0.1", method, path, headers, agent }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      request.pipe(sent);
    });
  },
};

async function load(name) {
  const from = createRequire(join(flags.libraries, "package.json"));
  return import(pathToFileURL(from.resolve(name)).href);
}

function listen(handler) {
  const server = createHttpServer(handler);
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve({ port: server.address().port, host: "app.bench" }));
  });
}

async function serveProxy(name) {
  const address = await proxies[name](Number(flags.upstream));
  process.on("message", () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss }));
  process.send(address);
}

/** Keeps every connection busy with one request at a time until the deadline; counts whole answers. */
function runLoad({ port, host }, seconds) {
  const dest = flags.page ? "document" : "script";
  const request = `GET /src/main.js?t=1 HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: bench\r\nAccept: */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en\r\nCache-Control: no-cache\r\nReferer: http://app.bench/\r\nSec-Fetch-Dest: ${dest}\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n\r\n`;
  const until = performance.now() + seconds * 1000;
  let answers = 0;
  const one = () =>
    new Promise((resolve, reject) => {
      const socket = connect({ port, host: "127.0.0.1", noDelay: true });
      let have = 0;
      let whole;
      socket.on("connect", () => socket.write(request, "latin1"));
      socket.on("error", reject);
      socket.on("close", resolve);
      socket.on("data", (chunk) => {
        whole ??= answerLength(chunk, reject);
        have += chunk.length;
        if (have < whole) return;
        have = 0;
        answers++;
        if (performance.now() < until) socket.write(request, "latin1");
        else socket.destroy();
      });
    });
  return Promise.all(Array.from({ length: Number(flags.connections) }, one)).then(() => answers);
}

/** Every answer of a run has the length of the first: none has a Date that changes its size. */
function answerLength(chunk, reject) {
  const text = chunk.toString("latin1");
  if (!text.startsWith("HTTP/1.1 200 ")) reject(new Error(`unexpected answer: ${text.slice(0, 200)}`));
  return text.indexOf("\r\n\r\n") + 4 + Number(/content-length: (\d+)/i.exec(text)[1]);
}

const children = [];

function start(args, core) {
  const child = fork(self, [...process.argv.slice(2), ...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  children.push(child);
  pin(child.pid, core);
  return new Promise((resolve, reject) => {
    child.once("message", (ready) => resolve({ child, ...ready }));
    child.once("exit", (code) => reject(new Error(`${args.join(" ")} ended with ${code}`)));
  });
}

function pin(pid, core) {
  try {
    execFileSync("taskset", ["-a", "-c", "-p", String(core), String(pid)], { stdio: "ignore" });
  } catch {
    // one core only, or no taskset: the ratios then hold for a shared core
  }
}

function usage(child) {
  child.send("usage");
  return new Promise((resolve) => {
    child.once("message", resolve);
  });
}

async function measure(target, seconds) {
  const before = await usage(target.child);
  const startedAt = performance.now();
  const answers = await runLoad(target, seconds);
  const rate = answers / ((performance.now() - startedAt) / 1000);
  const after = await usage(target.child);
  const cpu = after.cpu.user + after.cpu.system - before.cpu.user - before.cpu.system;
  return { rate, cpu: cpu / answers, rss: after.rss };
}

function installLibraries() {
  const directory = mkdtempSync(join(tmpdir(), "gateway-bench-"));
  try {
    const args = ["install", "--prefix", directory, "--no-audit", "--no-fund", "--ignore-scripts", ...libraries];
    execFileSync("npm", args, { stdio: ["ignore", "ignore", "inherit"] });
    return { directory, names: libraries };
  } catch {
    process.stderr.write("the libraries cannot be installed: measured without them\n");
    return { directory, names: [] };
  }
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

function report(targets) {
  const rows = targets.map(({ name, runs }) => ({
    name,
    rate: median(runs.map((run) => run.rate)),
    cpu: median(runs.map((run) => run.cpu)),
    rss: runs.at(-1).rss,
  }));
  const [ours, ...others] = rows;
  process.stdout.write(
    "| proxy | requests/s | CPU µs per request | gateway: times the rate | gateway: times less CPU | RSS MB |\n|---|---|---|---|---|---|\n",
  );
  for (const { name, rate, cpu, rss } of rows) {
    const cells = [
      name,
      rate.toFixed(0),
      cpu.toFixed(1),
      (ours.rate / rate).toFixed(2),
      (cpu / ours.cpu).toFixed(2),
      (rss / 2 ** 20).toFixed(0),
    ];
    process.stdout.write(`| ${cells.join(" | ")} |\n`);
  }
  const peers = others.filter(({ name }) => libraries.includes(name));
  if (peers.length === 0) return;
  const byRate = Math.min(...peers.map(({ rate }) => ours.rate / rate));
  const byCpu = Math.min(...peers.map(({ cpu }) => cpu / ours.cpu));
  process.stdout.write(`\nagainst the best library: ${byRate.toFixed(2)} times the rate, `);
  process.stdout.write(`${byCpu.toFixed(2)} times less CPU (goal: 2 or more)\n`);
}

async function main() {
  const { directory, names } = flags.page ? { names: ["gateway-script"] } : installLibraries();
  pin(process.pid, 1);
  try {
    const app = await start(["--role", "app"], 1);
    const targets = [];
    for (const name of ["gateway", ...names, "naive"]) {
      const args = ["--role", name, "--upstream", String(app.port), "--libraries", directory ?? ""];
      targets.push({ name, runs: [], ...(await start(args, 0)) });
    }
    for (const target of targets) await measure(target, 2);
    for (let round = 0; round < Number(flags.rounds); round++)
      for (const target of targets) target.runs.push(await measure(target, Number(flags.seconds)));
    report(targets);
  } finally {
    for (const child of children) child.kill();
    if (directory !== undefined) rmSync(directory, { recursive: true, force: true });
  }
}

// no child outlives the run
process.on("disconnect", () => process.exit());
if (flags.role === "app") serveApp();
else if (flags.role !== undefined) await serveProxy(flags.role);
else await main();
