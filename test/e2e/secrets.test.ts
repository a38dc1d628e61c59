import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../src/client/client.ts";
import { startEmbeddedTestServer } from "../support/database-server.ts";
import type { TestServer } from "../support/database-server.ts";
import { clientId, clientSecret, startOpenIdProvider } from "../support/open-id-provider.ts";
import type { OpenIdProvider } from "../support/open-id-provider.ts";
import { until } from "../support/until.ts";
import { noChromium, openChromium } from "./support/chromium.ts";
import { endHome } from "./support/end-home.ts";
import { httpClients } from "./support/mcp-clients.ts";
import { get, makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { runCli, startCli } from "./support/run-cli.ts";
import { createSecretHunt, filesBelow } from "./support/secret-hunt.ts";

const fresh = (name: string) => `${name}-${randomBytes(12).toString("hex")}`;
const signingKey = randomBytes(32);

/** Planted before anything starts; what the plane makes itself comes on top. */
const secrets: Record<string, string> = {
  databasePassword: fresh("dbpw"),
  signingKey: signingKey.toString("base64").replace(/=+$/, ""),
  oidcClientSecret: clientSecret,
  operatorEnv: fresh("operator"),
  startEnv: fresh("startenv"),
  dotEnv: fresh("dotenv"),
  inCommand: fresh("command"),
  inLog: fresh("log"),
  inUrl: fresh("url"),
  inHeader: fresh("header"),
  wrongToken: fresh("wrong"),
};
const hunt = createSecretHunt(() => secrets);
const hear = (place: string, said: unknown) => hunt.hear(place, said);

let database: TestServer;
let provider: OpenIdProvider;
let home: PlaneHome;
let plane: PlaneProcess;
let metricsPort: number;
let databaseUp = true;

beforeAll(async () => {
  database = await startEmbeddedTestServer();
  const { host, port, user, database: name } = database.connection;
  const gatewayPort = await freePort();
  metricsPort = await freePort();
  provider = await startOpenIdProvider(`http://auth.localhost:${gatewayPort}`, new Map([["ada", "local"]]));
  home = await makePlaneHome({
    DATABASE_URL: `postgres://${user}:${secrets["databasePassword"]}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    DEV_PREVIEW_SIGNING_KEYS: `0:${signingKey.toString("base64")}`,
    DEV_PREVIEW_LOG_LEVEL: "trace",
    DEV_PREVIEW_ACCESS_LOG: "true",
    DEV_PREVIEW_METRICS_PORT: String(metricsPort),
    DEV_PREVIEW_GATEWAY_PORT: String(gatewayPort),
    DEV_PREVIEW_OIDC_ISSUER: provider.issuer,
    DEV_PREVIEW_OIDC_CLIENT_ID: clientId,
    DEV_PREVIEW_OIDC_CLIENT_SECRET: clientSecret,
    DEV_PREVIEW_OIDC_LOCAL_MEMBERS: "true",
    DEV_PREVIEW_LIMIT_PREVIEW_CONNECTIONS: "3",
    OPERATOR_PASSWORD: secrets["operatorEnv"],
  });
  await writeFile(join(home.workspace, ".env"), `DOT_ENV_SECRET=${secrets["dotEnv"]}\n`);
  await writeFile(join(home.workspace, "server.mjs"), app);
  await writeFile(
    join(home.workspace, "crash.mjs"),
    `console.error("SECRET_KEY=" + process.env.APP_PASSWORD); process.exit(3);`,
  );
  plane = await startPlaneProcess(home);
  secrets["bearerToken"] = plane.token;
});
afterAll(async () => {
  if (!databaseUp) await database.start();
  try {
    await endHome(home);
  } finally {
    await provider.close();
    await database.close();
  }
});

/** Prints what it was given and what it is asked, as careless apps do. */
const app = `import { createServer } from "node:http";
import { readFileSync } from "node:fs";
console.log("listening; the session is ${secrets["inLog"]}");
console.log("APP_PASSWORD is", process.env.APP_PASSWORD, readFileSync(".env", "utf8").length);
createServer((request, response) => {
  if (request.url.startsWith("/hang")) return void response.write("...");
  response.end("<!doctype html><h1>app</h1>");
}).listen(Number(process.env.PORT));
`;

const command = () => `node server.mjs --api-token=${secrets["inCommand"]}`;
const env = () => ({ APP_PASSWORD: secrets["startEnv"]! });

/** Everything that a caller can be answered with, through every door. */
async function useEveryDoor(): Promise<void> {
  const { client } = plane;
  hear("answer: start", await client.start({ command: command(), env: env(), waitSeconds: 45 }));
  const web = await client.url({});
  hear("answer: url", web);
  secrets["linkToken"] = web.token!;
  const page = `${web.previewUrl}?access_token=${secrets["inUrl"]}`;
  const visit = await get(page, plane.gatewayPort, {
    authorization: `Bearer ${secrets["inHeader"]}`,
    cookie: `s=${secrets["inHeader"]}`,
  });
  expect(visit.status).toBe(200);
  const gated = await client.start({ name: "gated", command: command(), env: env(), signed: false, waitSeconds: 45 });
  hear("answer: gated start", gated);
  secrets["gatedToken"] = gated.token!;
  await visitGated(gated.previewUrl!, gated.token!);
  hear("answer: list", await client.list());
  hear("answer: get", await client.get());
  hear("logs: api", await client.logs({ limit: 200 }));
  hear("answer: links", await client.links.list());
  hear("projects", await client.projects.list());
  const minted = await client.keys.create({ label: "ci", scopes: ["preview:read"], org: "acme" });
  hear("answer: new key", minted);
  secrets["apiKey"] = minted.key.split("_")[2]!;
  await createClient({ url: plane.controlUrl, token: minted.key }).projects.list();
  hear("keys", await client.keys.list({ org: "acme" }));
  hear(
    "openapi",
    await (
      await fetch(`${plane.controlUrl}/v1/openapi.json`, { headers: { authorization: `Bearer ${plane.token}` } })
    ).text(),
  );
  for (const { title, connect } of httpClients) {
    const mcp = await connect({ url: new URL("/mcp", plane.controlUrl), token: plane.token, projectSlug: "app" });
    hear(`tools: ${title}`, await mcp.listTools());
    hear(`answer: mcp url ${title}`, await mcp.call("dev_preview_url", {}));
    hear(`answer: mcp list ${title}`, await mcp.call("dev_preview_list", {}));
    hear(`logs: mcp ${title}`, await mcp.call("dev_preview_logs", { limit: 200 }));
    hear(
      `error: mcp start ${title}`,
      await mcp.call("dev_preview_start", { name: "crash", command: "node crash.mjs", env: env() }),
    );
    hear(`error: mcp port ${title}`, await mcp.call("dev_preview_url", { port: 1 }).catch(String));
    await mcp.close();
  }
}

/** By the token in its three places, and with a login where there is a browser. */
async function visitGated(previewUrl: string, token: string): Promise<void> {
  await get(previewUrl, plane.gatewayPort, { "x-preview-token": token });
  const taken = await get(`${previewUrl}?preview_token=${token}&secret=${secrets["inUrl"]}`, plane.gatewayPort);
  secrets["tokenCookie"] = taken.headers["set-cookie"]![0]!.split(/[=;]/)[1]!;
  if (noChromium !== undefined) return console.warn(`the login is left out: ${noChromium}`);
  const browser = await openChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${previewUrl}?page=${secrets["inUrl"]}`);
    await page.locator("input[name=login]").fill("ada");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.getByRole("heading", { name: "app" }).waitFor();
    for (const { name, value } of await page.context().cookies())
      if (name.startsWith("dev-preview-")) secrets[`cookie ${name}`] = value;
  } finally {
    await browser.close();
  }
}

/** What goes wrong, in as many ways as there are. */
async function failEverywhere(): Promise<void> {
  const { client, controlUrl, gatewayPort } = plane;
  const failed = async (place: string, call: Promise<unknown>) =>
    hear(`error: ${place}`, await call.catch((error: unknown) => `${String(error)} ${JSON.stringify(error)}`));
  const wrong = createClient({ url: controlUrl, token: secrets["wrongToken"]!, project: "app" });
  await failed("wrong token", wrong.list());
  await failed("wrong key", createClient({ url: controlUrl, token: `dpk_${"0".repeat(16)}_${"A".repeat(43)}` }).list());
  await failed("crash", client.start({ name: "crash", command: "node crash.mjs", env: env(), waitSeconds: 45 }));
  await failed("no such folder", client.start({ name: "x", repoDir: "nowhere", command: command(), env: env() }));
  await failed("unknown field", client.start({ name: "x", org: "acme", env: env() } as object));
  await failed("foreign port", client.url({ port: gatewayPort }));
  await failed("foreign project", createClient({ url: controlUrl, token: plane.token, project: "absent" }).list());
  const hosts = [`1-${secrets["linkToken"]}.localhost`, `x-${secrets["linkToken"]!}.localhost`];
  for (const host of hosts)
    hear(`error: ${host.slice(0, 2)} link`, await get(`http://${host}/?q=${secrets["inUrl"]}`, gatewayPort));
  const open = Array.from({ length: 5 }, () => get(`http://${linkHost()}/hang?q=${secrets["inUrl"]}`, gatewayPort));
  hear("error: too many", await Promise.race(open));
  for (const each of open) each.catch(() => undefined);
  await failed(
    "bad JSON",
    fetch(`${controlUrl}/v1/previews`, {
      method: "POST",
      body: `{"env":"${secrets["startEnv"]}`,
      headers: { authorization: `Bearer ${plane.token}`, "content-type": "application/json" },
    }).then((answer) => answer.text()),
  );
  await client.links.rotate((await client.links.list()).find(({ signed }) => signed)!.id);
  hear("error: rotated link", await get(`http://${linkHost()}/?q=${secrets["inUrl"]}`, gatewayPort));
}

const linkHost = () => new URL(previewUrl()).host;
let shownUrl = "";
const previewUrl = () => shownUrl;

async function askTheCommandLine(): Promise<void> {
  const commands = [
    ["list"],
    ["url"],
    ["events", "-n", "500"],
    ["events", "--accesses"],
    ["key", "list"],
    ["project", "list"],
    ["doctor"],
    ["config", "cursor"],
    ["serve"],
  ];
  for (const args of commands) {
    const { stdout, stderr } = await runCli({ ...home, env: { ...home.env, DEV_PREVIEW_PROJECT: "app" } }, ...args);
    hear(`${["list", "url"].includes(args[0]!) ? "answer: " : ""}cli ${args.join(" ")}`, stdout + stderr);
  }
  const bad = {
    DATABASE_URL: `mysql://u:${secrets["databasePassword"]}@h/d`,
    DEV_PREVIEW_TOKEN: secrets["wrongToken"]!.slice(0, 20),
  };
  const refused = await runCli(
    { ...home, env: { ...home.env, ...bad, DEV_PREVIEW_STATE_DIR: `${home.state}-other` } },
    "serve",
  );
  expect(refused.exitCode).not.toBe(0);
  hear("cli serve, refused", refused.stdout + refused.stderr);
}

async function readTheRecord(): Promise<void> {
  // of no project: what belongs to the org is there too
  const client = createClient({ url: plane.controlUrl, token: plane.token });
  await until(
    "the visits are on record",
    async () => (await client.events.accesses({ after: 0 })).accesses.length >= 2,
    20_000,
  );
  const { accesses } = await client.events.accesses({ after: 0, limit: 500 });
  hear("accesses", accesses);
  const { events } = await client.events.list({ after: 0, limit: 500 });
  hear("events", events);
  const seen = new Set(events.map(({ type }) => type));
  const wanted = [
    "preview.started",
    "preview.ready",
    "preview.crashed",
    "link.minted",
    "link.rotated",
    "call.refused",
    "project.registered",
  ];
  expect(wanted.filter((type) => !seen.has(type))).toEqual([]);
  hear("events of acme", await client.events.list({ after: 0, org: "acme" }));
  const following = startCli(home, "events", "--follow");
  await following.prints("link.rotated");
  following.interrupt();
  hear("events, live", (await following.ended).stdout);
  const stream = await fetch(`${plane.controlUrl}/v1/events?after=0`, {
    headers: { authorization: `Bearer ${plane.token}`, accept: "text/event-stream" },
  });
  const reader = stream.body!.getReader();
  let text = "";
  while (!text.includes("link.rotated")) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  hear("events, stream", text);
  hear("metrics", await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text());
}

function lookAtTheHost(): void {
  expect(statSync(home.state).mode & 0o077).toBe(0);
  for (const { pid, command: line } of home.processes())
    hear(`${line.includes("server.mjs") ? "own arguments" : "arguments"} of ${pid}: ${line.slice(0, 40)}`, line);
  for (const { path, text, mode } of filesBelow(home.state)) {
    hear(`file ${path}`, text);
    const holdsOne = Object.values(secrets).some((secret) => text.includes(secret));
    if (holdsOne) expect([path, mode & 0o077]).toEqual([path, 0]);
  }
}

async function withoutDatabase(): Promise<void> {
  await database.stop();
  databaseUp = false;
  for (const call of [
    () => plane.client.list(),
    () => plane.client.start({ env: env(), command: command() }),
    () => plane.client.events.list(),
  ])
    hear("error: no database", await call().catch((error: unknown) => `${String(error)} ${JSON.stringify(error)}`));
  const mcp = await httpClients[0]!.connect({
    url: new URL("/mcp", plane.controlUrl),
    token: plane.token,
    projectSlug: "app",
  });
  hear("error: mcp, no database", await mcp.call("dev_preview_list", {}));
  await mcp.close();
  await database.start();
  databaseUp = true;
  await until(
    "the database is back",
    () =>
      plane.client.list().then(
        () => true,
        () => false,
      ),
    30_000,
  );
}

/**
 * Where a secret is the answer itself, or the user's own output:
 * - a link's URL and token, in answers of start, url, get, list and of links;
 * - a key's text, in the answer that makes it;
 * - what a dev server prints, in its lines, its log file, and the `logTail` of answers; the values that its caller gave are masked there;
 * - a dev server's own arguments;
 * - the plane's token in its file, which only its user can read.
 */
const allowed = {
  linkToken: ["answer: "],
  gatedToken: ["answer: "],
  apiKey: ["answer: new key"],
  inLog: ["logs: ", "answer: ", "file launches/"],
  startEnv: ["file launches/"],
  inCommand: ["own arguments"],
  bearerToken: ["file token"],
};

it("a secret planted in environment, command, log, file and URL is said nowhere", async () => {
  await useEveryDoor();
  shownUrl = (await plane.client.url({})).previewUrl!;
  await failEverywhere();
  await askTheCommandLine();
  await readTheRecord();
  lookAtTheHost();
  await withoutDatabase();
  hear("log", plane.log());
  expect(plane.log()).toContain("gateway_request");
  expect(hunt.places()).toBeGreaterThan(60);
  for (const line of plane.log().split("\n")) hunt.hear(`log line ${line.slice(0, 120)}`, line);
  expect(hunt.leaks(allowed)).toEqual([]);
  // it would be found
  const found = hunt.leaks({});
  for (const name of Object.keys(allowed))
    expect(found.filter((leak) => leak.startsWith(`${name} at `))).not.toEqual([]);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
