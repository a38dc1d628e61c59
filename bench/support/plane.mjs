import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "../../dist/client/client.js";
import { readPlaneFile } from "../../dist/client/plane-file.js";
import { stateDir } from "../../dist/state-dir.js";

const bin = fileURLToPath(new URL("../../dist/cli/bin.js", import.meta.url));
const readyLimitMs = 60_000;

/**
 * `dev-preview serve` as a process of its own on free loopback ports, with nothing of the caller's
 * own settings. Its log goes to a file, as that of a plane in the background does. `readyMs` is from its spawn until /readyz answered 200.
 */
export async function startPlane({ state, env = {}, nodeArgs = [] }) {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const paths = stateDir(state);
  const log = openSync(paths.planeLog, "a", 0o600);
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeArgs, bin, "serve"], {
    env: planeEnv(state, env),
    stdio: ["ignore", "ignore", log],
  });
  closeSync(log);
  const record = await readyRecord(child, paths);
  const readyMs = performance.now() - startedAt;
  const token = readFileSync(paths.tokenFile, "utf8").trim();
  return {
    pid: child.pid,
    readyMs,
    token,
    controlUrl: record.controlUrl,
    gatewayPort: record.gatewayPort,
    clientOf: (project) => createClient({ url: record.controlUrl, token, project }),
    stop: () => end(child),
  };
}

function planeEnv(state, extra) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("DEV_PREVIEW_") && name !== "DATABASE_URL" && name !== "NODE_ENV",
  );
  return {
    ...Object.fromEntries(inherited),
    DEV_PREVIEW_CONTROL_PORT: "0",
    DEV_PREVIEW_GATEWAY_PORT: "0",
    // not the default range: planes of whoever runs this may be using that
    DEV_PREVIEW_PORT_RANGE: "28000-28999",
    DEV_PREVIEW_LOG_LEVEL: "info",
    DEV_PREVIEW_STATE_DIR: state,
    ...extra,
  };
}

async function readyRecord(child, { planeFile, planeLog }) {
  const deadline = performance.now() + readyLimitMs;
  for (;;) {
    const record = existsSync(planeFile) ? readPlaneFile(planeFile) : undefined;
    if (record?.pid === child.pid && (await statusOf(`${record.controlUrl}/readyz`)) === 200) return record;
    if (child.exitCode !== null)
      throw new Error(`the plane ended with ${child.exitCode}:\n${readFileSync(planeLog, "utf8")}`);
    if (performance.now() > deadline) throw new Error(`the plane is not ready:\n${readFileSync(planeLog, "utf8")}`);
    await pause(2);
  }
}

function statusOf(url) {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on("error", () => resolve(undefined)).end();
  });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const hangs = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await exited;
  clearTimeout(hangs);
}
