import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mintedKeyOutput } from "../../src/api/api-key-schemas.ts";
import { createClient } from "../../src/client/client.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { httpClients } from "./support/mcp-clients.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { runCli } from "./support/run-cli.ts";

let home: PlaneHome;
let plane: PlaneProcess;
beforeAll(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "debug" });
  plane = await startPlaneProcess(home);
});
afterAll(() => endHome(home));

async function makeKey(...args: string[]) {
  const { stdout, exitCode, stderr } = await runCli(home, "key", "create", "--json", ...args);
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return mintedKeyOutput.parse(JSON.parse(stdout));
}

describe("an API key, made on the command line,", () => {
  it.each(httpClients)("lets a $title see what its scope allows, and no more", async ({ connect }) => {
    const { key } = await makeKey("reader", "--scope", "preview:read");
    const client = await connect({ url: new URL("/mcp", plane.controlUrl), token: key, projectSlug: "app" });
    expect((await client.call("dev_preview_list", {})).structuredContent).toMatchObject({ previews: [] });
    await expect(client.call("dev_preview_start", {})).rejects.toThrow(/insufficient_scope|403|scope/);
    await client.close();
  });

  it("reaches no project of another org", async () => {
    const { key } = await makeKey("stranger", "--org", "acme", "--scope", "admin");
    const client = createClient({ url: plane.controlUrl, token: key, project: "app" });
    expect(await client.projects.list()).toEqual([]);
    await expect(client.list()).rejects.toMatchObject({ code: "project_not_found" });
    await expect(client.projects.remove("app")).rejects.toMatchObject({ code: "project_not_found" });
  });

  it("shows its last use in the list, and ends when it is revoked", async () => {
    const { id, key } = await makeKey("short", "--scope", "preview:read");
    const client = createClient({ url: plane.controlUrl, token: key, project: "app" });
    await client.list();
    const row = async () => (await plane.client.keys.list()).find((each) => each.id === id);
    await until("its use is written down", async () => (await row())?.lastUsedAt !== undefined, 20_000);
    expect((await runCli(home, "key", "revoke", id)).stdout).toContain("is revoked");
    await expect(client.list()).rejects.toMatchObject({ code: "unauthenticated" });
    expect((await runCli(home, "key", "list")).stdout).toMatch(new RegExp(`${id} +revoked`));
  });

  it("appears in no line of the plane's log", async () => {
    const { key } = await makeKey("quiet", "--scope", "preview:read");
    await createClient({ url: plane.controlUrl, token: key, project: "app" }).list();
    await createClient({ url: `${plane.controlUrl}/${key}`, token: key })
      .list()
      .catch(() => undefined);
    expect(plane.log()).toContain("http.request");
    expect(plane.log()).not.toContain(key.slice(21));
  });
});
