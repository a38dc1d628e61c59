import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cannotConfine } from "../../support/confine.ts";
import { createSandboxFixture, until } from "../support/sandbox-fixture.ts";
import type { SandboxFixture } from "../support/sandbox-fixture.ts";

const servers = fileURLToPath(new URL("../../fixtures/servers/", import.meta.url));
const hasPython = spawnSync("python3", ["-V"]).status === 0;
const isRoot = process.getuid?.() === 0;
let base: string;
let fixture: SandboxFixture;
/** Workspaces of two projects, and the plane's own directory. */
let [mine, theirs, state] = ["", "", ""];

beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "dpp-confined-")));
  [mine, theirs, state] = ["mine", "theirs", "state"].map((name) => join(base, name)) as [string, string, string];
  for (const directory of [mine, theirs, state]) mkdirSync(directory);
  writeFileSync(join(mine, "hello"), "my file\n");
  writeFileSync(join(theirs, "secret"), "their file\n");
  writeFileSync(join(state, "token"), "the plane's token\n");
  fixture = await createSandboxFixture({ directory: join(state, "launches"), hiddenPaths: [state] });
});
afterEach(async () => {
  await fixture.dispose();
  rmSync(base, { recursive: true, force: true });
});

/** Runs a command line in the confined workspace, and returns its lines and exit code. */
async function run(command: string, options: { workspace?: string; cwd?: string; env?: Record<string, string> } = {}) {
  const { workspace = mine, cwd = workspace, env = {} } = options;
  const launched = await fixture.launch(command, { cwd, env, confineTo: workspace });
  const { exitCode } = await until(launched.inspect, ({ exitCode: code }) => code !== undefined);
  const { lines } = await fixture.sandbox.readLog(launched.launchId, { limit: 200 });
  return { lines, exitCode };
}

describe.skipIf(cannotConfine !== undefined)(`a confined launch ${cannotConfine ?? ""}`, () => {
  it("reads and writes its workspace, in the directory that it was given", async () => {
    mkdirSync(join(mine, "apps", "web"), { recursive: true });
    const { lines, exitCode } = await run(`pwd; cat ../../hello; echo new > made`, { cwd: join(mine, "apps", "web") });
    expect(lines).toEqual([join(mine, "apps", "web"), "my file"]);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(mine, "apps", "web", "made"), "utf8")).toBe("new\n");
  });

  it("serves on its port, and ends whole, with what it started", async () => {
    cpSync(servers, mine, { recursive: true });
    const launched = await fixture.launch(`${process.execPath} with-child.mjs`, { cwd: mine, confineTo: mine });
    const { listeners } = await launched.listening();
    expect(listeners.map(({ port }) => port)).toContain(launched.port);
    await launched.stop();
    expect((await launched.inspect()).alive).toBe(false);
  });

  it("works where the path has spaces, quotes and other letters", async () => {
    const odd = join(base, `it's "my" proj €ct $HOME`);
    mkdirSync(odd);
    const { lines, exitCode } = await run(`pwd; touch here; exit 7`, { workspace: odd });
    expect([lines, exitCode]).toEqual([[odd], 7]);
    expect(existsSync(join(odd, "here"))).toBe(true);
  });

  it("sees neither another workspace, nor logs, nor the plane's state", async () => {
    const other = await fixture.launch("echo their output; sleep 30", { cwd: theirs, confineTo: theirs });
    const logFile = join(state, "launches", other.launchId, "log");
    expect(existsSync(logFile)).toBe(true);
    for (const path of [join(theirs, "secret"), theirs, join(state, "token"), logFile]) {
      const { lines, exitCode } = await run(`cat '${path}' || ls '${path}'`);
      expect(exitCode, path).not.toBe(0);
      expect(lines.join("\n"), path).not.toMatch(/their file|their output|the plane's token/);
    }
  });

  it("finds no file beside its workspace but the stubs on its PATH", async () => {
    const { lines } = await run(`find ${base} -type f`);
    expect(lines.toSorted()).toEqual([join(mine, "hello"), join(state, "launches", ".wall", "docker")]);
  });

  it("changes nothing of the system", async () => {
    for (const path of ["/usr/here", "/etc/here", "/proc/sys/kernel/hostname", "/proc/sys/vm/swappiness"]) {
      const { lines, exitCode } = await run(`cat '${path}' 2>/dev/null > /tmp/was; cat /tmp/was > '${path}'`);
      expect(exitCode, path).not.toBe(0);
      expect(lines.join("\n"), path).toMatch(/Read-only file system|Permission denied|cannot create/);
    }
  });

  it("has a /tmp and a home of its own, and keeps the home for the next launch", async () => {
    writeFileSync(join(tmpdir(), `dpp-outside-${process.pid}`), "outside");
    const first = await run(`ls /tmp; echo "$HOME"; echo kept > ~/cache; touch /tmp/inside`);
    rmSync(join(tmpdir(), `dpp-outside-${process.pid}`));
    expect(first.lines.filter((line) => line.startsWith("dpp-outside"))).toEqual([]);
    expect(first.lines.at(-1)).toBe("/home/preview");
    expect((await run(`cat ~/cache; ls /tmp/inside`)).lines[0]).toBe("kept");
    expect((await run(`cat ~/cache`, { workspace: theirs })).lines.join()).not.toContain("kept");
  });

  it("inherits nothing that the plane's user keeps in the environment, and gets what its caller gave", async () => {
    process.env["CLOUD_PASSWORD_FOR_TESTS"] = "mine alone";
    const own = await createSandboxFixture({ directory: join(state, "others") });
    try {
      const launched = await own.launch("env", { cwd: mine, confineTo: mine, env: { GREETING: "hi" } });
      await launched.ended();
      const { lines } = await own.sandbox.readLog(launched.launchId, { limit: 200 });
      expect(lines).toContain("GREETING=hi");
      expect(lines).toContain(`PORT=${launched.port}`);
      expect(lines.join("\n")).not.toContain("CLOUD_PASSWORD");
    } finally {
      delete process.env["CLOUD_PASSWORD_FOR_TESTS"];
      await own.dispose();
    }
  });

  it("sees, signals and traces no process of anybody else", async () => {
    const stranger = spawn("sleep", ["60"], { stdio: "ignore", env: { SECRET_OF_STRANGER: "1" } });
    try {
      const script = `ls -d /proc/[0-9]* | wc -l; cat /proc/${stranger.pid}/environ; kill -9 ${stranger.pid}; gdb -p ${stranger.pid} -batch; echo done`;
      const { lines } = await run(script);
      expect(Number(lines[0])).toBeLessThan(12);
      expect(lines.join("\n")).not.toContain("SECRET_OF_STRANGER");
      expect(lines.at(-1)).toBe("done");
      expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    } finally {
      stranger.kill("SIGKILL");
    }
  });

  it("reaches no Unix socket of the plane's", async () => {
    const path = join(state, "db.sock");
    const database = createServer((socket) => socket.end("welcome")).listen(path);
    const script = `require("net").connect(${JSON.stringify(path)}).on("data", d => console.log(String(d))).on("error", e => console.log(e.code))`;
    writeFileSync(join(mine, "dial.cjs"), script);
    expect((await run(`${process.execPath} dial.cjs`)).lines).toEqual(["ENOENT"]);
    database.close();
  });

  it.each([
    ["a PATH of its own", () => ({ PATH: `${join(mine, "bin")}:/usr/bin:/bin` })],
    ["a library to load first", () => ({ LD_PRELOAD: join(mine, "escape.so") })],
    ["a home of its own", () => ({ HOME: mine, PERL5OPT: `-I${mine} -Mescape` })],
  ])("is confined before its environment holds, and has it then: %s", async (_, envOf) => {
    mkdirSync(join(mine, "bin"));
    const escape = `touch '${join(base, "escaped")}'`;
    for (const name of ["bwrap", "setpriv", "perl", "setsid", "stat", "cat"])
      writeFileSync(join(mine, "bin", name), `#!/bin/sh\n${escape}\n`, { mode: 0o755 });
    writeFileSync(join(mine, "escape.pm"), `system("${escape}");1;`);
    const env = { ...envOf(), GREETING: `it's "$HOME" and\n more` };
    const print = `console.log(JSON.stringify(process.env))`;
    const { lines } = await run(`exec ${process.execPath} -e '${print}'`, { env });
    expect(existsSync(join(base, "escaped"))).toBe(false);
    const seen = JSON.parse(lines.at(-1) ?? "") as Record<string, string>;
    const wanted = { ...env, HOME: "/home/preview", ...("PATH" in env ? { PATH: seen["PATH"] } : {}) };
    expect(seen).toMatchObject(wanted);
    expect(seen["PATH"]).toContain("PATH" in env ? `.wall:${join(mine, "bin")}:` : ".wall:");
    expect(Object.keys(seen).filter((name) => name.startsWith("CONFINED_"))).toEqual([]);
  });

  it("starts nothing in a workspace that is a link, and nothing behind one", async () => {
    mkdirSync(join(mine, "inner"));
    renameSync(join(mine, "inner"), join(mine, "was"));
    symlinkSync(theirs, join(mine, "inner"));
    mkdirSync(join(theirs, "deep"));
    for (const workspace of [join(mine, "inner"), join(mine, "inner", "deep")])
      await expect(run("cat secret; touch here", { workspace })).rejects.toMatchObject({
        code: "repo_dir_outside_workspace",
      });
    expect(existsSync(join(theirs, "here"))).toBe(false);
    expect((await run("echo well", { workspace: join(mine, "was") })).lines).toEqual(["well"]);
  });

  it("reads no hidden file, and sees a hidden folder as empty, in its workspace as well", async () => {
    const key = join(mine, "key.pem");
    writeFileSync(key, "a secret key\n");
    mkdirSync(join(mine, "folder"));
    writeFileSync(join(mine, "folder", "note"), "a secret note\n");
    const paths = [state, key, join(mine, "folder")];
    const own = await createSandboxFixture({ directory: join(state, "others"), hiddenPaths: paths });
    try {
      const launched = await own.launch("cat key.pem; ls folder; cat hello", { cwd: mine, confineTo: mine });
      await launched.ended();
      expect((await own.sandbox.readLog(launched.launchId, { limit: 9 })).lines).toEqual([
        "cat: key.pem: Permission denied",
        "my file",
      ]);
    } finally {
      await own.dispose();
    }
    expect((await run("cat key.pem folder/note")).lines).toEqual(["a secret key", "a secret note"]);
  });

  it("has its workspace in a folder whose others are hidden", async () => {
    for (const path of [base, mine]) chmodSync(path, 0o755);
    if (isRoot) chownSync(mine, 12_345, 12_345);
    const own = await createSandboxFixture({ directory: join(state, "others"), hiddenPaths: [base] });
    try {
      const launched = await own.launch(`cat hello; ls ${base}`, { cwd: mine, confineTo: mine });
      await launched.ended();
      const { lines } = await own.sandbox.readLog(launched.launchId, { limit: 9 });
      expect(lines.slice(0, 2)).toEqual(["my file", "mine"]);
      expect(lines).not.toContain("theirs");
    } finally {
      await own.dispose();
    }
  });

  it("reads of /etc what everybody reads", async () => {
    const { lines } = await run(
      `find /etc -type f -size +0 ! -perm -4; find /etc -type d ! -perm -5 ! -empty; cat /etc/hostname /etc/passwd | wc -l`,
    );
    expect(lines).toHaveLength(1);
    expect(Number(lines[0])).toBeGreaterThan(1);
  });

  it("runs no docker: the stub says what to do instead, and there is no daemon's socket", async () => {
    const { lines, exitCode } = await run("ls /run/docker.sock /var/run/docker.sock; docker ps");
    expect(exitCode).toBe(127);
    expect(lines.at(-1)).toContain("start the project's own dev server directly");
  });

  it("has no capability, and gains none", async () => {
    const { lines } = await run(`grep -E '^(CapEff|CapBnd|NoNewPrivs)' /proc/self/status`);
    expect(lines.find((line) => line.startsWith("CapEff"))).toMatch(/0000000000000000$/);
    const clone = `import ctypes; print("GOT" if ctypes.CDLL(None).unshare(0x10000000) == 0 else "none")`;
    const gain = `unshare -Urm sh -c 'echo GOT; grep CapEff /proc/self/status'; python3 -c '${clone}'; echo tried`;
    expect(spawnSync("sh", ["-c", gain], { encoding: "utf8" }).stdout).toContain("GOT");
    const confined = (await run(gain)).lines;
    expect(confined.join("\n")).toContain("Operation not permitted");
    expect(confined.join("\n")).not.toContain("GOT");
    expect(confined.at(-1)).toBe("tried");
  });

  it("starts threads and processes as ever", async () => {
    const source = `new (require("worker_threads").Worker)("require(\\"child_process\\").spawn(\\"echo\\", [\\"well\\"], { stdio: \\"inherit\\" })", { eval: true })`;
    expect((await run(`${process.execPath} -e '${source}'`)).lines).toEqual(["well"]);
  });

  it.skipIf(!hasPython)(`shares its port with no other launch ${hasPython ? "" : "(needs python3)"}`, async () => {
    for (const workspace of [mine, theirs]) cpSync(servers, workspace, { recursive: true });
    const command = "python3 shares-port.py 127.0.0.1 mine";
    const first = await fixture.launch(command, { cwd: mine, confineTo: mine });
    await first.listening();
    const second = await fixture.launch(command, { cwd: theirs, confineTo: theirs, port: first.port });
    await second.ended();
    const { lines } = await fixture.sandbox.readLog(second.launchId, { limit: 50 });
    expect(lines.at(-1)).toContain("Address already in use");
  });

  it("gives the plane's user no file of root's to read", async () => {
    const { lines } = await run(`cat /etc/shadow; ls /root; echo done`);
    expect(lines.join("\n")).not.toMatch(/^root:/m);
    expect(lines.at(-1)).toBe("done");
  });

  it.skipIf(!isRoot)(`runs as the owner of the workspace ${isRoot ? "" : "(needs root)"}`, async () => {
    for (const path of [mine, join(mine, "hello")]) chownSync(path, 12_345, 12_345);
    const { lines } = await run(`id -u; id -g; touch made; cat hello; touch ~/x && echo home`);
    expect(lines).toEqual(["12345", "12345", "my file", "home"]);
    expect(statSync(join(mine, "made")).uid).toBe(12_345);
  });
});
