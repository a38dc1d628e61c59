// `dev_preview_url` over HTTP: time of a call as 50 concurrent callers see it, embedded database.
//
//     node bench/url.mjs [rounds]         default 5 rounds, three minutes
//
// The callers are one process, the plane is another, the database its own. Doors and loads take
// turns within a round. At full load every caller calls again as soon as it has its answer; paced,
// it pauses about a second, as callers do that do something with a URL. /healthz is no call at all:
// what this caller and Node's HTTP server take by themselves.
import { fork } from "node:child_process";
import { once } from "node:events";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startPlane } from "./support/plane.mjs";
import { runBench } from "./support/scope.mjs";
import { median, ms, p99, printTable, sayMachine } from "./support/stats.mjs";

const rounds = Number(process.argv[2] ?? 5);
/** See support/url-caller.mjs. */
const doors = ["mcp 2026-07-28", "mcp 2025-11-25", "/v1 client", "/v1 plain", "/healthz"];
const loads = [
  { name: "1 caller, no pause", callers: 1, pauseMs: 0, durationMs: 1000 },
  { name: "50 callers, paced 1 s", callers: 50, pauseMs: 1000, durationMs: 3000 },
  { name: "50 callers, no pause", callers: 50, pauseMs: 0, durationMs: 2000 },
];
const project = "bench";

await runBench({ limitMs: 600_000 }, async (scope) => {
  sayMachine();
  const plane = await startPlane({ state: join(scope.directory, "state") });
  scope.add(() => plane.stop());
  const previewUrl = await startPreview(scope, plane);
  const caller = startCaller(scope);
  const order = { plane: { controlUrl: plane.controlUrl, token: plane.token, project, previewUrl } };
  const samples = new Map();
  for (let round = -1; round < rounds; round += 1) {
    for (const load of loads) {
      for (const door of doors) {
        const took = await caller({ ...order, ...load, door });
        // the first round warms up
        if (round >= 0) samples.set(`${load.name}|${door}`, [...(samples.get(`${load.name}|${door}`) ?? []), took]);
      }
    }
  }
  printTable(
    ["load", "door", "calls/s", "p50 ms", "p99 ms"],
    loads.flatMap((load) => rowsOf(load, samples)),
  );
  sayMachine();
});

async function startPreview(scope, plane) {
  const workspace = join(scope.directory, "node-http");
  cpSync(fileURLToPath(new URL("../examples/node-http", import.meta.url)), workspace, { recursive: true });
  const client = plane.clientOf(project);
  await client.projects.put(project, { workspaceRoot: workspace });
  scope.add(() => client.stop({ all: true }));
  const { status, previewUrl } = await client.start({ command: "node server.mjs" });
  if (status !== "ready") throw new Error(`the preview is ${status}`);
  return previewUrl;
}

/** One order at a time: resolves to the times of its calls. */
function startCaller(scope) {
  const child = fork(fileURLToPath(new URL("support/url-caller.mjs", import.meta.url)));
  scope.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  });
  return async (order) => {
    const answer = once(child, "message");
    child.send(order);
    const [{ samples, error }] = await answer;
    if (error !== undefined) throw new Error(error);
    return samples;
  };
}

function rowsOf(load, samples) {
  return doors.map((door) => {
    const took = samples.get(`${load.name}|${door}`);
    const all = took.flat();
    const perSecond = all.length / ((load.durationMs / 1000) * took.length);
    return [load.name, door, perSecond.toFixed(0), ms(median(all)), ms(p99(all))];
  });
}
