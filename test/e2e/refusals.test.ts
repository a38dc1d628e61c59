import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PreviewOutput } from "../../src/preview/contract.ts";
import { server } from "../preview/support/plane-under-test.ts";
import { endHome } from "./support/end-home.ts";
import { failureOf, httpClients } from "./support/mcp-clients.ts";
import type { McpClient } from "./support/mcp-clients.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { rawRequest } from "./support/raw-request.ts";
import type { RawRequest } from "./support/raw-request.ts";

let home: PlaneHome;
let plane: PlaneProcess;
let client: McpClient;
let preview: PreviewOutput;
beforeAll(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
  plane = await startPlaneProcess(home);
  client = await httpClients[1]!.connect({
    url: new URL("/mcp", plane.controlUrl),
    token: plane.token,
    projectSlug: "app",
  });
  preview = await plane.client.start({ command: server("well") });
});
afterAll(async () => {
  await client.close();
  await endHome(home);
});

/** Calls of the control listener that need a bearer; each is answered when it has one. */
const calls: readonly Pick<RawRequest, "method" | "path" | "body">[] = [
  { method: "GET", path: "/v1/previews" },
  { method: "POST", path: "/v1/stops", body: '{"name":"absent"}' },
  { method: "GET", path: "/v1/projects" },
  { method: "GET", path: "/v1/openapi.json" },
  { method: "POST", path: "/mcp", body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' },
];

function control(call: Partial<RawRequest>, headers: Record<string, string> = {}) {
  const accept = "application/json, text/event-stream";
  const json = { accept, "content-type": "application/json", "x-project-slug": "app" };
  return rawRequest({ ...call, port: Number(new URL(plane.controlUrl).port), headers: { ...json, ...headers } });
}

const bearer = () => ({ authorization: `Bearer ${plane.token}` });

describe("the control listener", () => {
  it.each(calls)("answers $method $path with the bearer token", async (call) => {
    expect((await control(call, bearer())).status).toBe(200);
  });

  it.each(calls)("refuses $method $path without the bearer token, or with another", async (call) => {
    const altered = plane.token.replace(/.$/, (last) => (last === "A" ? "B" : "A"));
    const wrong = [altered, plane.token.slice(0, -1), `${plane.token}x`, ""].map((token) => `Bearer ${token}`);
    const basic = `Basic ${Buffer.from(`dev:${plane.token}`).toString("base64")}`;
    const headers = [{}, ...[...wrong, basic, plane.token].map((authorization) => ({ authorization }))];
    for (const given of headers) {
      const answer = await control(call, given);
      expect(answer.status).toBe(401);
      expect(answer.headers["www-authenticate"]).toMatch(/^Bearer /);
      expect(JSON.parse(answer.body)).toMatchObject({ code: "unauthenticated" });
    }
    const inQuery = await control({ ...call, path: `${call.path}?access_token=${plane.token}&token=${plane.token}` });
    expect(inQuery.status).toBe(401);
  });

  it.each([...calls, { method: "GET", path: "/healthz" }, { method: "GET", path: "/nothing-here" }])(
    "refuses $method $path under a foreign Host, and from a foreign Origin, whoever calls",
    async (call) => {
      const { port } = new URL(plane.controlUrl);
      const { host: previewHost, origin: previewOrigin } = new URL(preview.previewUrl!);
      const hosts = ["evil.example", `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, previewHost, "0.0.0.0"];
      const origins = ["http://evil.example", "null", previewOrigin, "http://localhost:5173"];
      const foreign = [...hosts.map((host) => ({ host })), ...origins.map((origin) => ({ origin }))];
      for (const headers of foreign)
        for (const authorization of [{}, bearer()]) {
          const answer = await control(call, { ...headers, ...authorization });
          expect({ headers, status: answer.status }).toEqual({ headers, status: 403 });
          expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
        }
    },
  );

  it("answers under every name of loopback, and to its own pages", async () => {
    const { port } = new URL(plane.controlUrl);
    const own = [`localhost:${port}`, `127.0.0.1:${port}`, `[::1]:${port}`, "localhost"].map((host) => ({ host }));
    const page = { host: `localhost:${port}`, origin: `http://localhost:${port}` };
    for (const headers of [...own, page])
      expect((await control(calls[0]!, { ...headers, ...bearer() })).status).toBe(200);
  });
});

const tools = ["dev_preview_start", "dev_preview_url", "dev_preview_stop", "dev_preview_list", "dev_preview_logs"];

describe("a tool", () => {
  it.each(tools)("%s refuses whatever names another project, sandbox or caller, by its name", async (tool) => {
    for (const argument of ["project", "sandboxId", "org", "workspace", "user", "slug"]) {
      const args = Object.fromEntries([[argument, "app"]]);
      const result = await client.call(tool, args);
      expect(result.isError).toBe(true);
      expect(failureOf(result)).toContain(`${tool} takes no argument "${argument}"`);
      expect(failureOf(result)).toContain("code: invalid_input");
    }
  });

  it("is refused for a project that is not registered, by every door", async () => {
    const url = new URL("/mcp", plane.controlUrl);
    const stranger = await httpClients[1]!.connect({ url, token: plane.token, projectSlug: "not-registered" });
    for (const tool of tools) {
      const result = await stranger.call(tool);
      expect(result.isError).toBe(true);
      expect(failureOf(result)).toContain("code: project_not_found");
    }
    await stranger.close();
    const answer = await control(calls[0]!, { ...bearer(), "x-project-slug": "not-registered" });
    expect(answer.status).toBe(404);
    expect(JSON.parse(answer.body)).toMatchObject({ code: "project_not_found" });
  });

  it.each(["Not A Slug", "../app", "-app", "app,other", "a".repeat(64), "app/", "%61pp"])(
    "is refused under the malformed project slug %s",
    async (slug) => {
      for (const call of [calls[0]!, calls[4]!]) {
        const answer = await control(call, { ...bearer(), "x-project-slug": slug });
        expect(answer.status).toBe(400);
        expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid_input", errors: [{ path: "x-project-slug" }] });
      }
    },
  );
});

describe("the API", () => {
  it.each(["project", "sandboxId", "org", "workspace"])("refuses the field %s by its name", async (field) => {
    for (const path of ["/v1/previews", "/v1/links", "/v1/stops"]) {
      const body = JSON.stringify({ [field]: "app" });
      const answer = await control({ method: "POST", path, body }, bearer());
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body)).toMatchObject({ code: "invalid_input", errors: [{ path: field }] });
    }
    const asked = await control({ method: "GET", path: `/v1/previews?${field}=app` }, bearer());
    expect(asked.status).toBe(400);
  });
});

describe("a repoDir", () => {
  beforeAll(async () => {
    await mkdir(join(home.workspace, "inner"));
    await mkdir(join(home.workspace, "..", "outside"));
    await symlink("inner", join(home.workspace, "link-inside"));
    await symlink(join(home.workspace, "..", "outside"), join(home.workspace, "link-outside"));
    await symlink("link-outside", join(home.workspace, "link-chain"));
    await symlink("..", join(home.workspace, "inner", "link-up"));
  });

  it.each([
    ["a path of the host", () => "/etc"],
    ["the folder above", () => ".."],
    ["a way out and back into a neighbour", () => "inner/../../outside"],
    ["the neighbour by its absolute path", () => join(home.workspace, "..", "outside")],
    ["a folder whose name only begins like the workspace's", () => `${home.workspace}-other`],
    ["the plane's own state", () => home.state],
    ["a symlink that leads out", () => "link-outside"],
    ["a symlink to a symlink that leads out", () => "link-chain"],
  ])("outside of the workspace (%s) is refused, and nothing is started", async (_, repoDir) => {
    const args = { name: "outside", repoDir: repoDir(), command: server("well") };
    const result = await client.call("dev_preview_start", args);
    expect(result.isError).toBe(true);
    expect(failureOf(result)).toContain("code: repo_dir_outside_workspace");
    const answer = await control({ method: "POST", path: "/v1/previews", body: JSON.stringify(args) }, bearer());
    expect(JSON.parse(answer.body)).toMatchObject({ code: "repo_dir_outside_workspace" });
    const { previews } = await plane.client.list({ includeStopped: true });
    expect(previews.map(({ name }) => name)).not.toContain("outside");
  });

  it.each([
    ["a folder", "inner", "inner"],
    ["a way out and back in", "../workspace/inner", "inner"],
    ["a symlink that stays inside", "link-inside", "inner"],
    ["a symlink back to its root", "inner/link-up", "."],
  ])("inside of the workspace (%s) is where the command runs", async (_, repoDir, real) => {
    const started = await plane.client.start({ name: "inside", repoDir, command: server("well") });
    expect(started).toMatchObject({ serving: true, repoDir: join(home.workspace, real) });
    await plane.client.stop({ name: "inside" });
  });
});
