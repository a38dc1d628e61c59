// What the plane adds to a dev server's own time to its first answer.
//
//     node bench/start.mjs [pairs] [samples]     default 40 pairs per project, about three minutes
//     node bench/start.mjs 8 eight               the eight most used frameworks, about five minutes
//
// Each pair starts the same command with the same environment in the same directory twice: without
// a plane (spawn to first 200, polled every millisecond), and through one (`start` of /v1). Which
// comes first alternates. `samples` are names of test/frameworks, comma separated. Needs npm once, to
// install each project into a temporary copy.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { freePort, timeBareServer } from "./support/bare-server.mjs";
import { startPlane } from "./support/plane.mjs";
import { loadSampleProjects } from "./support/sample-projects.mjs";
import { processes, runBench } from "./support/scope.mjs";
import { median, ms, p99, printTable, say, sayMachine } from "./support/stats.mjs";

const pairs = Number(process.argv[2] ?? 40);
const wantedSamples = process.argv[3];
const warmUps = 2;
const examples = fileURLToPath(new URL("../examples", import.meta.url));

await runBench({ limitMs: 1_500_000 }, async (scope) => {
  sayMachine();
  mkdirSync(join(scope.directory, "logs"), { recursive: true });
  const rows = [];
  for (const project of wantedSamples === undefined ? exampleProjects(scope) : await sampleProjects(scope)) {
    const subject = await prepare(scope, await project());
    rows.push(...rowsOf(subject.name, await measure(subject)));
    await subject.end();
  }
  printTable(["project", "time", "median ms", "p99 ms", "added median", "added p99"], rows);
  say("added: difference within a pair. readyMs: spawn to proven ready, as the plane reports it.");
  say("call: POST /v1/previews from sending it to its result, the URL included.");
  sayMachine();
});

/** A server that listens at once, started as it is; and a bundler's, by the script of its package.json. */
function exampleProjects(scope) {
  const copy = (name, start) => async () => {
    const root = join(scope.directory, name);
    cpSync(join(examples, name), root, { recursive: true, filter: (path) => basename(path) !== "node_modules" });
    await install(root);
    return { name, root, start };
  };
  return [copy("node-http", { command: "node server.mjs" }), copy("vite-react", {})];
}

async function install(root) {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  if (dependencies === undefined) return;
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: root });
}

/** Projects of the framework matrix, by their own scripts; one whose programs are missing is said and left out. */
async function sampleProjects(scope) {
  const { choose, missingPrograms, makeSampleProject } = await loadSampleProjects(scope);
  return choose(wantedSamples).flatMap((sample) => {
    const missing = missingPrograms(sample);
    if (missing !== undefined) say(`${sample.name} is left out: ${missing}`);
    if (missing !== undefined) return [];
    return async () => {
      const project = await makeSampleProject(sample);
      scope.add(() => project.close());
      return { name: sample.name, root: project.root, path: project.path, start: {} };
    };
  });
}

/** A plane with the project, started once to learn its command and environment. */
async function prepare(scope, { name, root: workspace, path, start }) {
  const env = path === undefined ? {} : { PATH: path };
  const plane = await startPlane({ state: join(scope.directory, `state-${name}`), env });
  const client = plane.clientOf(name);
  let ended;
  const endAll = async () => {
    await client.stop({ all: true });
    await plane.stop();
  };
  const end = () => (ended ??= endAll());
  scope.add(end);
  await client.projects.put(name, { workspaceRoot: workspace });
  const preview = await settled(client, await client.start({ ...start, waitSeconds: 45 }));
  const { command, port, problems } = preview;
  const launched = environmentIn(workspace);
  await client.stop();
  say(`${name}: ${command}${problems.length > 0 ? ` (${problems.map(({ code }) => code).join()})` : ""}`);
  const logFile = join(scope.directory, "logs", name);
  return { name, client, start, workspace, command, port, env: launched, logFile, end };
}

async function settled(client, preview) {
  let latest = preview;
  while (latest.status === "starting") latest = await client.url({ waitSeconds: 45 });
  return latest;
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
    env: withPort(env, { from: String(port), to: String(own) }),
    cwd: workspace,
    port: own,
    logFile,
  });
}

/** Frameworks are told their port by variables of various names. */
function withPort(env, { from, to }) {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace(new RegExp(`(^|:)${from}$`), `$1${to}`)]),
  );
}

async function throughPlane({ client, start }) {
  const startedAt = performance.now();
  const { status, readyMs, problems, logTail } = await settled(
    client,
    await client.start({ ...start, waitSeconds: 45 }),
  );
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
