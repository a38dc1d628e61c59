import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { claimPlane } from "../../src/db/claim-plane.ts";
import { startEmbeddedServer } from "../../src/db/embedded-server.ts";
import { isServing } from "../../src/db/postmaster.ts";
import { createLogger } from "../../src/logger.ts";
import { compileScript } from "../tools/support/compile-script.mjs";

let script: Awaited<ReturnType<typeof compileScript>>;
const root = mkdtempSync(join(tmpdir(), "dpp-outlives-"));
const directory = join(root, "postgres");
const data = join(directory, "data");
const logger = createLogger("silent");

beforeAll(async () => {
  script = await compileScript("test/db/support/hold-database.ts");
});
afterAll(async () => {
  await script.close();
  rmSync(root, { recursive: true, force: true });
});

test("the server outlives a plane that is killed, and the next plane adopts it and gets the claim", async () => {
  const plane = await hold();
  const [present, refused] = [plane.told, await claimOf(directory)];
  expect(present.claimed).toBe(true);
  expect(refused).toEqual({ pid: present.pid, claimed: false });
  plane.process.kill("SIGKILL");
  await once(plane.process, "exit");
  expect(await isServing(present.pid, data)).toBe(true);
  expect(await claimOf(directory)).toEqual({ pid: present.pid, claimed: true });
  expect(await isServing(present.pid, data)).toBe(false);
});

test("a terminal's interrupt that reaches the plane's process group leaves the server alone", async () => {
  const plane = await hold({ detached: true });
  process.kill(-plane.process.pid!, "SIGINT");
  await once(plane.process, "exit");
  expect(await isServing(plane.told.pid, data)).toBe(true);
  expect(await claimOf(directory)).toEqual({ pid: plane.told.pid, claimed: true });
});

interface Told {
  readonly pid: number;
  readonly claimed: boolean;
}

/** A process that holds the database as a plane does. */
async function hold(options: { detached?: boolean } = {}): Promise<{ process: ChildProcess; told: Told }> {
  const child = spawn(process.execPath, [script.path, directory], {
    stdio: ["ignore", "pipe", "inherit"],
    ...options,
  });
  const [line]: string[] = await once(createInterface(child.stdout), "line");
  return { process: child, told: JSON.parse(line!) as Told };
}

/** Starts as a next plane would, says what it got, and ends properly. */
async function claimOf(place: string): Promise<Told> {
  const server = await startEmbeddedServer({ directory: place, logger });
  const claim = await claimPlane(server.connection);
  const told = { pid: server.pid(), claimed: claim !== undefined };
  await claim?.release();
  await server.close();
  return told;
}
