import { spawn } from "node:child_process";
import { once } from "node:events";
import { get } from "node:http";
import { fileURLToPath } from "node:url";
import { text } from "node:stream/consumers";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ProcessIdentity } from "../../src/sandbox/driver.ts";
import { compileSandbox } from "./support/compiled-sandbox.ts";
import { createSandboxFixture, markedProcesses, program, until } from "./support/sandbox-fixture.ts";
import type { SandboxFixture } from "./support/sandbox-fixture.ts";

const planeProgram = fileURLToPath(new URL("support/plane.mjs", import.meta.url));
let compiled: ReturnType<typeof compileSandbox>;
let fixture: SandboxFixture;
const launchIds: string[] = [];

beforeAll(() => {
  compiled = compileSandbox();
});

afterAll(() => {
  compiled.remove();
});

beforeEach(async () => {
  fixture = await createSandboxFixture();
});

afterEach(async () => {
  for (const launchId of launchIds.splice(0)) {
    await fixture.sandbox.stop(launchId, undefined, { graceMs: 0 });
    expect(markedProcesses(launchId)).toEqual([]);
  }
  await fixture.dispose();
});

interface PlaneOptions {
  readonly launchId: string;
  readonly command: string;
  readonly dieAfterMs?: number;
}

async function startPlane({ launchId, command, dieAfterMs }: PlaneOptions) {
  launchIds.push(launchId);
  const port = (await fixture.sandbox.freePort({ exclude: new Set() }))!;
  const args = [planeProgram, compiled.url, fixture.directory, launchId, String(port), command];
  if (dieAfterMs !== undefined) args.push(String(dieAfterMs));
  const plane = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  return { plane, port };
}

async function answer(port: number): Promise<string> {
  const [response] = await once(get({ port, host: "127.0.0.1" }), "response");
  return text(response);
}

test("a dev server survives kill -9 of the plane that launched it, and another plane adopts it", async () => {
  const { plane, port } = await startPlane({ launchId: "survivor", command: program("http.mjs") });
  const [line] = await once(plane.stdout, "data");
  const identity = JSON.parse(String(line)) as ProcessIdentity;
  plane.kill("SIGKILL");
  await once(plane, "exit");

  expect(await fixture.sandbox.find("survivor")).toEqual(identity);
  expect(await fixture.sandbox.isAlive(identity)).toBe(true);
  const { listeners } = await until(
    () => fixture.sandbox.inspect("survivor", identity),
    (seen) => seen.listeners.length > 0,
  );
  expect(listeners).toMatchObject([{ port, pid: identity.pid }]);
  expect(await answer(port)).toBe(`pid ${identity.pid}\n`);
});

test("what a survivor writes and how it ends is known to the plane that adopts it", async () => {
  const { plane } = await startPlane({ launchId: "writer", command: program("http.mjs") });
  const [line] = await once(plane.stdout, "data");
  const identity = JSON.parse(String(line)) as ProcessIdentity;
  plane.kill("SIGKILL");
  await until(
    () => fixture.sandbox.readLog("writer", { limit: 1 }),
    ({ lines }) => lines.length > 0,
  );
  await fixture.sandbox.stop("writer", identity, { graceMs: 5_000 });
  expect(await fixture.sandbox.inspect("writer", identity)).toMatchObject({ alive: false, exitCode: 0 });
});

test.each([0, 1, 2, 3, 4, 6, 8, 10, 15])(
  "a plane killed %i ms into a launch leaves it whole or not at all",
  async (ms) => {
    const launchId = `cut-${ms}`;
    const { plane } = await startPlane({ launchId, command: program("idle.mjs"), dieAfterMs: ms });
    await once(plane, "exit");
    // the command and its supervisor, or nothing: what was forked at the moment of death settles first
    const { found } = await until(
      async () => ({ found: await fixture.sandbox.find(launchId), marked: markedProcesses(launchId).length }),
      (seen) => (seen.found ? seen.marked === 2 && seen.found.pid === seen.found.session : seen.marked === 0),
    );
    if (found) expect(await fixture.sandbox.inspect(launchId, found)).toMatchObject({ alive: true });
  },
);
