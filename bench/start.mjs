// What the plane adds to a dev server's own time to its first answer.
//
//     node bench/start.mjs [pairs]        default 40 pairs per project, about three minutes
//
// Each pair starts the same command with the same environment in the same directory twice: without
// a plane (spawn to first 200, polled every millisecond), and through one (`start` of /v1). Which
// comes first alternates. Needs npm once, to install examples/vite-react into a temporary copy.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, timeBareServer } from "./support/bare-server.mjs";
import { startPlane } from "./support/plane.mjs";
import { processes, runBench } from "./support/scope.mjs";
import { median, ms, p99, printTable, say, sayMachine } from "./support/stats.mjs";

const pairs = Number(process.argv[2] ?? 40);
const warmUps = 2;
/** A server that listens at once, started as it is; and a bundler's, by the script of its package.json. */
const subjects = [
  { example: "node-http", start: { command: "node server.mjs" } },
  { example: "vite-react", start: {} },
];
const examples = fileURLToPath(new URL("../examples", import.meta.url));

await runBench({ limitMs: 900_000 }, async (scope) => {
  sayMachine();
  const plane = await startPlane({ state: join(scope.directory, "state") });
  scope.add(() => plane.stop());
  const rows = [];
  for (const { example, start } of subjects) {
    const subject = await prepare(scope, plane, { example, start });
    rows.push(...rowsOf(example, await measure(subject)));
  }
  printTable(["project", "time", "median ms", "p99 ms", "added median", "added p99"], rows);
  say("added: difference within a pair. readyMs: spawn to proven ready, as the plane reports it.");
  say("call: POST /v1/previews from sending it to its result, the URL included.");
  sayMachine();
});

/** A copy of the example as a project of the plane, started once to learn its command and environment. */
async function prepare(scope, plane, { example, start }) {
  const workspace = join(scope.directory, example);
  cpSync(join(examples, example), workspace, {
    recursive: true,
    filter: (path) => basename(path) !== "node_modules",
  });
  await install(workspace);
  const client = plane.clientOf(example);
  await client.projects.put(example, { workspaceRoot: workspace });
  scope.add(() => client.stop({ all: true }));
  const { command, port, problems } = await client.start({ ...start, waitSeconds: 45 });
  const env = environmentIn(workspace);
  await client.stop();
  say(`${example}: ${command}${problems.length > 0 ? ` (${problems.map(({ code }) => code).join()})` : ""}`);
  mkdirSync(join(scope.directory, "logs"), { recursive: true });
  return { client, start, workspace, command, port, env, logFile: join(scope.directory, "logs", example) };
}

async function install(workspace) {
  const { dependencies } = JSON.parse(readFileSync(join(workspace, "package.json"), "utf8"));
  if (dependencies === undefined) return;
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: workspace });
}

/** What the launched command was given: the launch's own supervisor is told by the variable that only it has. */
function environmentIn(workspace) {
  const launched = processes().find(
    ({ text }) =>
      text.includes("\0DEV_PREVIEW_LAUNCH_ID=") &&
      text.includes(`\0PWD=${workspace}\0`) &&
      !text.includes("\0DEV_PREVIEW_COMMAND="),
  );
  const environ = readFileSync(`/proc/${launched.pid}/environ`, "latin1");
  const entries = environ.split("\0").flatMap((entry) => {
    const at = entry.indexOf("=");
    return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)]] : [];
  });
  // with the marker, the plane would take the process for one of its own
  return Object.fromEntries(entries.filter(([name]) => name !== "DEV_PREVIEW_LAUNCH_ID"));
}

async function measure(subject) {
  for (let i = 0; i < warmUps; i += 1) await throughPlane(subject).then(() => withoutPlane(subject));
  const samples = [];
  for (let i = 0; i < pairs; i += 1) {
    const bareFirst = i % 2 === 0;
    const early = bareFirst ? await withoutPlane(subject) : undefined;
    const through = await throughPlane(subject);
    samples.push({ bareMs: early ?? (await withoutPlane(subject)), ...through });
  }
  return samples;
}

async function withoutPlane({ command, port, env, workspace, logFile }) {
  const own = await freePort();
  return await timeBareServer({
    command: command.replaceAll(String(port), String(own)),
    env: { ...env, PORT: String(own) },
    cwd: workspace,
    port: own,
    logFile,
  });
}

async function throughPlane({ client, start }) {
  const startedAt = performance.now();
  const { status, readyMs, problems, logTail } = await client.start({ ...start, waitSeconds: 45 });
  const callMs = performance.now() - startedAt;
  if (status !== "ready") throw new Error(`the preview is ${status}: ${JSON.stringify({ problems, logTail })}`);
  await client.stop();
  return { readyMs, callMs };
}

function rowsOf(example, samples) {
  const row = (time, values, added) => [
    example,
    time,
    ms(median(values)),
    ms(p99(values)),
    added === undefined ? "" : ms(median(added)),
    added === undefined ? "" : ms(p99(added)),
  ];
  const of = (name) => samples.map((sample) => sample[name]);
  const addedTo = (name) => samples.map((sample) => sample[name] - sample.bareMs);
  return [
    row("without the plane", of("bareMs")),
    row("readyMs", of("readyMs"), addedTo("readyMs")),
    row("call", of("callMs"), addedTo("callMs")),
  ];
}
