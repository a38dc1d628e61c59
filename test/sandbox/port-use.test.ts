import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { PortUse } from "../../src/sandbox/driver.ts";
import { createSandboxFixture, program, until } from "./support/sandbox-fixture.ts";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;
let directory: string;
const strangers: ChildProcess[] = [];

beforeEach(async () => {
  fixture = await createSandboxFixture();
  directory = await realpath(await mkdtemp(join(tmpdir(), "dpp-port-")));
});

afterEach(async () => {
  for (const { pid } of strangers.splice(0)) endGroup(pid!);
  await fixture.dispose();
  await rm(directory, { recursive: true, force: true });
});

function endGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // it ended by itself
  }
}

interface Stranger {
  readonly pid: number;
  readonly port: number;
}

/** A server that no launch started, in a group of its own. */
async function startStranger(command: string, { cwd = directory, env = {} } = {}): Promise<Stranger> {
  const port = (await fixture.sandbox.freePort({ exclude: new Set() }))!;
  const child = spawn("/bin/sh", ["-c", `exec ${command}`], {
    cwd,
    detached: true,
    stdio: "ignore",
    env: { ...process.env, HOST: "127.0.0.1", PORT: String(port), ...env },
  });
  strangers.push(child);
  await until(
    () => fixture.sandbox.portHolder(port),
    (holder) => holder !== undefined,
  );
  return { pid: child.pid!, port };
}

const useOf = (port: number): Promise<PortUse> => fixture.sandbox.portUse(port, []);

test("a port on which nobody listens has no sockets", async () => {
  const port = (await fixture.sandbox.freePort({ exclude: new Set() }))!;
  expect(await useOf(port)).toEqual({ sockets: [], hidden: false, holders: [] });
});

test("a server that somebody started is told with its identity, its parent, its command and its directory", async () => {
  const { pid, port } = await startStranger(program("http.mjs"));
  const use = await useOf(port);
  expect(use).toMatchObject({ sockets: [expect.stringMatching(/^\d+$/)], hidden: false });
  const user = process.geteuid!();
  expect(use.holders).toMatchObject([{ process: { pid }, parent: { pid: process.pid }, directory, user }]);
  expect(use.holders[0]!.command).toContain("http.mjs");
  expect(use.holders[0]).not.toHaveProperty("launchId");
  expect(await fixture.sandbox.isAlive(use.holders[0]!.process)).toBe(true);
});

test("a socket keeps its name while it is open, and another has another name", async () => {
  const { pid, port } = await startStranger(program("http.mjs"));
  const [before, again] = [await useOf(port), await useOf(port)];
  expect(again.sockets).toEqual(before.sockets);
  process.kill(pid, "SIGKILL");
  await until(
    () => useOf(port),
    ({ sockets }) => sockets.length === 0,
  );
});

test.each([
  ["a directory with spaces and unicode", "mein Projekt – 日本語"],
  ["a directory whose name ends like one that is gone", "app (deleted)"],
  ["a directory with a line break", "two\nlines"],
])("%s is told as it is", async (_what, name) => {
  const cwd = join(directory, name);
  await mkdir(cwd);
  const { port } = await startStranger(program("http.mjs"), { cwd });
  expect((await useOf(port)).holders).toMatchObject([{ directory: cwd }]);
});

test("a directory behind a symlink is told by its real path", async () => {
  await mkdir(join(directory, "real"));
  await symlink("real", join(directory, "link"));
  const { port } = await startStranger(program("http.mjs"), { cwd: join(directory, "link") });
  expect((await useOf(port)).holders).toMatchObject([{ directory: join(directory, "real") }]);
});

test("a directory that was removed is not told, even when another one has its name by now", async () => {
  const cwd = join(directory, "gone");
  await mkdir(cwd);
  const { port } = await startStranger(program("http.mjs"), { cwd });
  await rm(cwd, { recursive: true });
  expect((await useOf(port)).holders[0]).not.toHaveProperty("directory");
  await mkdir(`${cwd} (deleted)`);
  expect((await useOf(port)).holders[0]).not.toHaveProperty("directory");
});

test("a directory whose name is no text is not told", async () => {
  const cwd = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe])]);
  await mkdir(cwd);
  const { port } = await startStranger(`/bin/sh -c 'cd "$(printf "\\377\\376")" && exec ${program("http.mjs")}'`);
  const { holders } = await useOf(port);
  expect(holders).toHaveLength(1);
  expect(holders[0]).not.toHaveProperty("directory");
});

test("every process that shares the socket is told, whoever the others descend from first", async () => {
  const { pid, port } = await startStranger(program("inherits.mjs"));
  const { holders } = await until(
    () => useOf(port),
    (use) => use.holders.length === 3,
  );
  expect(holders[0]!.process.pid).toBe(pid);
  expect(new Set(holders.map(({ process: { pid: holder } }) => holder)).size).toBe(3);
});

test("a secret on the command line is not shown", async () => {
  const { port } = await startStranger(`${program("http.mjs")} --password=hunter2hunter2`);
  const [holder] = (await useOf(port)).holders;
  expect(holder!.command).toContain("--password=");
  expect(holder!.command).not.toContain("hunter2");
});

test.skipIf(process.geteuid!() !== 0)("whose it is, is told, and of nobody's where two users mix", async () => {
  const as = (...options: string[]) => `setpriv ${options.join(" ")} --clear-groups -- ${program("http.mjs")}`;
  const theirs = await startStranger(as("--reuid=65534", "--regid=65534"));
  expect((await useOf(theirs.port)).holders).toMatchObject([{ user: 65_534 }]);
  const mixed = await startStranger(as("--euid=65534", "--regid=65534"));
  expect((await useOf(mixed.port)).holders[0]).not.toHaveProperty("user");
});

test("a launch is told by its marker, and by its family when the marker is gone", async () => {
  const marked = await fixture.launch(program("http.mjs"));
  const scrubbed = await fixture.launch(program("scrubs-environment.mjs"));
  await Promise.all([marked.listening(), scrubbed.listening()]);
  expect((await useOf(marked.port)).holders).toMatchObject([{ launchId: marked.launchId }]);
  expect((await fixture.sandbox.portUse(scrubbed.port, [scrubbed])).holders).toMatchObject([
    { launchId: scrubbed.launchId },
  ]);
});

const isRoot = process.geteuid?.() === 0;
if (!isRoot) console.warn("skipped: what another user may see, for only root can become one");

test.skipIf(!isRoot)("a server of another user is hidden from who may not look into its processes", async () => {
  const { port } = await startStranger(program("http.mjs"));
  const nobody = 65_534;
  process.seteuid!(nobody);
  const seen = await useOf(port).finally(() => process.seteuid!(0));
  expect(seen).toEqual({ sockets: [expect.any(String)], hidden: true, holders: [] });
});

test.skipIf(!isRoot)("a server of another user is told to who may look into every process", async () => {
  const { port } = await startStranger(`setpriv --reuid=65534 --regid=65534 --clear-groups ${program("http.mjs")}`, {
    cwd: "/tmp",
  });
  expect(await useOf(port)).toMatchObject({ hidden: false, holders: [{ directory: "/tmp" }] });
});
