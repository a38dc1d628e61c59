import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { endHandServers, startByHand } from "./support/hand-server.ts";
import { day, idleSettings, minute, openIdlePlane } from "./support/idle-plane.ts";
import type { IdlePlane } from "./support/idle-plane.ts";
import { server } from "./support/plane-under-test.ts";

let first: IdlePlane;
/** The one that serves at present: the first one, or another in its place. */
let plane: IdlePlane;
beforeEach(async () => {
  plane = await openIdlePlane();
  first = plane;
});
afterEach(async () => {
  await endHandServers();
  await plane.close();
  if (plane !== first) await first.discard();
});

const counted = `echo launched >> launches; exec ${server("well")}`;
const launches = async () => (await readFile(join(plane.workspace, "launches"), "utf8")).trim().split("\n").length;
const never = {
  orgs: { ...idleSettings.orgs, every: { idleMs: 0, keepaliveMaxMs: minute, maxVisibility: "link" } },
} as const;

/** Another plane of the same host on the same database and clock, while the first one runs or after it. */
const openBeside = () => openIdlePlane({}, { db: plane.db, keys: plane.keys, directory: plane.directory }, plane.clock);

describe("a preview whose last link expired", () => {
  it("is stopped, and not before", async () => {
    const lasting = await openIdlePlane(never);
    try {
      const { port } = await lasting.start({ command: server("well"), ttlSeconds: 3600 });
      lasting.clock.leap(59 * minute);
      await lasting.swept();
      expect((await lasting.record()).state).toBe("ready");
      lasting.clock.leap(2 * minute);
      await lasting.inState("stopped");
      expect(await lasting.sandbox.portHolder(port!)).toBeUndefined();
    } finally {
      await lasting.close();
    }
  });

  it("is stopped in its sleep as well, and gives its port back", async () => {
    const { previewUrl } = await plane.start({ command: server("well"), ttlSeconds: 3600 });
    plane.clock.leap(31 * minute);
    await plane.asleep();
    plane.clock.leap(30 * minute);
    await plane.inState("stopped");
    await until("its port is free", async () => (await plane.db.leases.held(plane.sandbox.id)).length === 0);
    expect((await plane.fetch(previewUrl!)).status).toBe(410);
  });

  it("leaves a server running that somebody else started", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const { name } = await plane.url({ port, ttlSeconds: 60 });
    plane.clock.leap(2 * minute);
    await plane.inState("stopped", name);
    expect(await plane.sandbox.portHolder(port)).toBeDefined();
  });

  it("is on record as reaped", async () => {
    await plane.start({ command: server("well"), ttlSeconds: 60 });
    plane.clock.leap(2 * minute);
    await plane.inState("stopped");
    const events = await plane.db.events.newest({ org: "local", orgWide: false }, 100);
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "preview.reaped",
        data: expect.objectContaining({ cause: "expired" }) as object,
      }),
    );
  });
});

describe("a preview that ended", () => {
  it("is kept with its log for its time, then both are cleared away", async () => {
    await plane.start({ command: server("well") });
    const { id, launchId } = await plane.record();
    const files = join(plane.directory, "state", "launches", launchId);
    await plane.stop();
    plane.clock.leap(7 * day - minute);
    await plane.swept();
    expect(existsSync(files)).toBe(true);
    expect((await plane.logs()).lines.join("\n")).toContain("well listens on");
    plane.clock.leap(2 * minute);
    await until("the row is gone", async () => (await plane.db.previews.byId(id)) === undefined);
    expect(existsSync(files)).toBe(false);
  });
});

describe("a plane that was away", () => {
  it("puts to sleep on its start what nobody visited meanwhile, and wakes it for a visitor", async () => {
    const { previewUrl } = await plane.start({ command: counted });
    const { process, launchId } = await plane.record();
    await plane.leave();
    plane.clock.leap(31 * minute);
    plane = await openBeside();
    await plane.asleep();
    expect((await plane.sandbox.inspect(launchId, process!)).alive).toBe(false);
    const url = new URL(previewUrl!);
    url.port = String(plane.gatewayPort);
    expect((await plane.visit(url.href)).status).toBe(200);
    expect(await launches()).toBe(2);
  });

  it("leaves what was visited shortly before", async () => {
    await plane.start({ command: counted });
    await plane.leave();
    plane.clock.leap(29 * minute);
    plane = await openBeside();
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
  });
});

describe("a plane that died", () => {
  const dead = randomUUID();

  it("in the middle of an idle stop leaves it to the next, and the preview can be woken", async () => {
    const { previewUrl } = await plane.start({ command: counted });
    const { launchId, process } = await plane.record();
    const now = new Date(plane.clock.now() + 31 * minute);
    const { id: sandboxId } = plane.sandbox;
    // as the reaper of the dead plane does; nothing of the processes was ended
    await plane.db.idle.sleep({ sandboxId, planeId: dead, now, idleMs: 30 * minute, idleMsByOrg: {} });
    await plane.asleep();
    expect((await plane.sandbox.inspect(launchId, process!)).alive).toBe(false);
    expect((await plane.visit(previewUrl!)).status).toBe(200);
    expect(await launches()).toBe(2);
  });

  it("in the middle of a wake leaves the preview asleep, and the next visit wakes it", async () => {
    const { previewUrl } = await plane.start({ command: counted });
    plane.clock.leap(31 * minute);
    await plane.asleep();
    const { id: _, state: __, ...known } = await plane.record();
    const wakes = known.launchId;
    await plane.db.previews.claim({ ...known, launchId: randomUUID(), planeId: dead, wakes });
    await plane.inState("idle");
    expect((await plane.visit(previewUrl!)).status).toBe(200);
    expect(await launches()).toBe(2);
  });
});

describe("two planes on one database", () => {
  it("wake a preview once, however many visitors come to either", async () => {
    const { previewUrl } = await plane.start({ command: counted });
    const other = await openBeside();
    try {
      plane.clock.leap(31 * minute);
      await plane.asleep();
      const there = new URL(previewUrl!);
      there.port = String(other.gatewayPort);
      const answers = await Promise.all(
        Array.from({ length: 20 }, () => [plane.visit(previewUrl!), other.visit(there.href)]).flat(),
      );
      expect(answers.every(({ status }) => status === 200)).toBe(true);
      expect(await launches()).toBe(2);
    } finally {
      await other.leave();
    }
  });

  it("have one reaper at a time", async () => {
    const other = await openBeside();
    try {
      const before = plane.sweeps() + other.sweeps();
      const startedAt = plane.clock.now();
      await plane.swept();
      const turns = (plane.clock.now() - startedAt) / idleSettings.idle.sweepMs;
      expect(plane.sweeps() + other.sweeps() - before).toBeLessThanOrEqual(turns + 1);
    } finally {
      await other.leave();
    }
  });

  it("wake for each other what only one of them reaches", async () => {
    const { previewUrl } = await plane.start({ command: counted });
    plane.clock.leap(31 * minute);
    await plane.asleep();
    await plane.db.idle.requestWake((await plane.record()).id);
    expect((await plane.visit(previewUrl!)).status).toBe(200);
    expect(await launches()).toBe(2);
  });
});
