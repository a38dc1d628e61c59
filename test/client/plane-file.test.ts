import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findPlane } from "../../src/client/find-plane.ts";
import { markPlaneDraining, readPlaneFile, removePlaneFile, writePlaneFile } from "../../src/client/plane-file.ts";
import { isProcessAlive, processStart } from "../../src/client/process-start.ts";
import { listenControl } from "../api/support/control-listener.ts";

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "dpp-plane-"));
  path = join(dir, "plane.json");
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const record = {
  planeId: "plane-1",
  version: "1.2.3",
  controlUrl: "http://127.0.0.1:4780",
  gatewayPort: 4781,
  startedAt: "2026-01-01T00:00:00.000Z",
};

describe("plane.json", () => {
  it("is written whole, mode 0600, with pid and start time of the writer", () => {
    writePlaneFile(path, record);
    writePlaneFile(path, { ...record, planeId: "plane-2" });
    expect(readdirSync(dir)).toEqual(["plane.json"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const start = processStart(process.pid);
    expect(readPlaneFile(path)).toEqual({
      ...record,
      planeId: "plane-2",
      pid: process.pid,
      ...(start === undefined ? {} : { startTime: start }),
    });
  });

  it.each(["", "{", "null", "{}", '{"planeId":"x","pid":-1}'])("counts as absent when it holds %j", (text) => {
    expect(readPlaneFile(path)).toBeUndefined();
    writeFileSync(path, text);
    expect(readPlaneFile(path)).toBeUndefined();
  });

  it("is removed by its own plane only, as often as it likes", () => {
    writePlaneFile(path, record);
    removePlaneFile(path, "plane-0");
    expect(readFileSync(path, "utf8")).toContain("plane-1");
    removePlaneFile(path, "plane-1");
    removePlaneFile(path, "plane-1");
    expect(readdirSync(dir)).toEqual([]);
  });
});

describe("a process", () => {
  it("is alive with its own start time, and dead with another", async () => {
    expect(isProcessAlive(process.pid, processStart(process.pid))).toBe(true);
    expect(isProcessAlive(process.pid, undefined)).toBe(true);
    expect(isProcessAlive(process.pid, "1")).toBe(false);
  });

  it("is dead once it has exited", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    const start = processStart(child.pid!);
    await once(child, "exit");
    expect(isProcessAlive(child.pid!, start)).toBe(false);
  });
});

describe("finding the plane", () => {
  it("returns the plane that answers as itself", async () => {
    const control = await listenControl({ planeId: "plane-1" });
    writePlaneFile(path, { ...record, controlUrl: control.url });
    expect(await findPlane(path)).toMatchObject({ planeId: "plane-1", controlUrl: control.url });
    await control.close();
    expect(await findPlane(path)).toBeUndefined();
  });

  it("finds nothing without a file, or behind a dead process", async () => {
    const control = await listenControl({ planeId: "plane-1" });
    expect(await findPlane(path)).toBeUndefined();
    writePlaneFile(path, { ...record, controlUrl: control.url });
    const written = JSON.parse(readFileSync(path, "utf8"));
    writeFileSync(path, JSON.stringify({ ...written, startTime: "1" }));
    expect(await findPlane(path)).toBeUndefined();
    await control.close();
  });

  it("does not find a plane that drains, though it answers", async () => {
    const control = await listenControl({ planeId: "plane-1" });
    writePlaneFile(path, { ...record, controlUrl: control.url });
    markPlaneDraining(path, "plane-0");
    expect(await findPlane(path)).toBeDefined();
    markPlaneDraining(path, "plane-1");
    expect(await findPlane(path)).toBeUndefined();
    expect(readPlaneFile(path)).toMatchObject({ planeId: "plane-1", draining: true, pid: process.pid });
    await control.close();
  });

  it("does not take another plane, or a stranger on its port, for it", async () => {
    const control = await listenControl({ planeId: "plane-2" });
    writePlaneFile(path, { ...record, controlUrl: control.url });
    expect(await findPlane(path)).toBeUndefined();
    writePlaneFile(path, { ...record, planeId: "plane-2", controlUrl: `${control.url}/v1` });
    expect(await findPlane(path)).toBeUndefined();
    await control.close();
  });
});
