import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { request } from "node:http";
import { connect, createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

const limitMs = 60_000;
const pollMs = 1;

/**
 * Starts a dev server without a plane, as a shell would in a session of its own, and returns the
 * milliseconds from its spawn to its first 200. A connection is tried every millisecond; the port
 * once open, one GET at a time is sent. The server is ended before this resolves.
 */
export async function timeBareServer({ command, env, cwd, port, logFile }) {
  const output = openSync(logFile, "w");
  const startedAt = performance.now();
  const child = spawn("/bin/sh", ["-c", command], { env, cwd, detached: true, stdio: ["ignore", output, output] });
  closeSync(output);
  try {
    while (!(await opens(port))) {
      check(child, startedAt);
      await pause(pollMs);
    }
    while ((await getStatus(port)) !== 200) {
      check(child, startedAt);
      await pause(pollMs);
    }
    return performance.now() - startedAt;
  } finally {
    await end(child);
  }
}

/** A port on which nobody listens now. */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

function check(child, startedAt) {
  if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
  if (performance.now() - startedAt > limitMs) throw new Error("the server does not answer");
}

function opens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

function getStatus(port) {
  return new Promise((resolve) => {
    const options = { host: "127.0.0.1", port, path: "/", agent: false, headers: { accept: "text/html" } };
    const outgoing = request(options, (response) => {
      resolve(response.statusCode);
      outgoing.destroy();
    });
    outgoing.on("error", () => resolve(undefined)).end();
  });
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  process.kill(-child.pid, "SIGTERM");
  await exited;
}
