import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
afterEach(async () => {
  await plane.stop({ all: true });
});
afterAll(() => plane.close());

describe("logs", () => {
  it("are the end of the output, then what came after the cursor", async () => {
    await plane.start({ command: server("chatty") });
    const tail = await plane.logs({ limit: 5 });
    expect(tail).toMatchObject({ status: "ready", more: false, dropped: false });
    expect(tail.lines.at(-1)).toContain("listens on");
    expect(tail.lines).toHaveLength(5);
    expect((await plane.logs({ cursor: tail.cursor })).lines).toEqual([]);
  });

  it("are filtered by text", async () => {
    await plane.start({ command: server("chatty") });
    expect((await plane.logs({ grep: "line 4" })).lines).toContain("line 42");
  });

  it("never show a secret, neither by its shape nor one that the caller put into the environment", async () => {
    const result = await plane.start({ command: server("chatty"), env: { MY_VALUE: "correct-horse-battery" } });
    const { lines } = await plane.logs({ limit: 200 });
    const shown = JSON.stringify([lines, result]);
    expect(shown).not.toContain("hunter2hunter2");
    expect(shown).not.toContain("correct-horse-battery");
    expect(lines).toContain("from env: [redacted]");
  });

  it("wait for a new line, and return as soon as it is there", async () => {
    await plane.start({ command: server("prints-later", 800) });
    const { cursor } = await plane.logs();
    const startedAt = Date.now();
    const { lines } = await plane.logs({ cursor, waitSeconds: 20 });
    expect(lines).toEqual(["printed later"]);
    expect(Date.now() - startedAt).toBeLessThan(5000);
  });

  it.each(["crashed", "stopped"])("are waited for no longer once the preview is %s", async (status) => {
    const { previewUrl } = await plane.start({ command: server("well") });
    const [, pid] = /(\d+)$/.exec((await plane.fetch(previewUrl!)).body)!;
    let page = await plane.logs();
    const startedAt = Date.now();
    const ending = status === "stopped" ? plane.stop() : process.kill(Number(pid), "SIGKILL");
    while (page.status === "ready") page = await plane.logs({ cursor: page.cursor, waitSeconds: 30 });
    await ending;
    expect((await plane.logs({ cursor: page.cursor, waitSeconds: 30 })).status).toBe(status);
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  it("begin anew with the log of the next launch, wherever the cursor stood in the last one", async () => {
    const { logCursor } = await plane.start({ command: server("prints-later", 800) });
    const { cursor } = await plane.logs({ cursor: logCursor!, waitSeconds: 5 });
    await plane.start({ command: server("chatty"), ifRunning: "restart" });
    for (const old of [logCursor!, cursor]) {
      const page = await plane.logs({ cursor: old, limit: 200 });
      expect(page.lines).toEqual((await plane.logs({ limit: 200 })).lines);
      expect(page.dropped).toBe(false);
      expect(page.lines).toContain("line 0");
    }
  });

  it("are not waited for in the log of a launch that another one replaced", async () => {
    await plane.start({ command: server("well") });
    const { cursor } = await plane.logs();
    const startedAt = Date.now();
    const waiting = plane.logs({ cursor, waitSeconds: 30 });
    await plane.start({ command: server("chatty"), ifRunning: "restart" });
    let page = await waiting;
    while (!page.lines.includes("line 99")) page = await plane.logs({ cursor: page.cursor, limit: 200 });
    expect(Date.now() - startedAt).toBeLessThan(15_000);
  });

  it("with a cursor that is none of ours are refused", async () => {
    await plane.start({ command: server("well") });
    for (const cursor of ["17", "-1", "0123abcd.", "0123abcd.1e3", "../log", "0123abcd.1 "])
      await expect(plane.logs({ cursor })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("of a preview that is not there are refused", async () => {
    await expect(plane.logs({ name: "nope" })).rejects.toMatchObject({ code: "preview_not_found" });
  });

  it("stay readable after a crash and after a stop", async () => {
    await plane.start({ command: server("exits-at-once") });
    expect((await plane.logs()).lines.join("\n")).toContain("boom");
    await plane.stop();
    expect((await plane.logs()).lines.join("\n")).toContain("boom");
  });
});
