// From the call that ends a link to the end of the sockets that came in by it, at their clients.
//
//   npm run build && node bench/revocation.mjs [--rounds 50] [--sockets 9900] [--workers 1]
//
// A whole plane with its embedded database, dev servers that it launched, and the clients are processes of their own. The
// time runs from before the HTTP call until a client sees the end of its socket: the call, the database, its
// notification, the gateway, and what the clients need to notice. As many sockets are open in every round.
import { execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { startPlane } from "./support/plane.mjs";
import { runBench } from "./support/scope.mjs";
import { median, ms, p99, printTable, say, sayMachine } from "./support/stats.mjs";

const hardLimit = execFileSync("sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim();
/** The plane has two files for each socket. */
const admitted = Math.min(10_000, Math.floor((hardLimit === "unlimited" ? 1_000_000 : Number(hardLimit)) / 2) - 100);
const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "50" },
    sockets: { type: "string", default: String(admitted) },
    workers: { type: "string", default: "1" },
  },
});
const rounds = Number(flags.rounds);
/** Thousands of sockets are opened anew in each of these. */
const longRounds = 3;
const names = ["one", "two"];
const linksOfEach = 50;
const perLink = Math.floor(Number(flags.sockets) / (names.length * linksOfEach));
const app = fileURLToPath(new URL("support/socket-app.mjs", import.meta.url));
const now = () => Number(process.hrtime.bigint()) / 1e6;

await runBench({ limitMs: 900_000 }, async (scope) => {
  sayMachine();
  const plane = await startPlane({
    state: join(scope.directory, "state"),
    env: {
      DEV_PREVIEW_LIMIT_PREVIEW_CONNECTIONS: "0",
      DEV_PREVIEW_LIMIT_ADDRESS_CONNECTIONS: "0",
      DEV_PREVIEW_GATEWAY_WORKERS: flags.workers,
    },
  });
  scope.add(() => plane.stop());
  const world = { plane, client: await registerProject(scope, plane), holder: startHolder(scope) };
  const rows = [await manyLinks(world, "revoke"), await manyLinks(world, "rotate"), await stops(world)];
  await world.client.stop({ all: true });
  rows.push(await oneLink(world));
  printTable(["what ended", "rounds", "open", "ended in each", "p50 ms", "p99 ms", "max ms", "answered, p50 ms"], rows);
  sayMachine();
});

async function registerProject(scope, plane) {
  const workspaceRoot = join(scope.directory, "workspace");
  mkdirSync(workspaceRoot);
  const client = plane.clientOf("bench");
  await client.projects.put("bench", { workspaceRoot });
  scope.add(() => client.stop({ all: true }));
  return client;
}

/** Sends an order to the clients' process and resolves to its answer. */
function startHolder(scope) {
  const child = fork(fileURLToPath(new URL("support/socket-holder.mjs", import.meta.url)));
  scope.add(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGTERM");
    await exited;
  });
  const waiting = new Map();
  child.on("message", (answer) => waiting.get(answer.to)(answer));
  let last = 0;
  return async (order) => {
    const id = (last += 1);
    const { error, ...answer } = await new Promise((resolve) => {
      waiting.set(id, resolve);
      child.send({ ...order, id });
    });
    waiting.delete(id);
    if (error !== undefined) throw new Error(error);
    return answer;
  };
}

/** A preview with its links, each with its sockets. */
async function startWithSockets(world, name, links = linksOfEach, count = perLink) {
  const { client } = world;
  const { status } = await client.start({ name, command: `'${process.execPath}' '${app}'` });
  if (status !== "ready") throw new Error(`the preview is ${status}`);
  for (let link = 1; link < links; link += 1) await client.url({ name, label: `${name} ${link}` });
  const made = (await client.links.list({})).filter((link) => link.name === name);
  for (const link of made) await openOn(world, link, count);
  return made;
}

async function openOn({ plane, holder }, { id, previewUrl }, count) {
  const { hostname } = new URL(previewUrl);
  await holder({ open: id, count, port: plane.gatewayPort, host: hostname });
}

/** Runs a call; resolves to what the clients of these links saw of it, ms after its begin. */
async function timed({ holder }, links, call) {
  const ends = links.map(({ id }) => holder({ closed: id }));
  const begunAt = now();
  const result = await call();
  const answeredMs = now() - begunAt;
  const seen = await Promise.all(ends);
  return { result, answeredMs, samples: seen.flatMap(({ moments }) => moments.map((moment) => moment - begunAt)) };
}

/** One link after the other; another one with as many sockets takes its place. */
async function manyLinks(world, how) {
  const { client } = world;
  for (const name of names) {
    const has = (await client.links.list({})).some((link) => link.name === name);
    if (!has) await startWithSockets(world, name);
  }
  const links = await client.links.list({});
  const seen = [];
  for (let round = 0; round < rounds; round += 1) {
    const link = links[(round * 37) % links.length];
    const call = () => (how === "rotate" ? client.links.rotate(link.id) : client.links.revoke(link.id));
    const one = await timed(world, [link], call);
    seen.push(one);
    const next = how === "rotate" ? one.result : await madeAgain(client, link);
    links[links.indexOf(link)] = next;
    await openOn(world, next, perLink);
  }
  return row(`a link (${how})`, seen, links.length * perLink);
}

async function madeAgain(client, { name, label }) {
  await client.url({ name, ...(label === undefined ? {} : { label }) });
  return (await client.links.list({ name })).find((link) => link.label === label);
}

async function stops(world) {
  const { client } = world;
  const seen = [];
  for (let round = 0; round < longRounds; round += 1) {
    const name = names[round % names.length];
    const links = await client.links.list({ name });
    seen.push(await timed(world, links, () => client.stop({ name })));
    await startWithSockets(world, name);
  }
  return row("a preview (stop)", seen, names.length * linksOfEach * perLink);
}

async function oneLink(world) {
  const { client } = world;
  const count = Number(flags.sockets);
  const seen = [];
  let [link] = await startWithSockets(world, "single", 1, count);
  for (let round = 0; round < longRounds; round += 1) {
    if (round > 0) await openOn(world, link, count);
    seen.push(await timed(world, [link], () => client.links.revoke(link.id)));
    link = await madeAgain(client, link);
  }
  return row("the only link (revoke)", seen, count);
}

function row(what, seen, open) {
  const samples = seen.flatMap((one) => one.samples);
  const answered = median(seen.map(({ answeredMs }) => answeredMs));
  say(`${what}: ${samples.length} sockets`);
  const cut = Math.round(samples.length / seen.length);
  const worst = samples.reduce((most, sample) => Math.max(most, sample), 0);
  return [what, seen.length, open, cut, ms(median(samples)), ms(p99(samples)), ms(worst), ms(answered)];
}
