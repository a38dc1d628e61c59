import { afterEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { idleSettings, minute, openIdlePlane } from "./support/idle-plane.ts";
import type { IdlePlane } from "./support/idle-plane.ts";
import { server } from "./support/plane-under-test.ts";

let plane: IdlePlane;
afterEach(() => plane.close());

const well = server("well");

async function startAndSleep(name: string): Promise<number> {
  const { port } = await plane.start({ name, command: well });
  plane.clock.leap(31 * minute);
  await plane.asleep(name);
  return port!;
}

/** Nothing is left of the range but these; get-port gives a port again only after a while. */
function narrowTo(ports: readonly number[]): void {
  const freePort: typeof plane.sandbox.freePort = async ({ exclude }) => ports.find((port) => !exclude.has(port));
  Object.assign(plane.sandbox, { freePort });
}

const causes = async () =>
  (await plane.db.events.newest({ org: "local", orgWide: false }, 100))
    .filter(({ type }) => type === "preview.stopped")
    .map(({ data }) => [data["name"], data["cause"]]);

describe("when no port is left", () => {
  it("the preview of the caller's project that sleeps longest is ended, and its port is given on", async () => {
    plane = await openIdlePlane();
    const port = await startAndSleep("one");
    narrowTo([port, await startAndSleep("two")]);
    expect(await plane.start({ name: "three", command: well })).toMatchObject({ status: "ready", port });
    expect((await plane.record("one")).state).toBe("stopped");
    expect((await plane.record("two")).state).toBe("idle");
    expect(await causes()).toEqual([["one", "crowded"]]);
  });

  it("a start is refused where none sleeps that is its org's", async () => {
    plane = await openIdlePlane();
    await plane.start({ name: "one", command: well });
    narrowTo([]);
    await expect(plane.start({ name: "two", command: well })).rejects.toMatchObject({ code: "no_free_port" });
    expect((await plane.record("one")).state).toBe("ready");
  });
});

describe("when more previews of a project sleep than may", () => {
  it("those that sleep longest are ended, and their ports are free", async () => {
    plane = await openIdlePlane({ idle: { ...idleSettings.idle, mostOfProject: 2 } });
    const port = await startAndSleep("one");
    await startAndSleep("two");
    await plane.swept();
    expect((await plane.record("one")).state).toBe("idle");
    await startAndSleep("three");
    await plane.inState("stopped", "one");
    await until("its port is free", async () => !(await plane.db.leases.held(plane.sandbox.id)).includes(port));
    expect((await plane.record("two")).state).toBe("idle");
    expect(await causes()).toEqual([["one", "crowded"]]);
  });
});
