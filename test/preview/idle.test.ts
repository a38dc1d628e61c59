import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { endHandServers, startByHand } from "./support/hand-server.ts";
import { minute, openIdlePlane } from "./support/idle-plane.ts";
import type { IdlePlane } from "./support/idle-plane.ts";
import { freePort, server } from "./support/plane-under-test.ts";

let plane: IdlePlane;
beforeEach(async () => {
  plane = await openIdlePlane();
});
afterEach(async () => {
  await endHandServers();
  await plane.close();
});

const listed = async () => (await plane.useCases.list(plane.context, { includeStopped: false })).previews[0]!;

describe("a preview that nobody visits", () => {
  it("sleeps after its time, and not before", async () => {
    await plane.start({ command: server("well") });
    plane.clock.leap(29 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
    plane.clock.leap(minute + 1000);
    const { launchId, process } = await plane.record();
    await plane.asleep();
    expect((await plane.sandbox.inspect(launchId, process!)).alive).toBe(false);
  });

  it("stays awake for a visit, which is known before the reaper looks", async () => {
    const { previewUrl } = await plane.start({ command: server("well") });
    plane.clock.leap(29 * minute);
    expect((await plane.fetch(previewUrl!)).status).toBe(200);
    plane.clock.leap(2 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
    plane.clock.leap(29 * minute);
    await plane.asleep();
  });

  it.each(["start", "url"] as const)("stays awake when %s is called for it", async (call) => {
    await plane.start({ command: server("well") });
    plane.clock.leap(29 * minute);
    await plane[call]();
    plane.clock.leap(2 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
  });

  it("stays awake while an answer streams", async () => {
    const { previewUrl } = await plane.start({ command: server("streams") });
    void plane.fetch(previewUrl!);
    plane.clock.leap(29 * minute);
    await plane.swept();
    plane.clock.leap(29 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
  });

  it("says when it sleeps, and then what wakes it", async () => {
    const { idleAt, previewUrl } = await plane.start({ command: server("well") });
    expect(new Date(idleAt!).getTime() - plane.clock.now()).toBeGreaterThan(29 * minute);
    expect(await listed()).toMatchObject({ idleAt: expect.any(String) as string });
    plane.clock.leap(31 * minute);
    await plane.asleep();
    const asleep = await listed();
    expect(asleep).toMatchObject({ status: "idle", serving: false, previewUrl });
    expect(asleep).not.toHaveProperty("idleAt");
    const answer = await plane.url();
    expect(answer).toMatchObject({ status: "idle", serving: false, previewUrl });
    expect(answer.next).toContain("Opening previewUrl wakes it");
    expect(answer.logTail.join("\n")).toContain("well listens on");
    const logs = await plane.logs({ waitSeconds: 5 });
    expect(logs).toMatchObject({ status: "idle", next: expect.stringContaining("dev_preview_start") as string });
    expect(logs.lines.join("\n")).toContain("well listens on");
  });

  it("keeps its port for itself", async () => {
    const { port } = await plane.start({ command: server("well") });
    plane.clock.leap(31 * minute);
    await plane.asleep();
    await until("its port is reserved", async () => (await plane.db.leases.held(plane.sandbox.id)).includes(port!));
    const other = await plane.start({ name: "other", command: server("well"), port });
    expect(other).toMatchObject({ status: "crashed", problems: [{ code: "port_in_use" }] });
  });

  it("that somebody else started never sleeps", async () => {
    const { port } = await startByHand({ cwd: plane.workspace });
    const attached = await plane.url({ port });
    expect(attached).not.toHaveProperty("idleAt");
    plane.clock.leap(23 * 60 * minute);
    await plane.swept();
    expect((await plane.record(attached.name)).state).toBe("ready");
    expect((await plane.fetch(attached.previewUrl!)).status).toBe(200);
  });
});

describe("a preview that falls asleep at this moment", () => {
  /** Marked as idle, with a server that takes its time to end. */
  async function fallAsleep() {
    await plane.start({ command: server("ignores-term") });
    const { launchId, process } = await plane.record();
    plane.clock.leap(31 * minute);
    await plane.inState("idle");
    const isAlive = async () => (await plane.sandbox.inspect(launchId, process!)).alive;
    expect(await isAlive()).toBe(true);
    return isAlive;
  }

  it("is said to be stopped when nothing of it runs any more, and not before", async () => {
    const isAlive = await fallAsleep();
    expect(await plane.stop()).toMatchObject({ stopped: [{ status: "stopped" }] });
    expect(await isAlive()).toBe(false);
  });

  it("is ended before its plane has closed", async () => {
    const isAlive = await fallAsleep();
    await plane.leave();
    expect(await isAlive()).toBe(false);
    expect(await plane.record()).toMatchObject({ state: "idle" });
  });
});

describe("the time of idleness", () => {
  it("may be the preview's own, longer or shorter", async () => {
    await plane.start({ command: server("well"), keepaliveSeconds: 2 * 3600 });
    await plane.start({ name: "short", command: server("well"), keepaliveSeconds: 90.5 });
    plane.clock.leap(2 * minute);
    await plane.asleep("short");
    plane.clock.leap(115 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
    plane.clock.leap(4 * minute);
    await plane.asleep();
  });

  it("may be given to a preview that runs, and outlasts its sleep", async () => {
    const { previewUrl } = await plane.start({ command: server("well") });
    await plane.start({ keepaliveSeconds: 60 });
    plane.clock.leap(2 * minute);
    await plane.asleep();
    await plane.visit(previewUrl!);
    expect((await plane.record()).keepaliveMs).toBe(60_000);
  });

  it("may not be shorter than the plane allows", async () => {
    await expect(plane.start({ command: server("well"), keepaliveSeconds: 59 })).rejects.toMatchObject({
      code: "invalid_input",
      message: "keepaliveSeconds 59 is less than the 60 that this plane allows",
    });
    expect(await plane.start({ command: server("well"), keepaliveSeconds: 60 })).toMatchObject({ status: "ready" });
  });

  it("may be as long as the plane allows, and no longer", async () => {
    await expect(plane.start({ command: server("well"), keepaliveSeconds: 4 * 3600 + 1 })).rejects.toMatchObject({
      code: "invalid_input",
      message: "keepaliveSeconds 14401 is more than the 14400 that this plane allows",
    });
    expect(await plane.start({ command: server("well"), keepaliveSeconds: 4 * 3600 })).toMatchObject({
      status: "ready",
    });
  });
});

describe("an org with a time of its own", () => {
  it.each([
    ["sleeps by it", 5 * minute, "idle"],
    ["never sleeps by 0", 0, "ready"],
  ] as const)("%s", async (_, idleMs, state) => {
    const own = new Map([["local", { idleMs }]]);
    const other = await openIdlePlane({
      orgs: { every: { idleMs: 30 * minute, keepaliveMaxMs: minute, maxVisibility: "link" }, own },
    });
    try {
      await other.start({ command: server("well") });
      other.clock.leap((state === "idle" ? 6 : 6 * 60) * minute);
      await other.swept();
      await other.inState(state);
    } finally {
      await other.close();
    }
  });
});

describe("a further port of a launch", () => {
  it("sleeps with it, keeps it awake, and comes back with it, by either's link", async () => {
    const api = await freePort();
    const page = await plane.start({ command: server("page-and-api", api) });
    const further = await plane.url({ port: api });
    plane.clock.leap(29 * minute);
    await plane.fetch(further.previewUrl!);
    plane.clock.leap(2 * minute);
    await plane.swept();
    expect((await plane.record()).state).toBe("ready");
    plane.clock.leap(29 * minute);
    await plane.asleep();
    await plane.asleep(further.name);
    expect((await plane.fetch(further.previewUrl!)).headers["x-preview-status"]).toBe("waking");
    expect((await plane.visit(page.previewUrl!)).body).toContain("page-and-api");
    expect((await plane.visit(further.previewUrl!)).body).toMatch(/^api \d+$/);
    await plane.inState("ready", further.name);
    await plane.stop();
    expect((await plane.fetch(further.previewUrl!)).status).toBe(410);
  });
});
