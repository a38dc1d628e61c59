// What a plane itself costs: time to start, memory, and CPU while nothing is asked of it.
//
//     node bench/plane.mjs [runs]         default 10 runs, about three minutes
//
// Linux. Embedded database. 100 previews are recorded (80 of them ended), 20 live ones are the
// cheapest HTTP servers that Node makes.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { startPlane } from "./support/plane.mjs";
import { cpuMs, databasePids, memoryMb } from "./support/process-cost.mjs";
import { runBench } from "./support/scope.mjs";
import { median, ms, printTable, quantile, say, sayMachine } from "./support/stats.mjs";

const runs = Number(process.argv[2] ?? 10);
const ended = 80;
const live = 20;
const idleSeconds = 20;
const project = "bench";

await runBench({ limitMs: 900_000 }, async (scope) => {
  sayMachine();
  await coldStarts(scope);
  const state = join(scope.directory, "state");
  const plane = await startPlane({ state });
  scope.add(() => plane.stop());
  const cost = () => costOf(plane, state);
  const rows = [memoryRow("just started", cost())];
  const client = await fillPlane(scope, plane);
  rows.push(memoryRow(`${ended + live} previews recorded, ${live} live`, cost()));
  const loaded = await idle(cost);
  rows.push(memoryRow(`the same, ${idleSeconds} s later`, loaded.after));
  await client.stop({ all: true });
  const empty = await idle(cost);
  printTable(["plane", "RSS MB", "PSS MB", "database PSS MB"], rows);
  printTable(
    ["idle plane", "CPU of one core, plane", "CPU of one core, database"],
    [
      [`${live} live previews`, percent(loaded.planeShare), percent(loaded.databaseShare)],
      ["no live preview", percent(empty.planeShare), percent(empty.databaseShare)],
    ],
  );
  sayMachine();
});

/** Fresh and existing databases in turns; the fresh one of a run is the existing one of its second start. */
async function coldStarts(scope) {
  const times = { fresh: [], existing: [] };
  for (let run = 0; run < runs; run += 1) {
    const state = join(scope.directory, `cold-${run}`);
    for (const kind of ["fresh", "existing"]) {
      const plane = await startPlane({ state });
      times[kind].push(plane.readyMs);
      await plane.stop();
    }
    rmSync(state, { recursive: true, force: true });
  }
  const row = (name, values) => [name, ms(median(values)), ms(quantile(values, 0)), ms(quantile(values, 1))];
  printTable(
    [`cold start to ready, ${runs} runs`, "median ms", "fastest ms", "slowest ms"],
    [row("fresh embedded database", times.fresh), row("existing embedded database", times.existing)],
  );
}

/** Previews that crash at once, previews that are stopped, and live ones. */
async function fillPlane(scope, plane) {
  const workspace = join(scope.directory, "workspace");
  mkdirSync(workspace);
  writeFileSync(
    join(workspace, "server.mjs"),
    `import { createServer } from "node:http";
createServer((request, response) => response.end("ok")).listen(Number(process.env.PORT), process.env.HOST);
`,
  );
  const client = plane.clientOf(project);
  await client.projects.put(project, { workspaceRoot: workspace });
  scope.add(() => client.stop({ all: true }));
  const crash = (name) => startAs(client, "crashed", { name, command: "exit 3" });
  const stop = async (name) => {
    await startAs(client, "ready", { name, command: "node server.mjs" });
    await client.stop({ name });
  };
  const names = (kind, count) => Array.from({ length: count }, (_, i) => `${kind}-${i}`);
  await inTurns(names("crashed", ended - live), crash);
  await inTurns(names("stopped", live), stop);
  await inTurns(names("live", live), (name) => startAs(client, "ready", { name, command: "node server.mjs" }));
  const { previews } = await client.list({ includeStopped: true });
  say(`${previews.length} previews recorded, ${previews.filter(({ status }) => status === "ready").length} live`);
  return client;
}

async function startAs(client, wanted, input) {
  const { status, problems, logTail } = await client.start({ ...input, waitSeconds: 45 });
  if (status !== wanted) throw new Error(`${input.name} is ${status}: ${JSON.stringify({ problems, logTail })}`);
}

/** Four at a time. */
async function inTurns(items, work) {
  const left = [...items];
  const worker = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
}

function costOf(plane, state) {
  const database = databasePids(state);
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return {
    ...memoryMb(plane.pid),
    planeCpu: cpuMs(plane.pid),
    databasePss: sum(database.map((pid) => memoryMb(pid).pss)),
    databaseCpu: sum(database.map(cpuMs)),
  };
}

/** Nothing is asked; the first seconds are left out. */
async function idle(cost) {
  await pause(5000);
  const before = cost();
  await pause(idleSeconds * 1000);
  const after = cost();
  const share = (name) => (after[name] - before[name]) / (idleSeconds * 1000);
  return { after, planeShare: share("planeCpu"), databaseShare: share("databaseCpu") };
}

function memoryRow(name, { rss, pss, databasePss }) {
  return [name, rss.toFixed(0), pss.toFixed(0), databasePss.toFixed(0)];
}

function percent(share) {
  return `${(share * 100).toFixed(1)} %`;
}
