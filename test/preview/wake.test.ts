import { readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { endHandServers, startByHand } from "./support/hand-server.ts";
import { day, idleSettings, minute, openIdlePlane } from "./support/idle-plane.ts";
import type { IdlePlane } from "./support/idle-plane.ts";
import { server } from "./support/plane-under-test.ts";

let plane: IdlePlane;
beforeEach(async () => {
  plane = await openIdlePlane();
});
afterEach(async () => {
  await endHandServers();
  await plane.close();
});

/** A server that leaves a line for each launch. */
const counted = (habit = "well", value?: number) => `echo launched >> launches; exec ${server(habit, value)}`;
const launches = async () => (await readFile(join(plane.workspace, "launches"), "utf8")).trim().split("\n").length;

async function startAsleep(input: object = {}) {
  const preview = await plane.start({ command: counted(), ...input });
  plane.clock.leap(31 * minute);
  await plane.asleep();
  return { ...preview, url: preview.previewUrl! };
}

describe("a visit to a sleeping preview", () => {
  it("wakes it on the same link, and then simply goes through", async () => {
    const { url, token, port } = await startAsleep();
    expect(await plane.fetch(url)).toMatchObject({
      status: 503,
      headers: { "retry-after": "1", "x-preview-status": "waking" },
    });
    expect((await plane.visit(url)).status).toBe(200);
    expect(await plane.url({ waitSeconds: 20 })).toMatchObject({ status: "ready", token, port, previewUrl: url });
    expect(await launches()).toBe(2);
  });

  it("is one of many, and causes one launch", async () => {
    const { url } = await startAsleep({ command: counted("late", 500) });
    const answers = await Promise.all(Array.from({ length: 50 }, () => plane.visit(url)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(await launches()).toBe(2);
  });

  it("wakes it with the command, environment and directory that it was started with", async () => {
    const command = `echo "$GREETING" > greeting; exec ${server("well")}`;
    const { url } = await startAsleep({ command, env: { GREETING: "hello" }, readyPath: "/ready" });
    await rm(join(plane.workspace, "greeting"));
    await plane.visit(url);
    expect(await readFile(join(plane.workspace, "greeting"), "utf8")).toBe("hello\n");
    expect((await plane.record()).readyPath).toBe("/ready");
  });

  it("wakes one whose server chose another port itself, on that port's link", async () => {
    const { url, port } = await startAsleep({ command: counted("other-port", 21_990) });
    expect(port).toBe(21_990);
    expect((await plane.visit(url)).status).toBe(200);
  });

  it("lets it sleep again after its time", async () => {
    const { url } = await startAsleep();
    await plane.visit(url);
    await plane.inState("ready");
    plane.clock.leap(31 * minute);
    await plane.asleep();
    await plane.visit(url);
    expect(await launches()).toBe(3);
  });

  it("that comes while the server is still being ended waits for that", async () => {
    const { previewUrl } = await plane.start({ command: counted("ignores-term") });
    plane.clock.leap(31 * minute);
    await plane.inState("idle");
    expect((await plane.visit(previewUrl!)).status).toBe(200);
    expect(await launches()).toBe(2);
  });
});

describe("a link that is no longer good", () => {
  it.each(["revoked", "expired"] as const)(
    "wakes nothing when it is %s, even before the gateway knows",
    async (how) => {
      await startAsleep();
      const linkId = await plane.linkId();
      const { id: previewId, launchId } = await plane.record();
      if (how === "revoked") await plane.db.links.revoke(previewId);
      else plane.clock.leap(day);
      await plane.visits.tell({ previewId, linkId });
      expect((await plane.record()).launchId).toBe(launchId);
      expect(await launches()).toBe(1);
    },
  );

  it("is 410 after a rotation, and the new one wakes", async () => {
    const { url } = await startAsleep();
    const rotated = await plane.url({ rotate: true });
    expect(rotated.previewUrl).not.toBe(url);
    await until("the old link is gone", async () => (await plane.fetch(url)).status === 410);
    expect((await plane.record()).state).toBe("idle");
    expect((await plane.visit(rotated.previewUrl!)).status).toBe(200);
  });

  it("is 410 once the preview is stopped in its sleep", async () => {
    const { url } = await startAsleep();
    await plane.stop();
    await until("the link is gone", async () => (await plane.fetch(url)).status === 410);
    expect((await plane.record()).state).toBe("stopped");
    expect(await launches()).toBe(1);
  });
});

describe("a wake that fails", () => {
  it("shows the crash with its problems, and is not tried again", async () => {
    const { url } = await startAsleep({ command: `test -e broken && exit 3; ${counted()}` });
    await writeFile(join(plane.workspace, "broken"), "");
    await plane.fetch(url);
    const crashed = await plane.inState("crashed");
    expect(crashed).toMatchObject({ exitCode: 3, problems: [{ code: "exited" }] });
    const answer = await until("the page says so", async () => {
      const page = await plane.fetch(url);
      return page.status === 502 && page;
    });
    expect(answer.headers).not.toHaveProperty("retry-after");
    const { launchId } = await plane.record();
    for (let visit = 0; visit < 3; visit += 1) await plane.fetch(url);
    expect((await plane.record()).launchId).toBe(launchId);
  });

  it("for its directory is a crash too", async () => {
    const { url } = await startAsleep({ command: server("well"), repoDir: "." });
    await rm(plane.workspace, { recursive: true });
    await plane.fetch(url);
    expect(await plane.inState("crashed")).toMatchObject({ problems: [{ code: "launch_failed" }] });
  });

  it("for somebody else on its port says so, and comes true once the port is free", async () => {
    const { url, port } = await startAsleep();
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(port, "127.0.0.1", resolve));
    const refused = await until("the page says why", async () => {
      const page = await plane.fetch(url);
      return page.body.includes(`Port ${port} is held by`) && page;
    });
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(await plane.record()).toMatchObject({ state: "idle", problems: [{ code: "port_in_use" }] });
    await new Promise((resolve) => stranger.close(resolve));
    expect((await plane.visit(url)).status).toBe(200);
  });
});

describe("a server that somebody starts on the port of a sleeping preview", () => {
  it("is shown in its place, by its port", async () => {
    const { port } = await startAsleep();
    await startByHand({ cwd: plane.workspace, port: port! });
    const attached = await plane.url({ port });
    expect(attached).toMatchObject({ status: "ready", attached: true, port });
    expect((await plane.fetch(attached.previewUrl!)).status).toBe(200);
  });
});

describe("the limits of starts", () => {
  it("hold for a wake: over one it says which, and comes true when there is a place", async () => {
    const tight = await openIdlePlane({ limits: { project: 1 } });
    try {
      const { previewUrl } = await tight.start({ command: server("well") });
      tight.clock.leap(31 * minute);
      await tight.asleep();
      await tight.start({ name: "other", command: server("well") });
      const refused = await until("the page says why", async () => {
        const page = await tight.fetch(previewUrl!);
        return page.body.includes("he limit of 1 live previews of one project is reached.") && page;
      });
      expect(refused.status).toBe(503);
      expect(tight.recorded).toContainEqual(
        expect.objectContaining({
          type: "limit.reached",
          data: expect.objectContaining({ limit: "project" }) as object,
        }),
      );
      await tight.stop({ name: "other" });
      expect((await tight.visit(previewUrl!)).status).toBe(200);
    } finally {
      await tight.close();
    }
  });

  it("count nothing that sleeps", async () => {
    const tight = await openIdlePlane({ limits: { project: 1 } });
    try {
      await tight.start({ command: server("well") });
      tight.clock.leap(31 * minute);
      await tight.asleep();
      expect(await tight.start({ name: "other", command: server("well") })).toMatchObject({ status: "ready" });
    } finally {
      await tight.close();
    }
  });
});

describe("dev_preview_start on a sleeping preview", () => {
  it("wakes it as it was, with the same URL", async () => {
    const { url, port } = await startAsleep();
    expect(await plane.start()).toMatchObject({ status: "ready", previewUrl: url, port, reused: false });
    expect(await launches()).toBe(2);
  });

  it("wakes it with what the call asks for instead", async () => {
    const { url } = await startAsleep();
    const woken = await plane.start({ command: server("answers-500") });
    expect(woken).toMatchObject({ status: "unhealthy", previewUrl: url });
  });

  it.each(["restart", "fail"] as const)("with ifRunning %s starts it as well", async (ifRunning) => {
    const { url } = await startAsleep();
    expect(await plane.start({ command: counted(), ifRunning })).toMatchObject({ status: "ready", previewUrl: url });
  });

  it("with another port starts it there", async () => {
    const { url } = await startAsleep();
    const moved = await plane.start({ command: counted(), port: 21_991 });
    expect(moved).toMatchObject({ status: "ready", port: 21_991 });
    await until("the old link is gone", async () => (await plane.fetch(url)).status === 410);
  });

  it("at the same time as visits and other starts is one launch", async () => {
    const { url } = await startAsleep({ command: counted("late", 300) });
    const [started] = await Promise.all([
      plane.start(),
      plane.start(),
      ...Array.from({ length: 20 }, () => plane.visit(url)),
    ]);
    expect(started).toMatchObject({ status: "ready", previewUrl: url });
    expect(await launches()).toBe(2);
  });

  it("over a limit is refused, and the preview sleeps on", async () => {
    const tight = await openIdlePlane({ ...idleSettings, limits: { startsPerMinute: 1 } });
    try {
      await tight.start({ command: server("well") });
      tight.clock.leap(31 * minute);
      await tight.asleep();
      await expect(tight.start()).rejects.toMatchObject({ code: "limit_reached" });
      expect((await tight.record()).state).toBe("idle");
    } finally {
      await tight.close();
    }
  });
});
