import { readFileSync } from "node:fs";
import { readFile, stat, writeFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createLaunchFiles, launchFiles, readExitCode, readRecordedProcess } from "../../src/sandbox/launch-files.ts";
import { findSessionPrograms, launchEnv, startLaunch } from "../../src/sandbox/launch.ts";
import { readBootId } from "../../src/sandbox/proc-stat.ts";
import { createSandboxFixture, markedProcesses, program, until } from "./support/sandbox-fixture.ts";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;

function ownSession(): number {
  return Number(readFileSync("/proc/self/stat", "utf8").split(" ")[5]);
}

beforeEach(async () => {
  fixture = await createSandboxFixture();
});

afterEach(async () => {
  await fixture.dispose();
});

async function output(launchId: string): Promise<readonly string[]> {
  return (await fixture.sandbox.readLog(launchId, { limit: 100 })).lines;
}

test("a launch is recorded as the leader of its own session before it returns", async () => {
  const launched = await fixture.launch(program("idle.mjs"));
  const fields = (await readFile(`/proc/${launched.process.pid}/stat`, "utf8")).split(") ")[1]!.split(" ");
  expect(Number(fields[2])).toBe(launched.process.pid);
  expect(Number(fields[3])).toBe(launched.process.session);
  expect(launched.process.startTime).toMatch(new RegExp(`:${fields[19]}$`));
  expect(launched.process.session).not.toBe(ownSession());
});

test("the command sees HOST, PORT and its marker, and neither our settings nor our way of starting it", async () => {
  const launched = await fixture.launch("env", { env: { GREETING: 'it\'s "$HOME" `x`\ttab', PORT: "1" } });
  await launched.ended();
  const lines = await output(launched.launchId);
  expect(lines).toContain("HOST=0.0.0.0");
  expect(lines).toContain(`PORT=${launched.port}`);
  expect(lines).toContain(`DEV_PREVIEW_LAUNCH_ID=${launched.launchId}`);
  expect(lines).toContain('GREETING=it\'s "$HOME" `x`\ttab');
  expect(lines.filter((line) => /^(DEV_PREVIEW_COMMAND|VITEST|NODE_CHANNEL_FD|NODE_ENV|_dp_)/.test(line))).toEqual([]);
});

test("HOST is the project's to change", async () => {
  const launched = await fixture.launch("echo $HOST", { env: { HOST: "127.0.0.1" } });
  await launched.ended();
  expect(await output(launched.launchId)).toEqual(["127.0.0.1"]);
});

test("a command runs as the shell reads it: quotes, variables, lists and several lines", async () => {
  const launched = await fixture.launch(`A='one  two' && printf '%s|%s\\n' "$A" "$PORT"; # comment\necho "it's done"`);
  await launched.ended();
  expect(await output(launched.launchId)).toEqual([`one  two|${launched.port}`, "it's done"]);
});

test("a single program takes the place of its shell, so that its pid is the recorded one", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  expect(await readFile(`/proc/${launched.process.pid}/cmdline`, "utf8")).toContain("http.mjs");
});

test("a working directory with spaces, quotes and letters of any script is entered", async () => {
  const cwd = join(fixture.directory, `my "app" $HOME 预览`);
  await mkdir(cwd);
  const launched = await fixture.launch("pwd", { cwd });
  await launched.ended();
  expect(await output(launched.launchId)).toEqual([cwd]);
});

test("a working directory that does not exist is refused before anything is started", async () => {
  const cwd = join(fixture.directory, "absent");
  await expect(fixture.launch("pwd", { cwd })).rejects.toMatchObject({ code: "repo_dir_missing" });
});

test("a file is not a working directory", async () => {
  const cwd = join(fixture.directory, "file");
  await writeFile(cwd, "");
  await expect(fixture.launch("pwd", { cwd })).rejects.toMatchObject({ code: "repo_dir_missing" });
});

test("one launch id launches once", async () => {
  await fixture.launch("true", { launchId: "once" });
  await expect(fixture.launch("true", { launchId: "once" })).rejects.toMatchObject({ code: "launch_failed" });
});

test.each(["../escape", "a/b", "", ".", "..", "-x", "a\0b"])("the launch id %j is refused", async (launchId) => {
  await expect(fixture.launch("true", { launchId })).rejects.toMatchObject({ code: "invalid_input" });
});

test("the files of a launch are the user's alone", async () => {
  const { launchId } = await fixture.launch("true");
  expect((await stat(join(fixture.directory, launchId))).mode & 0o777).toBe(0o700);
  expect((await stat(join(fixture.directory, launchId, "log"))).mode & 0o777).toBe(0o600);
});

test("files that the command creates have the user's own mask", async () => {
  const launched = await fixture.launch("touch made");
  await launched.ended();
  const expected = 0o666 & ~process.umask();
  expect((await stat(join(fixture.directory, "made"))).mode & 0o777).toBe(expected);
});

test.each([
  ["exits.mjs", "0", 0],
  ["exits.mjs", "1", 1],
  ["exits.mjs", "42", 42],
  ["exits.mjs", "SIGKILL", 137],
  ["exits.mjs", "SIGTERM", 143],
])("%s %s is seen as exit code %i", async (name, how, exitCode) => {
  const launched = await fixture.launch(program(name, how));
  expect(await launched.ended()).toEqual({ alive: false, listeners: [], exitCode });
});

test("a program that does not exist is exit code 127, and the shell says which", async () => {
  const launched = await fixture.launch("no-such-program --port 1");
  expect(await launched.ended()).toMatchObject({ exitCode: 127 });
  expect((await output(launched.launchId)).join()).toContain("no-such-program");
});

test("TERM to the recorded process ends the command at once", async () => {
  const launched = await fixture.launch(program("http.mjs"));
  await launched.listening();
  process.kill(launched.process.pid, "SIGTERM");
  expect(await launched.ended()).toMatchObject({ exitCode: 0 });
});

test("signals that the supervisor's own shell could have ignored reach the command", async () => {
  // a shell cannot trap what was ignored when it started
  const launched = await fixture.launch(
    "trap 'echo interrupted; exit 9' INT QUIT; echo ready; while :; do sleep 0.02; done",
  );
  await until(
    () => output(launched.launchId),
    (lines) => lines.includes("ready"),
  );
  process.kill(launched.process.pid, "SIGINT");
  expect(await launched.ended()).toMatchObject({ exitCode: 9 });
});

test("a shell with job control in the command changes nothing", async () => {
  const launched = await fixture.launch(`exec bash -c 'set -m; ${program("http.mjs")} & wait'`);
  const { listeners } = await launched.listening();
  expect(listeners).toMatchObject([{ port: launched.port }]);
  await launched.stop();
  expect(await launched.inspect()).toMatchObject({ alive: false });
});

test("monitor mode in the shell's environment changes nothing", async () => {
  const launched = await fixture.launch(program("exits.mjs", "3"), { env: { SHELLOPTS: "monitor", ENV: "/dev/null" } });
  expect(await launched.ended()).toMatchObject({ exitCode: 3 });
});

test("docker is a wall that says what to do", async () => {
  const launched = await fixture.launch("docker compose up", { env: { PATH: process.env["PATH"]! } });
  expect(await launched.ended()).toMatchObject({ exitCode: 127 });
  expect(await output(launched.launchId)).toEqual([expect.stringContaining("start the project's own dev server")]);
});

test("a command that the system cannot take is refused with the system's reason, and leaves nothing", async () => {
  const refusal = fixture.launch(`: ${"x".repeat(3_000_000)}`, { launchId: "too-long" });
  await expect(refusal).rejects.toMatchObject({ code: "launch_failed", cause: { code: "E2BIG" } });
  expect(await fixture.sandbox.find("too-long")).toBeUndefined();
});

test("a command whose process cannot be recorded does not run", async () => {
  const files = launchFiles(fixture.directory, "unrecorded");
  await createLaunchFiles(files);
  await mkdir(files.pid);
  const spec = { launchId: "unrecorded", command: "touch ran", cwd: fixture.directory, port: 1, env: {} };
  const env = { PATH: process.env["PATH"]! };
  await startLaunch(spec, { files, env, bootId: "boot", programs: await findSessionPrograms(env.PATH) });
  await expect(stat(join(fixture.directory, "ran"))).rejects.toMatchObject({ code: "ENOENT" });
  expect(await readExitCode(files)).toBe(126);
});

test.each([{}, { setsid: "/usr/bin/setsid" }])(
  "a system with %j for programs still starts a session",
  async (programs) => {
    const files = launchFiles(fixture.directory, "fallback");
    await createLaunchFiles(files);
    const spec = { launchId: "fallback", command: program("idle.mjs"), cwd: fixture.directory, port: 1, env: {} };
    const env = { PATH: process.env["PATH"]!, ...launchEnv(spec) };
    await startLaunch(spec, { files, env, bootId: readBootId(), programs });
    const recorded = (await readRecordedProcess(files))!;
    expect(await fixture.sandbox.isAlive(recorded)).toBe(true);
    expect(recorded.session).not.toBe(ownSession());
    await fixture.sandbox.stop("fallback", recorded, { graceMs: 1_000 });
    expect(markedProcesses("fallback")).toEqual([]);
  },
);

test("forget deletes the files of a launch, and may be called again", async () => {
  const launched = await fixture.launch("true");
  await launched.ended();
  await fixture.sandbox.forget(launched.launchId);
  await fixture.sandbox.forget(launched.launchId);
  await expect(stat(join(fixture.directory, launched.launchId))).rejects.toMatchObject({ code: "ENOENT" });
});
