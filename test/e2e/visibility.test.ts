import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { endHome } from "./support/end-home.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { rawRequest } from "./support/raw-request.ts";

/** Nobody logs in here, so that the provider need not be there. */
const login = { DEV_PREVIEW_OIDC_ISSUER: "http://127.0.0.1:1", DEV_PREVIEW_OIDC_CLIENT_ID: "dev-preview" };
const command = `node -e "require('http').createServer((_, answer) => answer.end('hello')).listen(process.env.PORT)"`;

describe("an org that may show its previews to fewer people than before", () => {
  let home: PlaneHome;
  let plane: PlaneProcess;
  let before: string;
  beforeAll(async () => {
    home = await makePlaneHome({ ...login, DEV_PREVIEW_LOG_LEVEL: "info" });
    const open = await startPlaneProcess(home);
    const preview = await open.client.start({ command, guests: ["gus"], waitSeconds: 45 });
    before = preview.previewUrl ?? "";
    expect((await open.get(before)).status).toBe(200);
    await open.stop();
    const orgs = JSON.stringify({ local: { maxVisibility: "members" } });
    plane = await startPlaneProcess({ ...home, env: { ...home.env, DEV_PREVIEW_ORGS: orgs } });
  });
  afterAll(() => endHome(home));

  it("has no signed link any more: those of before have ended, and the preview is gated", async () => {
    expect((await plane.get(before)).status).toBe(410);
    const { previews } = await plane.client.list();
    expect(previews).toMatchObject([{ name: "web", signed: false, serving: true }]);
    expect(await plane.client.links.list()).toMatchObject([{ signed: false }]);
    expect(await plane.client.links.list()).not.toHaveProperty([0, "guests"]);
  });

  it("opens them by login, or to machines by the token", async () => {
    const { previewUrl = "", token = "", signed } = await plane.client.url();
    expect(signed).toBe(false);
    const headers = { host: new URL(previewUrl).host, "x-preview-token": token };
    expect((await rawRequest({ port: plane.gatewayPort, headers })).status).toBe(200);
  });

  it("is refused more than that, for start as for url, and starts gated without a word", async () => {
    for (const wider of [{ signed: true }, { guests: ["gus"] }]) {
      await expect(plane.client.url(wider)).rejects.toMatchObject({ code: "forbidden" });
      await expect(plane.client.start({ command, ...wider })).rejects.toMatchObject({ code: "forbidden" });
    }
    const started = await plane.client.start({ name: "other", command, guests: [], waitSeconds: 45 });
    expect(started).toMatchObject({ serving: true, signed: false });
  });
});
