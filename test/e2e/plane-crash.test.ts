import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { server } from "../preview/support/plane-under-test.ts";
import { processesWithEnv } from "../support/processes.ts";
import { until } from "../support/until.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";

let home: PlaneHome;
let plane: PlaneProcess;
beforeEach(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  plane = await startPlaneProcess(home);
});
afterEach(async () => {
  await plane.client.stop({ all: true });
  await plane.stop();
  await until("no process of ours is left", () => leftOvers().length === 0);
  home.remove();
});

/** Dev servers carry the launch marker, and run in the workspace. */
const leftOvers = () => processesWithEnv("DEV_PREVIEW_LAUNCH_ID=", `PWD=${home.workspace}`);

describe("after kill -9 of the plane", () => {
  it("while ready, the dev server goes on, is adopted, and the same link answers again", async () => {
    const preview = await plane.client.start({ command: server("well") });
    const before = await plane.get(preview.previewUrl!);
    await plane.kill9();
    plane = await startPlaneProcess(home);
    const after = await plane.get(preview.previewUrl!);
    expect(after.status).toBe(200);
    expect(after.body).toBe(before.body);
    expect(await plane.client.url({})).toMatchObject({ status: "ready", previewUrl: preview.previewUrl });
  });

  it("while the server was starting, the launch goes on to ready", async () => {
    const { previewId } = await plane.client.start({ command: server("late", 2500), waitSeconds: 0.5 });
    await plane.kill9();
    plane = await startPlaneProcess(home);
    const preview = await plane.client.url({ waitSeconds: 20 });
    expect(preview).toMatchObject({ status: "ready", previewId });
    expect((await plane.get(preview.previewUrl!)).status).toBe(200);
  });

  it("while a start was being claimed and launched, the new plane ends in the true state", async () => {
    for (const delayMs of [0, 5, 15, 30, 60]) {
      const starting = plane.client
        .start({ name: `n${delayMs}`, command: server("well"), waitSeconds: 0 })
        .catch(() => "cut");
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      await plane.kill9();
      await starting;
      plane = await startPlaneProcess(home);
    }
    const settled = await until("nothing is starting any more", async () => {
      const { previews } = await plane.client.list({});
      return previews.some(({ status }) => status === "starting") ? undefined : previews;
    });
    for (const preview of settled) {
      expect(["ready", "crashed"]).toContain(preview.status);
      if (preview.status === "ready") expect((await plane.get(preview.previewUrl!)).status).toBe(200);
    }
    expect(leftOvers().filter(({ command }) => command.includes("server.mjs")).length).toBeGreaterThanOrEqual(
      settled.filter(({ status }) => status === "ready").length,
    );
  });

  it("during a stop, the new plane finishes the stop", async () => {
    const preview = await plane.client.start({ command: server("ignores-term") });
    const stopping = plane.client.stop({}).catch(() => "cut");
    await until(
      "the link is cut, so the stop has begun",
      async () => (await plane.get(preview.previewUrl!)).status === 410,
    );
    await plane.kill9();
    await stopping;
    plane = await startPlaneProcess(home);
    await until(
      "the preview is stopped",
      async () => (await plane.client.list({ includeStopped: true })).previews[0]?.status === "stopped",
    );
    expect((await plane.get(preview.previewUrl!)).status).toBe(410);
    await until("its processes are gone", () => leftOvers().length === 0);
  });

  it("a dev server that died meanwhile is crashed, and its link says so", async () => {
    const preview = await plane.client.start({ command: server("well") });
    const [, pid] = /(\d+)$/.exec((await plane.get(preview.previewUrl!)).body)!;
    await plane.kill9();
    process.kill(Number(pid), "SIGKILL");
    plane = await startPlaneProcess(home);
    await until("the preview is crashed", async () => (await plane.client.get("web")).status === "crashed");
    const answer = await plane.get(preview.previewUrl!);
    expect(answer.status).toBe(502);
    expect(answer.headers["x-preview-status"]).toBe("crashed");
  });
});

describe("after an orderly stop of the plane", () => {
  it("dev servers go on, and the next plane serves the same link", async () => {
    const preview = await plane.client.start({ command: server("well") });
    await plane.stop();
    plane = await startPlaneProcess(home);
    expect((await plane.get(preview.previewUrl!)).status).toBe(200);
  });

  it("nothing of the plane itself is left running", async () => {
    await plane.stop();
    await until("the embedded database is gone", () => processesWithEnv(home.state).length === 0);
    plane = await startPlaneProcess(home);
  });
});
