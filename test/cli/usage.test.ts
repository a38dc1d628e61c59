import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bin, createPlace, runCli } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

let place: Place;
beforeEach(() => {
  place = createPlace();
});
afterEach(() => place.remove());

const commands = [
  "serve",
  "mcp",
  "start",
  "url",
  "stop",
  "list",
  "logs",
  "link",
  "events",
  "project",
  "key",
  "session",
  "config",
  "ca",
  "doctor",
];

describe("help", () => {
  it("lists every command, with examples and the exit codes", async () => {
    const { code, stdout, stderr } = await runCli(place, ["--help"]);
    expect([code, stderr]).toEqual([0, ""]);
    for (const command of commands) expect(stdout).toMatch(new RegExp(`^  ${command} `, "m"));
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain("Exit codes:");
  });

  it.each(commands)("of %s has examples, and has no side effect", async (command) => {
    const { code, stdout } = await runCli(place, [command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toContain(`Usage: dev-preview ${command}`);
    expect(stdout).toContain("Examples:");
    expect(existsSync(place.state.root)).toBe(false);
  });

  it("is the same by `help <command>`", async () => {
    const asked = await runCli(place, ["help", "logs"]);
    expect(asked.code).toBe(0);
    expect(asked.stdout).toContain("--follow");
  });

  it("of serve offers a flag for every setting that is no secret", async () => {
    const { stdout } = await runCli(place, ["serve", "--help"]);
    expect(stdout).toContain("--gateway-port <value>");
    expect(stdout).toMatch(/--dangerously-no-auth {2}/);
    for (const secret of ["--token", "--database-url", "--signing-keys"]) expect(stdout).not.toContain(secret);
  });

  it.each([["start", "--help"], ["serve", "--help"], ["--help"]])(
    "of %s ends without a word when its reader has seen enough",
    async (...args) => {
      const child = spawn(process.execPath, [bin, ...args], { stdio: ["ignore", "pipe", "pipe"] });
      child.stdout.destroy();
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const [code] = (await once(child, "close")) as [number | null];
      expect([code, stderr]).toEqual([0, ""]);
    },
  );

  it("prints the version of package.json", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    expect((await runCli(place, ["--version"])).stdout).toBe(`${version}\n`);
  });
});

describe("usage errors end with exit code 2, on stderr, and without a side effect:", () => {
  it.each([
    ["no command", []],
    ["an unknown command", ["strat"]],
    ["an unknown option", ["start", "--sandbox-id", "x"]],
    ["a missing value", ["start", "--port"]],
    ["a value that is no number", ["start", "--port", "many"]],
    ["environment without a value", ["start", "--env", "NAME"]],
    ["a missing argument", ["project", "remove"]],
    ["too many arguments", ["list", "x"]],
    ["an unknown client", ["config", "emacs"]],
    ["following as one document", ["logs", "-f", "--json"]],
    ["following events as one document", ["events", "-f", "--json"]],
    ["accesses as they happen", ["events", "--accesses", "-f"]],
    ["a bad plane address", ["list", "--url", "ftp://x"]],
    ["a root that does not exist", ["list", "--root", "/does/not/exist"]],
    ["a plane elsewhere without a project", ["list", "--url", "http://127.0.0.1:1"]],
    ["a bad setting", ["serve", "--gateway-port", "many"]],
  ])("%s", async (_, args) => {
    const { code, stdout, stderr } = await runCli(place, args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).not.toBe("");
    expect(stderr).not.toMatch(/^ +at /m);
    expect(existsSync(place.state.root)).toBe(false);
  });

  it("a client that runs outside of any project", async () => {
    const { code, stderr } = await runCli(place, ["list"], { cwd: "/" });
    expect(code).toBe(2);
    expect(stderr).toContain("--root");
    expect(existsSync(place.state.root)).toBe(false);
  });
});

describe("errors", () => {
  it("say what failed and what to do; the stack only on request", async () => {
    const args = ["list", "--url", "http://127.0.0.1:1", "--project", "shop"];
    const plain = await runCli(place, args);
    expect(plain.code).toBe(5);
    expect(plain.stderr).toMatch(/^error: the plane at http:\/\/127\.0\.0\.1:1 does not answer\n {2}\S/);
    expect(plain.stderr).not.toMatch(/^ +at /m);
    const debug = await runCli(place, args, { env: { DEV_PREVIEW_LOG_LEVEL: "debug" } });
    expect(debug.stderr).toMatch(/^ +at /m);
  });

  it("are one document on stdout with --json", async () => {
    const { code, stdout } = await runCli(place, [
      "list",
      "--json",
      "--url",
      "http://127.0.0.1:1",
      "--project",
      "shop",
    ]);
    expect(code).toBe(5);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: "plane_unreachable", message: expect.any(String), hint: expect.any(String), retryable: true },
    });
  });
});

describe("config", () => {
  const snippet = async (client: string) => (await runCli(place, ["config", client])).stdout;
  const front = [process.execPath, expect.stringMatching(/dist\/cli\/bin\.js$/), "mcp"];

  it("prints a shell command for Claude Code", async () => {
    expect(await snippet("claude-code")).toMatch(/^claude mcp add dev-preview -- \S+ \S+\/dist\/cli\/bin\.js mcp\n$/);
  });

  it.each([
    ["claude-desktop", "mcpServers", (project: string) => ["--root", project]],
    ["cursor", "mcpServers", () => ["--root", "${workspaceFolder}"]],
    ["vscode", "servers", () => ["--root", "${workspaceFolder}"]],
    ["gemini", "mcpServers", () => []],
  ])("prints JSON for %s", async (client, key, more) => {
    const { command, args } = JSON.parse(await snippet(client))[key]["dev-preview"];
    // Without .git the project is the directory itself.
    expect([command, ...args]).toEqual([...front, ...more(place.project)]);
  });

  it("prints TOML for Codex, with time for a first download", async () => {
    const lines = (await snippet("codex")).split("\n");
    expect(lines[0]).toBe("[mcp_servers.dev-preview]");
    expect(lines).toContain(`command = ${JSON.stringify(process.execPath)}`);
    expect(lines).toContain("startup_timeout_sec = 30");
  });

  it("tells where it belongs on stderr, and both as one document", async () => {
    expect((await runCli(place, ["config", "codex"])).stderr).toContain("~/.codex/config.toml");
    const { stdout } = await runCli(place, ["config", "codex", "--json"]);
    expect(JSON.parse(stdout)).toEqual({ client: "codex", where: "~/.codex/config.toml", snippet: expect.any(String) });
  });

  it("leaves nothing behind", async () => {
    await snippet("vscode");
    expect(readdirSync(place.home)).toEqual(["shop"]);
    expect(readdirSync(place.project)).toEqual([]);
  });
});
