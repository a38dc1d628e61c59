// What is asked of every proxy. `measure(target, tools)` resolves with figures of one round; `value` is what is compared.
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { modulePaths } from "./app.mjs";
import { loadWithWrk } from "./http-load.mjs";
import { familyOf, longestRunMs, memoryBytes, mostSockets, run, startOn } from "./machine.mjs";

const socketLoad = fileURLToPath(new URL("socket-load.mjs", import.meta.url));
const small = [{ path: "/small" }];
const modules = modulePaths.map((path) => ({ path }));
const mebibytes10 = 10 * 1024 * 1024;

const http =
  (requests, { app = "app", ...options }) =>
  (running, tools) =>
    loadWithWrk(running.target(app), { directory: tools.directory, seconds: tools.seconds, requests, ...options });

const sockets = (mode, options) => async (running, tools) => {
  const text = JSON.stringify({ mode, ...running.target("live"), seconds: tools.seconds, ...options });
  return JSON.parse(await run("load", [process.execPath, socketLoad, text]));
};

const perSecond = { unit: "requests/s", value: ({ rate }) => rate, more: true };
const megabytes = { unit: "MB/s", value: ({ rate }) => (rate * mebibytes10) / 1e6, more: true };

export const workloads = [
  {
    name: "small",
    title: "Small GET, 64 connections kept alive",
    ...perSecond,
    measure: http(small, { connections: 64 }),
    goals: { nginx: 0.6, "nginx-dyn": 2.4, caddy: 2.7, library: 3.5 },
  },
  {
    name: "modules",
    title: "Module storm: 1,000 modules of 2 to 20 KB, 64 connections",
    ...perSecond,
    measure: http(modules, { connections: 64 }),
    goals: { nginx: 0.45, "nginx-dyn": 1.6, caddy: 2.6, library: 3.2 },
  },
  {
    name: "down",
    title: "10 MB down, 4 connections",
    ...megabytes,
    measure: http([{ path: "/large" }], { connections: 4 }),
    goals: { nginx: 1, library: 3 },
  },
  {
    name: "up",
    title: "10 MB up, 4 connections",
    ...megabytes,
    measure: http([{ method: "POST", path: "/upload", bodyBytes: mebibytes10 }], { app: "live", connections: 4 }),
    goals: { nginx: 1.25, library: 1 },
  },
  {
    name: "latency",
    title: "One connection: time of a small GET",
    unit: "p50 µs",
    value: ({ p50 }) => p50,
    more: false,
    measure: http(small, { connections: 1 }),
    goals: { nginx: 1.2 },
  },
  {
    name: "connections",
    title: "A new connection for each GET, 64 at once",
    ...perSecond,
    measure: http(small, { connections: 64, close: true }),
    goals: {},
  },
  {
    name: "echo",
    title: "WebSocket echo of 64 bytes, 100 sockets",
    unit: "messages/s",
    value: ({ rate }) => rate,
    more: true,
    measure: sockets("echo", { connections: 100 }),
    goals: { nginx: 0.75, library: 1 },
  },
  {
    name: "events",
    title: "Event stream: time to the first event",
    unit: "p50 µs",
    value: ({ p50 }) => p50,
    more: false,
    measure: sockets("events"),
    goals: {},
  },
  {
    name: "idle",
    title: `${mostSockets.toLocaleString("en")} idle WebSockets`,
    unit: "bytes each",
    value: ({ each }) => each,
    more: false,
    once: true,
    measure: holdIdle,
    goals: { most: 12 * 1024 },
  },
  {
    name: "mixed",
    title: "Mixed: pages, modules, pictures and posts, 32 connections",
    ...perSecond,
    measure: http(mixed(), { connections: 32 }),
    goals: {},
  },
];

/** 5 small, 12 modules, a picture of 200 KB, a post of 2 KB. */
function mixed() {
  const round = (at) => [
    ...Array(5).fill(small[0]),
    ...modules.slice(at * 12, at * 12 + 12),
    { path: "/picture" },
    { method: "POST", path: "/post", bodyBytes: 2048 },
  ];
  return Array.from({ length: 40 }, (_, at) => round(at)).flat();
}

async function holdIdle(running, { idleSockets }) {
  const pids = running.pid === undefined ? [] : familyOf(running.pid);
  const before = memoryBytes(pids);
  const text = JSON.stringify({ mode: "hold", ...running.target("live"), connections: idleSockets });
  const holder = startOn("load", [process.execPath, socketLoad, text], {
    stdio: ["pipe", "pipe", "pipe"],
    timeout: longestRunMs,
  });
  await Promise.race([
    once(holder.child.stdout, "data"),
    once(holder.child, "exit").then(() => Promise.reject(new Error(`the sockets do not stand: ${holder.output()}`))),
  ]);
  const each = (memoryBytes(pids) - before) / idleSockets;
  holder.child.stdin.end();
  await once(holder.child, "exit");
  return { count: idleSockets, each };
}

/** Of the gateway alone: the same GET where the table is long, and where no verdict on a token is remembered; a page without and with the socket script. */
export const gatewayWorkloads = {
  small: http(small, { connections: 64 }),
  page: http([{ path: "/page" }], { connections: 64, page: true }),
  /** More spellings of the name than verdicts are kept. */
  unremembered: (running, tools) => {
    const target = running.target("app");
    const requests = Array.from({ length: 20_000 }, (_, at) => ({ path: "/small", host: spelled(target.host, at) }));
    return loadWithWrk(target, { directory: tools.directory, seconds: tools.seconds, requests, connections: 64 });
  },
};

function spelled(name, round) {
  let letter = 0;
  return name.replace(/[a-z]/g, (text) => ((round >> (letter++ % 15)) & 1 ? text.toUpperCase() : text));
}
