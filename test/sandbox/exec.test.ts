import { join } from "node:path";
import { mkdir } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createSandboxFixture, program, until } from "./support/sandbox-fixture.ts";
import { readdirSync, readFileSync } from "node:fs";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

let fixture: SandboxFixture;

beforeEach(async () => {
  fixture = await createSandboxFixture();
});

afterEach(async () => {
  await fixture.dispose();
});

const timeoutMs = 10_000;

/** Living processes whose environment holds the text. */
function withEnv(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(text);
      } catch {
        return false; // it ended while we looked
      }
    });
}

test("a script runs to its end with its streams apart", async () => {
  const result = await fixture.sandbox.exec("echo out; echo err >&2; exit 3", { timeoutMs });
  expect(result).toEqual({ exitCode: 3, stdout: "out\n", stderr: "err\n" });
});

test("a script that a signal ended has the shell's exit code for it", async () => {
  expect(await fixture.sandbox.exec("kill -TERM $$", { timeoutMs })).toMatchObject({ exitCode: 143 });
});

test("directory and environment are the caller's, PATH keeps the wall in front", async () => {
  const cwd = join(fixture.directory, "with space");
  await mkdir(cwd);
  const env = { GREETING: "hello\nworld" };
  const { stdout } = await fixture.sandbox.exec('pwd; echo "$GREETING"', { cwd, env, timeoutMs });
  expect(stdout).toBe(`${cwd}\nhello\nworld\n`);
  expect(await fixture.sandbox.exec("docker ps", { timeoutMs })).toMatchObject({ exitCode: 127 });
});

test("a directory that does not exist is refused", async () => {
  const cwd = join(fixture.directory, "absent");
  await expect(fixture.sandbox.exec("pwd", { cwd, timeoutMs })).rejects.toMatchObject({ code: "repo_dir_missing" });
});

test("a script reads an empty input instead of ours", async () => {
  expect(await fixture.sandbox.exec("cat; echo end", { timeoutMs })).toMatchObject({ stdout: "end\n" });
});

test("lines of both streams are passed on as they come, plain", async () => {
  const lines: string[] = [];
  const script = "printf '\\033[32mone\\033[0m\\ntw'; sleep 0.1; printf 'o\\n'; echo three >&2; sleep 0.1; printf four";
  await fixture.sandbox.exec(script, { timeoutMs, onLine: (line) => lines.push(line) });
  expect(lines).toEqual(["one", "two", "three", "four"]);
});

test("output is kept up to a megabyte, and a chatty script is not held up", async () => {
  const { exitCode, stdout } = await fixture.sandbox.exec("head -c 5000000 /dev/zero | tr '\\0' x", { timeoutMs });
  expect(exitCode).toBe(0);
  expect(stdout).toHaveLength(1024 * 1024);
});

test("a script over its time is ended with everything that it started", async () => {
  const script = `echo begun; setsid ${program("ignores-term.mjs")} & sleep 600`;
  const env = { PORT: "0", EXEC_TEST: "over-its-time" };
  const result = await fixture.sandbox.exec(script, { env, timeoutMs: 400 });
  expect(result).toMatchObject({ exitCode: 124, stdout: expect.stringContaining("begun\n") });
  expect(withEnv("EXEC_TEST=over-its-time")).toEqual([]);
});

test("a cancelled script is ended with everything that it started", async () => {
  const aborter = new AbortController();
  const env = { EXEC_TEST: "cancelled" };
  const running = fixture.sandbox.exec("sleep 600 & sleep 601", { env, timeoutMs, signal: aborter.signal });
  await until(
    () => withEnv("EXEC_TEST=cancelled").length,
    (count) => count === 3,
  );
  aborter.abort();
  await expect(running).rejects.toMatchObject({ code: "cancelled" });
  expect(withEnv("EXEC_TEST=cancelled")).toEqual([]);
});

test("a script that was cancelled before it began does not begin", async () => {
  const refusal = fixture.sandbox.exec("touch begun", {
    cwd: fixture.directory,
    timeoutMs,
    signal: AbortSignal.abort(),
  });
  await expect(refusal).rejects.toMatchObject({ code: "cancelled" });
  expect(readdirSync(fixture.directory)).not.toContain("begun");
});

test("what a script leaves in the background is not waited for", async () => {
  const begun = performance.now();
  const { stdout } = await fixture.sandbox.exec("sleep 3 & echo done", { timeoutMs });
  expect(stdout).toBe("done\n");
  expect(performance.now() - begun).toBeLessThan(2_000);
});

test("closing the sandbox ends the scripts that it runs, and no launch", async () => {
  const launched = await fixture.launch(program("idle.mjs"));
  const running = fixture.sandbox.exec("sleep 600", { timeoutMs });
  const refused = expect(running).rejects.toMatchObject({ code: "cancelled" });
  await fixture.sandbox.close();
  await fixture.sandbox.close();
  await refused;
  expect(await launched.inspect()).toMatchObject({ alive: true });
});
