import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createPsView, parseDirectory, parseListeners, parseProcesses } from "../../src/sandbox/ps-view.ts";

// as macOS prints it: ps -axww -E -o pid=,ppid=,pgid=,stat=,lstart=,command=
const processes = `
    1     0     1 Ss   Mon Mar  4 08:00:01 2024     /sbin/launchd
  812   790   790 S    Tue Mar 12 10:11:12 2024     node server.js --port 5173 PATH=/usr/bin:/bin PORT=5173 DEV_PREVIEW_LAUNCH_ID=0f1e-2d3c HOME=/Users/me
  790   501   790 Ss   Tue Mar 12 10:11:12 2024     /bin/sh -c node server.js DEV_PREVIEW_LAUNCH_ID=0f1e-2d3c
  813   812   790 Z    Tue Mar 12 10:11:14 2024     (node)
  900     1   900 S+   Tue Mar 12 10:12:00 2024     grep NOT_DEV_PREVIEW_LAUNCH_ID=0f1e-2d3c
`;

test("processes are read from ps with their group, start time, liveness and marker", () => {
  const entries = parseProcesses(processes);
  expect([...entries.keys()]).toEqual([1, 812, 790, 813, 900]);
  expect(entries.get(812)).toEqual({
    pid: 812,
    ppid: 790,
    group: 790,
    session: 790,
    startTime: "Tue Mar 12 10:11:12 2024",
    alive: true,
    launchId: "0f1e-2d3c",
  });
  expect(entries.get(1)).toMatchObject({ startTime: "Mon Mar 4 08:00:01 2024" });
  expect(entries.get(813)).toMatchObject({ alive: false });
  expect(entries.get(900)).not.toHaveProperty("launchId");
});

// as lsof -nP -iTCP -sTCP:LISTEN -FpcftPn prints it
const sockets = `p812
cnode
f23
tIPv4
PTCP
n127.0.0.1:5173
f24
tIPv6
PTCP
n*:3000
f25
tIPv6
PTCP
n[::1]:3001
p900
cControlCenter
f10
tIPv4
PTCP
n*:7000
`;

test("listeners are read from lsof with the address that they are bound to", () => {
  expect(parseListeners(sockets)).toEqual([
    { pid: 812, program: "node", address: "127.0.0.1", port: 5173 },
    { pid: 812, program: "node", address: "::", port: 3000 },
    { pid: 812, program: "node", address: "::1", port: 3001 },
    { pid: 900, program: "ControlCenter", address: "0.0.0.0", port: 7000 },
  ]);
});

test.each(["", "garbage\n", "n*:*\n", "p\nc\n"])("output without an answer (%j) is no answer", (text) => {
  expect(parseProcesses(text).size).toBe(0);
  expect(parseListeners(text)).toEqual([]);
});

// as lsof -a -p <pid> -d cwd -Fn prints it, in the C locale
test.each([
  ["p812\nn/Users/me/app\n", "/Users/me/app"],
  ["p812\nfcwd\nn/Users/me/Gr\\xc3\\xbc\\xc3\\x9fe app\n", "/Users/me/Grüße app"],
  ["p812\nn/Users/me/back\\\\xc3slash\n", "/Users/me/back\\xc3slash"],
  ["p812\nn/Users/me/two\\nlines\n", undefined],
  ["p812\nn/private (readlink: Permission denied)\n", "/private (readlink: Permission denied)"],
  ["p812\n", undefined],
  ["", undefined],
])("of %j the directory is %s", (text, directory) => {
  expect(parseDirectory(text)).toBe(directory);
});

const hasLsof = spawnSync("lsof", ["-v"]).status === 0;
if (!hasLsof) console.warn("skipped: listeners from the real lsof, which is not installed");

test.skipIf(!hasLsof)("a real lsof names the listeners of a process, and who holds a port", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const view = createPsView();
  const listeners = await view.listeners("key", [process.pid]);
  expect(listeners).toContainEqual({ pid: process.pid, address: "127.0.0.1", port, foreign: false });
  expect(await view.isHeld(listeners.find((listener) => listener.port === port)!)).toBe(true);
  expect(await view.portListeners(port)).toMatchObject([{ pid: process.pid }]);
  server.close();
  expect(await view.isHeld({ pid: process.pid, address: "127.0.0.1", port, foreign: false })).toBe(false);
  expect(await view.listeners("key", [])).toEqual([]);
});

test.skipIf(!hasLsof)("a real lsof names every process that shares a socket, and where it works", async () => {
  const cwd = await realpath(await mkdtemp(join(tmpdir(), "dpp-größe ")));
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  // the socket is a handle of Node's own that can only be handed down by its descriptor
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const child = spawn("sleep", ["600"], { cwd, stdio: ["ignore", "ignore", "ignore", fd] });
  await once(child, "spawn");
  const view = createPsView();
  const [socket] = await view.portSockets(port);
  expect(new Set(socket!.pids)).toEqual(new Set([process.pid, child.pid]));
  const user = process.geteuid!();
  expect(await view.whereabouts(child.pid!)).toEqual({ command: "sleep 600", directory: cwd, user });
  child.kill("SIGKILL");
  await once(child, "exit");
  server.close();
  await rm(cwd, { recursive: true });
  expect(await view.portSockets(port)).toEqual([]);
  expect(await view.whereabouts(child.pid!)).toEqual({ command: "" });
});
