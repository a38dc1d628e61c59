import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPlaneFile } from "../../src/client/plane-file.ts";
import type { Check } from "../../src/cli/doctor-check.ts";
import { checkNode, checkPlatform, checkPorts, checkPrograms, checkStateDir } from "../../src/cli/doctor-host.ts";
import { createPlace, listenAsPlane, runCli } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

let place: Place;
beforeEach(() => {
  place = createPlace();
});
afterEach(() => place.remove());

async function doctor(env: Record<string, string> = {}) {
  const { code, stdout } = await runCli(place, ["doctor", "--json"], { env });
  const report = JSON.parse(stdout) as { ok: boolean; checks: Check[] };
  return { code, ...report, of: (name: string) => report.checks.find((check) => check.name === name) };
}

describe("doctor", () => {
  it("passes on a machine without a plane, and starts none", async () => {
    const { code, ok, of } = await doctor();
    expect([code, ok]).toEqual([0, true]);
    expect(of("plane")).toMatchObject({ status: "warn", detail: "none runs" });
    expect(of("node")).toMatchObject({ status: "ok" });
    expect(of("ports")).toMatchObject({ status: "ok" });
  });

  it("prints a line per check, with the fix below", async () => {
    const { code, stdout } = await runCli(place, ["doctor"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ok +node +\d/);
    expect(stdout).toMatch(/^warn +plane +none runs\n +-> Nothing to do/m);
  });

  it("asks a running plane, its gateway and its token", async () => {
    const plane = await listenAsPlane(place);
    const gateway = await fakeGateway();
    const record = readPlaneFile(place.state.planeFile);
    writeFileSync(place.state.planeFile, JSON.stringify({ ...record, gatewayPort: gateway.port }));
    const { code, of } = await doctor();
    for (const name of ["plane", "readiness", "access", "gateway"])
      expect([name, of(name)?.status]).toEqual([name, "ok"]);
    expect(code).toBe(0);
    expect(gateway.hosts).toEqual([`doctor.localhost:${gateway.port}`]);
    await gateway.close();
    expect(await doctor().then(({ code, of }) => [code, of("gateway")?.status])).toEqual([1, "fail"]);
    writeFileSync(place.state.tokenFile, "another-token-another-token-another\n", { mode: 0o600 });
    expect((await doctor()).of("access")).toMatchObject({ status: "fail" });
    await plane.close();
    expect((await doctor()).of("plane")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("does not answer"),
    });
  });

  it("fails on a token that others can read, with the fix", async () => {
    mkdirSync(place.state.root, { mode: 0o700 });
    writeFileSync(place.state.tokenFile, "a".repeat(43), { mode: 0o644 });
    chmodSync(place.state.tokenFile, 0o644);
    const { code, checks } = await doctor();
    expect(code).toBe(1);
    expect(checks.filter(({ status }) => status === "fail")).toEqual([
      expect.objectContaining({ name: "plane", detail: expect.stringContaining("mode 644") }),
    ]);
  });

  it("fails on a refused configuration, and still makes the other checks", async () => {
    const { code, of } = await doctor({ DEV_PREVIEW_PORT_RANGE: "all" });
    expect(code).toBe(1);
    expect(of("configuration")).toMatchObject({
      status: "fail",
      detail: expect.stringContaining("DEV_PREVIEW_PORT_RANGE"),
    });
    expect(of("plane")).toBeDefined();
  });

  it("leaves a database server to the plane", async () => {
    const { of } = await doctor({ DATABASE_URL: "postgres://user:pass@127.0.0.1:1/x" });
    expect(of("database")).toMatchObject({ status: "ok", detail: expect.not.stringContaining("pass") });
  });
});

describe("the checks of the host", () => {
  it.each([
    ["20.19.0", "ok"],
    ["22.0.0", "ok"],
    ["20.18.3", "fail"],
    ["18.20.0", "fail"],
  ])("judge Node %s: %s", (version, status) => {
    expect(checkNode(version).status).toBe(status);
  });

  it.each([
    ["linux", "ok"],
    ["darwin", "ok"],
    ["win32", "fail"],
  ])("judge platform %s: %s", (platform, status) => {
    expect(checkPlatform(platform, "x64").status).toBe(status);
  });

  it("look for programs on PATH alone", () => {
    const directory = mkdtempSync(join(tmpdir(), "dpp-path-"));
    const put = (name: string) => symlinkSync(process.execPath, join(directory, name));
    expect(checkPrograms("linux", directory).status).toBe("fail");
    put("sh");
    expect(checkPrograms("linux", directory)).toMatchObject({
      status: "warn",
      detail: expect.stringContaining("setsid"),
    });
    expect(checkPrograms("darwin", directory).status).toBe("fail");
    for (const name of ["setsid", "nohup", "lsof"]) put(name);
    expect(checkPrograms("linux", directory).status).toBe("ok");
    expect(checkPrograms("darwin", directory).status).toBe("ok");
    rmSync(directory, { recursive: true });
  });

  it.each([
    [0o700, "ok"],
    [0o711, "ok"],
    [0o755, "warn"],
    [0o770, "fail"],
    [0o777, "fail"],
  ])("judge a state directory of mode %o: %s", (mode, status) => {
    const directory = mkdtempSync(join(tmpdir(), "dpp-mode-"));
    chmodSync(directory, mode);
    expect(checkStateDir(directory).status).toBe(status);
    rmSync(directory, { recursive: true });
  });

  it("tell when every port of the range is taken", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => void server.listen(0, "0.0.0.0", resolve));
    const { port } = server.address() as AddressInfo;
    expect(await checkPorts({ portRange: { from: port, to: port } })).toMatchObject({ status: "fail" });
    await new Promise((resolve) => void server.close(resolve));
    expect(await checkPorts({ portRange: { from: port, to: port } })).toMatchObject({ status: "ok" });
  });
});

async function fakeGateway() {
  const hosts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    hosts.push(request.headers.host);
    response.writeHead(404, { "x-preview-status": "unknown" }).end();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { hosts, port, close };
}
