// The gateway beside the proxies that people use, in one interleaved run.
//
//   npm run bench:gateway [-- --rounds 5 --seconds 3 --workloads small,modules --peers nginx,caddy --write]
//
// Needs wrk and nginx (the app), and compares with what it finds: nginx, HAProxy and Caddy of Debian (installed if
// that can be done without asking) and the Node libraries of npm (installed into a temporary directory). Everything
// runs on loopback and ends by itself. Read the ratios: the figures of one run share one machine and one moment.
// --write puts the report into docs/performance.md.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import getPort from "get-port";
import { median } from "../support/stats.mjs";
import { startFileApp, startLiveApp } from "./app.mjs";
import { cpuMs, familyOf, has, mostSockets, portAnswers, stopAll } from "./machine.mjs";
import { findPeers, gateways, startPeer } from "./peers.mjs";
import { machineLines, verdict, workloadSection } from "./report.mjs";
import { workersSection } from "./workers-section.mjs";
import { gatewayWorkloads, workloads } from "./workloads.mjs";

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    workloads: { type: "string" },
    peers: { type: "string" },
    write: { type: "boolean", default: false },
  },
});
const [rounds, seconds] = [Number(flags.rounds), Number(flags.seconds)];
const tools = { directory: mkdtempSync(join(tmpdir(), "gateway-bench-")), seconds, idleSockets: mostSockets };
const say = (text) => process.stdout.write(`${text}\n`);
const wanted = (list, name) => list === undefined || list.split(",").includes(name);

/** One round, and what the proxy spent on it. */
async function measureOnce(running, measure) {
  const pids = running.pid === undefined ? [] : familyOf(running.pid);
  const before = cpuMs(pids);
  const figures = await measure(running, tools);
  return { ...figures, ...(pids.length > 0 && { cpuPerUnit: ((cpuMs(pids) - before) * 1000) / figures.count }) };
}

/** Every peer once, then again: what else the machine does meets all of them. */
async function measureAll(workload, targets) {
  const rows = targets.map((running) => ({ peer: running.peer, running, runs: [], failure: undefined }));
  const total = workload.once ? 1 : rounds;
  for (let round = workload.once ? 0 : -1; round < total; round++)
    for (const row of rows.filter(({ failure }) => failure === undefined)) {
      try {
        const figures = await measureOnce(row.running, workload.measure);
        // the first round warms up
        if (round >= 0) row.runs.push(figures);
      } catch (error) {
        await portAnswers(targets[0].target("live").port);
        row.failure = error.message.split("\n")[0].slice(0, 100);
      }
    }
  return workloadSection(workload, rows);
}

async function gatewaySection(plain, ports) {
  const further = async (peer) =>
    startPeer(peer, { directory: tools.directory, ports: { ...ports, port: await getPort() } });
  const [many, scripted] = [await further(gateways.manyRoutes), await further(gateways.scripted)];
  const cases = [
    ["10 routes, verdicts on tokens remembered", plain, gatewayWorkloads.small],
    ["100,000 routes", many, gatewayWorkloads.small],
    ["no verdict remembered", plain, gatewayWorkloads.unremembered],
    ["of a route with the socket script", scripted, gatewayWorkloads.small],
    ["a page", plain, gatewayWorkloads.page],
    ["a page, given the socket script", scripted, gatewayWorkloads.page],
  ];
  const runs = cases.map(() => []);
  for (let round = -1; round < rounds; round++)
    for (const [at, [, running, measure]] of cases.entries()) {
      const figures = await measureOnce(running, measure);
      if (round >= 0) runs[at].push(figures);
    }
  const rates = runs.map((figures) => median(figures.map(({ rate }) => rate)));
  const lines = cases.map(([name], at) => {
    const rate = rates[at];
    const cpu = median(runs[at].map(({ cpuPerUnit }) => cpuPerUnit));
    return `| ${name} | ${Math.round(rate)} | ${cpu.toFixed(1)} | ${(rate / rates[0]).toFixed(2)} |`;
  });
  return [
    "### The gateway alone: small GET",
    "",
    "| case | requests/s | CPU µs each | of the first |",
    "|---|---|---|---|",
    ...lines,
    "",
    `Goals: ${verdict(`100,000 routes ${(rates[1] / rates[0]).toFixed(2)} (goal at least 0.95)`, rates[1] / rates[0] >= 0.95)}.`,
    "",
  ].join("\n");
}

async function main() {
  const { peers, libraries, absent } = findPeers(tools.directory);
  if (!has("wrk") || !has("nginx")) throw new Error(`the load and the app need wrk and nginx: ${absent.join("; ")}`);
  const chosen = peers.filter(({ name, ours }) => ours === true || wanted(flags.peers, name));
  const apps = { app: await getPort(), live: await getPort() };
  await startFileApp(tools.directory, apps.app);
  await startLiveApp(apps.live);
  const targets = [];
  for (const peer of chosen) {
    const options = { directory: tools.directory, libraries, ports: { ...apps, port: await getPort() } };
    const running = await startPeer(peer, options).catch((error) => absent.push(`${peer.name}: ${error.message}`));
    if (typeof running === "object") targets.push(running);
  }
  const sections = [];
  for (const workload of workloads.filter(({ name }) => wanted(flags.workloads, name))) {
    sections.push(await measureAll(workload, targets));
    say(sections.at(-1));
  }
  if (wanted(flags.workloads, "routes")) {
    sections.push(
      await gatewaySection(
        targets.find(({ peer }) => peer.ours),
        apps,
      ),
    );
    say(sections.at(-1));
  }
  if (wanted(flags.workloads, "workers")) {
    const section = await workersSection(apps.live, { directory: tools.directory, rounds, seconds });
    if (section === undefined) absent.push("two workers (processes cannot be pinned to two cores)");
    else sections.push(section);
    say(section ?? "");
  }
  const machine = machineLines(chosen, libraries, absent);
  say(machine);
  if (flags.write) writeReport([machine, "", ...sections].join("\n").trimEnd());
}

function writeReport(text) {
  const page = new URL("../../docs/performance.md", import.meta.url);
  const [begin, end] = ["<!-- npm run bench:gateway -- --write -->", "<!-- end -->"];
  const whole = readFileSync(page, "utf8");
  writeFileSync(
    page,
    `${whole.slice(0, whole.indexOf(begin) + begin.length)}\n\n${text}\n\n${whole.slice(whole.indexOf(end))}`,
  );
}

// whoever ends the run ends all of it
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.once(signal, () => void stopAll().then(() => process.exit(1)));

try {
  await main();
} finally {
  await stopAll();
  rmSync(tools.directory, { recursive: true, force: true });
}
