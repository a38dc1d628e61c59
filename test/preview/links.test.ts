import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startInput, urlInput } from "../../src/preview/contract.ts";
import { until } from "../support/until.ts";
import { freePort, openPlaneUnderTest, server } from "./support/plane-under-test.ts";
import type { PlaneUnderTest } from "./support/plane-under-test.ts";

let plane: PlaneUnderTest;
beforeAll(async () => {
  plane = await openPlaneUnderTest();
});
const links = () => plane.previews.links;
afterEach(async () => {
  await plane.stop({ all: true });
});
afterAll(() => plane.close());

/** Kills the dev server, and waits until the plane knows. */
async function crash(previewId: string): Promise<void> {
  process.kill((await plane.db.previews.byId(previewId))!.listener!.pid, "SIGKILL");
  await until("the preview is crashed", async () => (await plane.db.previews.byId(previewId))?.state === "crashed");
}

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
    await crash(first.previewId);
    await until("the link says so", async () => {
      const { status, headers } = await plane.fetch(first.previewUrl!);
      return status === 502 && headers["x-preview-status"] === "crashed";
    });
    const second = await plane.start({ command: server("well") });
    expect(second).toMatchObject({ reused: false, previewUrl: first.previewUrl });
    expect((await plane.fetch(first.previewUrl!)).status).toBe(200);
  });

  it("is gone before a stop begins to end the server", async () => {
    const { previewUrl } = await plane.start({ command: server("well") });
    const sandbox = { ...plane.sandbox };
    const seen: number[] = [];
    const stop: typeof sandbox.stop = async (...args) => {
      seen.push((await plane.fetch(previewUrl!)).status);
      await sandbox.stop(...args);
    };
    Object.assign(plane.sandbox, { stop });
    await plane.stop().finally(() => Object.assign(plane.sandbox, sandbox));
    expect(new Set(seen)).toEqual(new Set([410]));
  });

  it("is not minted for a preview that does not serve", async () => {
    await plane.start({ command: server("exits-at-once") });
    expect(await plane.url()).not.toHaveProperty("previewUrl");
  });
});

describe("a further link", () => {
  it("has a label, lives beside the preview's own, and ends by itself", async () => {
    const own = await plane.start({ command: server("well") });
    const one = await plane.url({ label: "a reviewer", ttlSeconds: 120 });
    const two = await plane.url({ label: "ci" });
    expect(new Set([own.previewUrl, one.previewUrl, two.previewUrl]).size).toBe(3);
    expect((await plane.url({ label: "ci" })).previewUrl).toBe(two.previewUrl);
    expect((await plane.url()).previewUrl).toBe(own.previewUrl);
    const listed = await links().list(plane.context, {});
    expect(listed.map(({ label, expiresAt, previewUrl }) => [label, expiresAt, previewUrl])).toEqual(
      [
        [undefined, own],
        ["a reviewer", one],
        ["ci", two],
      ].map(([label, link]) => [label, (link as typeof own).expiresAt, (link as typeof own).previewUrl]),
    );
    expect(await links().revoke(plane.context, listed[1]!.id)).toEqual({ revoked: 1 });
    await until("it is gone", async () => (await plane.fetch(one.previewUrl!)).status === 410, 1000);
    for (const { previewUrl } of [own, two]) expect((await plane.fetch(previewUrl!)).status).toBe(200);
    await expect(links().revoke(plane.context, listed[1]!.id)).rejects.toMatchObject({ code: "link_not_found" });
  });

  it("is rotated alone, by its label as by its id, and stays what it is", async () => {
    const own = await plane.start({ command: server("well") });
    const first = await plane.url({ label: "ci" });
    const second = await plane.url({ label: "ci", rotate: true });
    const { id } = (await links().list(plane.context, { name: "web" })).find(({ label }) => label === "ci")!;
    const third = await links().rotate(plane.context, id, { ttlSeconds: 90 });
    expect(third).toMatchObject({ label: "ci", signed: true, port: own.port });
    expect(Date.parse(third.expiresAt) - Date.now()).toBeLessThanOrEqual(90_000);
    for (const { previewUrl } of [first, second])
      await until("it is gone", async () => (await plane.fetch(previewUrl!)).status === 410, 1000);
    for (const { previewUrl } of [own, third]) expect((await plane.fetch(previewUrl!)).status).toBe(200);
    expect((await plane.url({ rotate: true })).previewUrl).not.toBe(own.previewUrl);
    expect((await plane.fetch(third.previewUrl!)).status).toBe(200);
  });

  it("is not rotated, and stays, where its preview serves none in its place", async () => {
    const first = await plane.start({ command: server("well") });
    const [link] = await links().list(plane.context, {});
    await crash(first.previewId);
    await expect(links().rotate(plane.context, link!.id, {})).rejects.toMatchObject({ code: "preview_not_serving" });
    expect(await plane.db.links.isLive(link!.id, new Date())).toBe(true);
    const { previewId } = await plane.start({ command: server("well"), ifRunning: "restart" });
    expect((await plane.db.previews.byId(previewId))?.state).toBe("ready");
    const [kept] = await links().list(plane.context, {});
    expect((await links().rotate(plane.context, kept!.id, {})).id).not.toBe(kept!.id);
  });

  it("ends with all others of its preview, or of the project", async () => {
    await plane.start({ command: server("well") });
    await plane.start({ command: server("well"), name: "api" });
    await plane.url({ label: "ci" });
    expect(await links().revokeAll(plane.context, { name: "web" })).toEqual({ revoked: 2 });
    expect((await links().list(plane.context, {})).map(({ name }) => name)).toEqual(["api"]);
    expect(await links().revokeAll(plane.context, {})).toEqual({ revoked: 1 });
    expect(await links().revokeAll(plane.context, {})).toEqual({ revoked: 0 });
  });

  it("of another project is none, and needs the scope that its kind of call needs", async () => {
    await plane.start({ command: server("well") });
    const [{ id } = { id: "" }] = await links().list(plane.context, {});
    await plane.useCases.putProject(plane.context, "other", { workspaceRoot: plane.workspace });
    const other = { ...plane.context, projectSlug: "other" };
    expect(await links().list(other, {})).toEqual([]);
    await expect(links().revoke(other, id)).rejects.toMatchObject({ code: "link_not_found" });
    await expect(links().rotate(other, id, {})).rejects.toMatchObject({ code: "link_not_found" });
    const reader = { ...plane.context, principal: { ...plane.context.principal, scopes: ["preview:read" as const] } };
    expect(await links().list(reader, {})).toHaveLength(1);
    for (const call of [links().revoke(reader, id), links().revokeAll(reader, {}), links().rotate(reader, id, {})])
      await expect(call).rejects.toMatchObject({ code: "insufficient_scope" });
  });
});

describe("frames and guests", () => {
  it("are kept from one launch to the next until they are named again, and shown with the links", async () => {
    const shared = { embedOrigins: ["https://chat.example.com"], guests: ["gus"] };
    await plane.start({ command: server("well"), ...shared });
    const again = await plane.start({ command: server("well"), ifRunning: "restart" });
    expect(await plane.db.previews.byId(again.previewId)).toMatchObject(shared);
    expect((await plane.fetch(again.previewUrl!)).headers["content-security-policy"]).toBe(
      "frame-ancestors 'self' https://chat.example.com",
    );
    expect(await links().list(plane.context, {})).toMatchObject([{ embedOrigins: shared.embedOrigins }]);
    await plane.url({ embedOrigins: [], guests: ["gus", "gus"] });
    expect(await plane.db.previews.byId(again.previewId)).toMatchObject({ embedOrigins: [], guests: ["gus"] });
    await until(
      "frames are the app's again",
      async () => (await plane.fetch(again.previewUrl!)).headers["content-security-policy"] === undefined,
      1000,
    );
  });

  it.each([
    "https://*.example.com",
    "https://a.test;sandbox",
    "https://a.test,https://b.test",
    "https://a.test/",
    "https://a.test:443",
    "http://a.test",
    "'self'",
    "*",
    "https://user@a.test",
    "https://A.test",
  ])("take origins alone: %s", (origin) => {
    expect(startInput.safeParse({ embedOrigins: [origin] }).success).toBe(false);
  });

  it.each(["https://a.test", "https://a.b.test:8443", "http://localhost:3000", "http://console.localhost:4780"])(
    "take an origin: %s",
    (origin) => {
      expect(urlInput.safeParse({ embedOrigins: [origin] }).success).toBe(true);
    },
  );
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
