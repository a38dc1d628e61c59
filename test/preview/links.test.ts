import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { until } from "../support/until.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
afterEach(async () => {
  await plane.stop({ all: true });
});
afterAll(() => plane.close());

describe("a link", () => {
  it("minted again inside its life is the same link", async () => {
    const first = await plane.start({ command: server("well") });
    expect(await plane.url()).toMatchObject({
      previewUrl: first.previewUrl,
      token: first.token,
      expiresAt: first.expiresAt,
    });
    expect(await plane.url({ port: first.port })).toMatchObject({ previewUrl: first.previewUrl });
  });

  it("that is rotated is another link, and the old one is gone", async () => {
    const first = await plane.start({ command: server("well") });
    const second = await plane.url({ rotate: true });
    expect(second.token).not.toBe(first.token);
    expect((await plane.fetch(second.previewUrl!)).status).toBe(200);
    await until("the old link is gone", async () => (await plane.fetch(first.previewUrl!)).status === 410, 1000);
  });

  it("has the life that was asked for, and the default otherwise", async () => {
    const { expiresAt } = await plane.start({ command: server("well"), ttlSeconds: 90 });
    expect(Date.parse(expiresAt!) - Date.now()).toBeGreaterThan(80_000);
    expect(Date.parse(expiresAt!) - Date.now()).toBeLessThanOrEqual(90_000);
    const rotated = await plane.url({ rotate: true });
    expect(Date.parse(rotated.expiresAt!) - Date.now()).toBeGreaterThan(3_500_000);
  });

  it("carries the path that was asked for", async () => {
    await plane.start({ command: server("well") });
    const { previewUrl } = await plane.url({ path: "/a/b?c=1" });
    expect(previewUrl).toMatch(/\/a\/b\?c=1$/);
    expect((await plane.fetch(previewUrl!)).body).toContain("/a/b?c=1");
  });

  it("follows a restart on the same port, so that open tabs come back", async () => {
    const first = await plane.start({ command: server("well") });
    const second = await plane.start({ command: server("well"), ifRunning: "restart" });
    expect(second).toMatchObject({ port: first.port, previewUrl: first.previewUrl });
    expect((await plane.fetch(second.previewUrl!)).status).toBe(200);
  });

  it("ends when the preview comes back on another port", async () => {
    const first = await plane.start({ command: server("well") });
    await plane.start({ command: server("well"), ifRunning: "restart", port: await freePort() });
    expect((await plane.fetch(first.previewUrl!)).status).toBe(410);
  });

  it("of a dev server that died says so, and answers again after the next start", async () => {
    const first = await plane.start({ command: server("well") });
    const record = (await plane.db.previews.byId(first.previewId))!;
    process.kill(record.listener!.pid, "SIGKILL");
    await until(
      "the preview is crashed",
      async () => (await plane.db.previews.byId(first.previewId))?.state === "crashed",
    );
    const gone = await plane.fetch(first.previewUrl!);
    expect([gone.status, gone.headers["x-preview-status"]]).toEqual([502, "crashed"]);
    const second = await plane.start({ command: server("well") });
    expect(second).toMatchObject({ reused: false, previewUrl: first.previewUrl });
    expect((await plane.fetch(first.previewUrl!)).status).toBe(200);
  });

  it("is not minted for a preview that does not serve", async () => {
    await plane.start({ command: server("exits-at-once") });
    expect(await plane.url()).not.toHaveProperty("previewUrl");
  });
});

describe("asking for a link", () => {
  it("of a name or port that is not there is refused, and says what to do", async () => {
    await expect(plane.url({ name: "nope" })).rejects.toMatchObject({
      code: "preview_not_found",
      message: expect.stringContaining('"nope"'),
    });
    await expect(plane.url({ port: 9 })).rejects.toMatchObject({
      code: "preview_not_found",
      message: expect.stringContaining("9"),
    });
  });

  it("with a name and a port that disagree is refused", async () => {
    const { port } = await plane.start({ command: server("well") });
    await expect(plane.url({ port, name: "other" })).rejects.toMatchObject({ code: "invalid_input" });
  });

  it("behind a login is refused on a plane without one, for start as for url", async () => {
    await expect(plane.start({ command: server("well"), signed: false })).rejects.toMatchObject({
      code: "invalid_input",
    });
    await expect(plane.url({ signed: false })).rejects.toMatchObject({ code: "invalid_input" });
  });
});
