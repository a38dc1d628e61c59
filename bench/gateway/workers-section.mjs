// One process and two workers. On a machine of two cores the load and the app need some of both: so all of it shares one
// core in the first case, and two in the others, and what is compared is what the same work comes to.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import getPort from "get-port";
import { median } from "../support/stats.mjs";
import { startFileApp } from "./app.mjs";
import { loadWithWrk } from "./http-load.mjs";
import { cores, cpuMs, familyOf } from "./machine.mjs";
import { gateways, startPeer } from "./peers.mjs";

const loads = [
  { title: "Small GET, 64 connections kept alive", options: { connections: 64 }, goal: 1.7 },
  { title: "A new connection for each GET, 64 at once", options: { connections: 64, close: true } },
];

/** The section of the report; undefined where processes cannot be pinned to two cores. */
export async function workersSection(live, { directory, rounds, seconds }) {
  if (cores === undefined) return undefined;
  const apps = { one: await startApp("one", directory), two: await startApp("two", directory) };
  const cases = [];
  for (const peer of [gateways.onOneCore, gateways.onTwoCores, gateways.twoWorkers]) {
    const ports = { app: apps[peer.core], live, port: await getPort() };
    cases.push(await startPeer(peer, { directory, ports }));
  }
  const sections = [];
  for (const load of loads) sections.push(await measureLoad(load, cases, { directory, rounds, seconds }));
  for (const { child } of cases) child.kill();
  return ["### Two workers: gateway, app and load on the same cores", "", ...sections].join("\n");
}

async function startApp(core, directory) {
  const place = join(directory, `app-on-${core}`);
  mkdirSync(place);
  const port = await getPort();
  await startFileApp(place, port, core);
  return port;
}

async function measureLoad({ title, options, goal }, cases, { directory, rounds, seconds }) {
  const runs = cases.map(() => []);
  // the first round warms up
  for (let round = -1; round < rounds; round++)
    for (const [at, { peer, pid, target }] of cases.entries()) {
      const pids = familyOf(pid);
      const before = cpuMs(pids);
      const requests = [{ path: "/small" }];
      const figures = await loadWithWrk(target("app"), {
        directory,
        seconds,
        requests,
        core: peer.core,
        ...options,
      });
      if (round >= 0) runs[at].push({ ...figures, cpu: ((cpuMs(pids) - before) * 1000) / figures.count });
    }
  const of = (at, value) => median(runs[at].map(value));
  const rates = cases.map((_, at) => of(at, ({ rate }) => rate));
  const lines = cases.map(({ peer }, at) => {
    const [p50, p99, cpu] = [of(at, ({ p50 }) => p50), of(at, ({ p99 }) => p99), of(at, ({ cpu }) => cpu)];
    const ratio = (rates[at] / rates[0]).toFixed(2);
    return `| ${peer.name} | ${Math.round(rates[at])} | ${p50} | ${p99} | ${cpu.toFixed(1)} | ${ratio} |`;
  });
  return [
    `${title}:`,
    "",
    "| case | requests/s | p50 µs | p99 µs | CPU µs each | of the first |",
    "|---|---|---|---|---|---|",
    ...lines,
    "",
    ...goalLines(rates.at(-1) / rates[0], goal),
  ].join("\n");
}

function goalLines(ratio, goal) {
  if (goal === undefined) return [];
  return [`Goal: at least ${goal}: ${ratio.toFixed(2)}, ${ratio >= goal ? "reached" : "**not reached**"}.`, ""];
}
