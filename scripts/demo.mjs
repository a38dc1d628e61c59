// The main job in one command: a plane on the embedded database, a real MCP client, the bundled
// Vite example, and its preview URL. `--once` stops after the page was fetched.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const bin = fileURLToPath(new URL("../dist/cli/bin.js", import.meta.url));
const example = fileURLToPath(new URL("../examples/vite-react", import.meta.url));
const stateDir = mkdtempSync(join(tmpdir(), "dev-preview-demo-"));
const env = {
  ...process.env,
  DEV_PREVIEW_STATE_DIR: stateDir,
  DEV_PREVIEW_LOG_LEVEL: process.env.DEV_PREVIEW_LOG_LEVEL ?? "warn",
};

const say = (text) => process.stdout.write(`${text}\n`);
const toolCallMs = 60_000;
let client;
let plane;
let planeReady = false;
let closing;

// A second Ctrl-C must not cut the clearing up short.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void finish(0));
try {
  await main();
} catch (error) {
  if (closing === undefined) {
    process.stderr.write(`demo failed: ${error instanceof Error ? error.message : String(error)}\n`);
    await finish(1);
  }
}

async function main() {
  say("1/4  starting a plane on the embedded database");
  plane = runOwn(["serve", "--json"], ["ignore", "pipe", "inherit"]);
  planeReady = await Promise.race([once(plane.stdout, "data").then(() => true), plane.exited.then(() => false)]);
  if (!planeReady) throw new Error("the plane did not start");

  say("2/4  connecting an MCP client over stdio");
  client = new Client({ name: "demo", version: "1.0.0" });
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [bin, "mcp", "--root", example],
      env,
      stderr: "inherit",
    }),
  );

  say("3/4  dev_preview_start in examples/vite-react");
  let preview = await call("dev_preview_start", { waitSeconds: 45 });
  while (preview.status === "starting") preview = await call("dev_preview_url", { waitSeconds: 45 });
  if (!preview.serving)
    throw new Error(
      `the preview is ${preview.status}: ${JSON.stringify(preview.problems)}\n${preview.logTail.join("\n")}`,
    );

  const page = await fetchThroughGateway(preview.previewUrl);
  const title = /<title>([^<]*)<\/title>/i.exec(page)?.[1];
  if (title === undefined) throw new Error("the page has no title");
  say(`4/4  the page answers through the gateway: "${title}"\n`);
  say(`     ${preview.previewUrl}\n`);
  if (process.argv.includes("--once")) return await finish(0);
  say("Open it in a browser, edit examples/vite-react/src/app.jsx, and watch it change. Ctrl-C ends everything.");
  setInterval(() => {}, 60_000);
}

async function call(name, args) {
  const result = await client.callTool(
    { name, arguments: args },
    { timeout: toolCallMs, onprogress: ({ message }) => say(`       ${message}`) },
  );
  if (result.isError) throw new Error(result.content.map(({ text }) => text).join("\n"));
  return result.structuredContent;
}

/** Node does not resolve names under .localhost as browsers do, so the loopback address is dialled by hand. */
function fetchThroughGateway(url) {
  const { host, port, pathname } = new URL(url);
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: "127.0.0.1", port, path: pathname, headers: { host, accept: "text/html" } },
      (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (chunk) => (body += chunk));
        response.on("end", () =>
          response.statusCode === 200 ? resolve(body) : reject(new Error(`the page answers ${response.statusCode}`)),
        );
      },
    );
    outgoing.on("error", reject).end();
  });
}

function finish(exitCode) {
  closing ??= close(exitCode);
  return closing;
}

/** Ctrl-C reaches the stdio front too, so that the preview is stopped by a command of its own. */
async function close(exitCode) {
  if (planeReady) {
    const code = await runOwn(["stop", "--all", "--root", example], ["ignore", "ignore", "inherit"]).exited;
    if (code !== 0) exitCode = 1;
  }
  await client?.close();
  plane?.kill("SIGTERM");
  await plane?.exited;
  rmSync(stateDir, { recursive: true, force: true });
  process.exit(exitCode);
}

/** The command in a process group of its own, where a terminal's Ctrl-C does not reach it. */
function runOwn(args, stdio) {
  const child = spawn(process.execPath, [bin, ...args], { env, stdio, detached: true });
  return Object.assign(child, { exited: new Promise((resolve) => child.once("exit", resolve)) });
}
