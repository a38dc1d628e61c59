import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listOutput, previewOutput, projectOutput, stopOutput } from "../../src/preview/contract.ts";
import { server } from "../preview/support/plane-under-test.ts";
import { endHome } from "./support/end-home.ts";
import { isPortFree } from "./support/port-free.ts";
import { bin, get, makePlaneHome } from "./support/plane-process.ts";
import type { PlaneHome } from "./support/plane-process.ts";
import { runCli, startCli } from "./support/run-cli.ts";
import { planeOf } from "./support/stdio-front.ts";

const talker = fileURLToPath(new URL("support/talker.mjs", import.meta.url));

// The commands on one state directory, one after the other: the first one that needs a plane starts it.
let home: PlaneHome;
beforeAll(async () => {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn" });
});
afterAll(() => endHome(home));

/** A dev server's command line as a shell splits it. */
const words = (...habit: Parameters<typeof server>) => ["--", "sh", "-c", server(...habit)];
const gatewayPort = () => planeOf(home)!.gatewayPort;

describe("the commands, without a plane", () => {
  it.each(["claude-code", "claude-desktop", "cursor", "vscode", "codex", "gemini"])(
    "config %s prints what starts this very command, and starts nothing",
    async (client) => {
      const { exitCode, stdout, stderr } = await runCli(home, "config", client);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(bin);
      expect(stdout).toContain("mcp");
      expect(stderr).toMatch(/:\n$/);
      if (!["claude-code", "codex"].includes(client)) expect(JSON.parse(stdout)).toBeTypeOf("object");
      expect(planeOf(home)).toBe(undefined);
    },
  );

  it("doctor finds a machine that can, and no plane, and starts none", async () => {
    const { exitCode, stdout } = await runCli(home, "doctor", "--json");
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true });
    expect(planeOf(home)).toBe(undefined);
  });
});

describe("the commands, on one plane", () => {
  let url: string;
  let port: number;

  it("start --json starts plane and preview, and prints the preview alone", async () => {
    const { exitCode, stdout, stderr } = await runCli(home, "start", "--json", ...words("chatty"));
    expect(stderr).toContain("starting the plane");
    expect(exitCode).toBe(0);
    const preview = previewOutput.parse(JSON.parse(stdout));
    expect(preview).toMatchObject({ serving: true, name: "web", repoDir: home.workspace });
    url = preview.previewUrl!;
    port = preview.port!;
    expect((await get(url, gatewayPort())).body).toContain("<title>chatty</title>");
  });

  it("url prints the same URL and nothing else, and tells a person when it ends", async () => {
    const again = await runCli(home, "url");
    expect(again).toMatchObject({ exitCode: 0, stdout: `${url}\n` });
    expect(again.stderr).toMatch(/^[^\n]*20\d\d-\d\d-\d\dT[^\n]*\n$/);
    const below = await runCli(home, "url", "web", "--path", "/docs?q=1");
    expect(below.stdout).toBe(`${url}docs?q=1\n`);
  });

  it("start again reuses it, for a person", async () => {
    const { exitCode, stdout } = await runCli(home, "start");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^web of workspace-[0-9a-f]{8} is ready, it was running\n/);
    expect(stdout).toContain(url);
  });

  it("list shows it, as a table or as one document", async () => {
    const table = await runCli(home, "list");
    expect(table.stdout.split("\n")[0]).toMatch(/^NAME +STATUS +PORT +URL +LINK UNTIL +COMMAND$/);
    expect(table.stdout).toContain(url);
    const document = await runCli(home, "list", "--json");
    expect(listOutput.parse(JSON.parse(document.stdout)).previews).toMatchObject([{ name: "web", previewUrl: url }]);
    expect([table.stderr, document.stderr]).toEqual(["", ""]);
  });

  it("logs prints what the server wrote, without its secrets", async () => {
    const { exitCode, stdout } = await runCli(home, "logs", "-n", "200");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("line 99\n");
    expect(stdout).not.toContain("hunter2");
    const found = await runCli(home, "logs", "--grep", "line 42");
    expect(found.stdout).toBe("line 42\n");
  });

  it("logs -f prints a line as it is written, and ends at Ctrl-C", async () => {
    expect((await runCli(home, "start", "--name", "talker", "--", "node", talker)).exitCode).toBe(0);
    const following = startCli(home, "logs", "talker", "-f");
    await following.prints("the talker listens");
    const address = (await runCli(home, "url", "talker", "--path", "/said-later")).stdout.trim();
    expect(following.stdout()).not.toContain("/said-later");
    await get(address, gatewayPort());
    await following.prints("GET /said-later\n");
    following.interrupt();
    expect((await following.ended).exitCode).toBe(130);
  });

  it("logs -f ends by itself when the server is stopped", async () => {
    const following = startCli(home, "logs", "talker", "-f");
    await following.prints("the talker listens");
    expect((await runCli(home, "stop", "talker")).exitCode).toBe(0);
    const stoppedAt = Date.now();
    expect((await following.ended).exitCode).toBe(0);
    expect(Date.now() - stoppedAt).toBeLessThan(8000);
  });

  it("start of a command that crashes ends with 4, and says why", async () => {
    const document = await runCli(home, "start", "--name", "crashing", "--json", ...words("exits-at-once", 7));
    expect(document.exitCode).toBe(4);
    const preview = previewOutput.parse(JSON.parse(document.stdout));
    expect(preview).toMatchObject({ serving: false, status: "crashed", exitCode: 7, problems: [{ code: "exited" }] });
    expect(preview.logTail).toContain("boom: no such thing");
    const text = await runCli(home, "start", "--name", "crashing", ...words("exits-at-once", 7));
    expect(text.exitCode).toBe(4);
    expect(text.stdout).toContain("boom: no such thing");
    expect(text.stdout).toContain("exited:");
  });

  it("serve, while a plane runs, ends with 3 and names that plane", async () => {
    const { controlUrl, pid } = planeOf(home)!;
    const text = await runCli(home, "serve");
    expect(text).toMatchObject({ exitCode: 3, stdout: "" });
    expect(text.stderr).toContain(controlUrl);
    expect(text.stderr).toContain(`pid ${pid}`);
    const document = await runCli(home, "serve", "--json");
    expect(document.exitCode).toBe(3);
    expect(JSON.parse(document.stdout)).toMatchObject({ error: { code: "plane_already_running" } });
    expect((await get(url, gatewayPort())).status).toBe(200);
  });

  it("doctor finds the plane, its database and its gateway", async () => {
    const { exitCode, stdout } = await runCli(home, "doctor", "--json");
    expect(exitCode).toBe(0);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { name: string; status: string }[] };
    expect(ok).toBe(true);
    expect(checks).toContainEqual({
      name: "plane",
      status: "ok",
      detail: expect.stringContaining(planeOf(home)!.controlUrl),
    });
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
  });

  it("project add, list and remove keep the list of projects", async () => {
    await mkdir(join(home.workspace, "packages", "shop"), { recursive: true });
    const added = await runCli(home, "project", "add", "packages/shop", "--slug", "shop", "--json");
    const shop = { slug: "shop", workspaceRoot: join(home.workspace, "packages", "shop") };
    expect(projectOutput.parse(JSON.parse(added.stdout))).toMatchObject(shop);
    const listed = await runCli(home, "project", "list", "--json");
    const projects = (JSON.parse(listed.stdout) as { projects: unknown[] }).projects;
    expect(projects).toHaveLength(2);
    expect(projects).toContainEqual(expect.objectContaining(shop));
    expect((await runCli(home, "project", "list")).stdout).toMatch(/^PROJECT +PORT +DIRECTORY\n/);
    expect(await runCli(home, "project", "remove", "shop")).toMatchObject({
      exitCode: 0,
      stdout: "shop is forgotten\n",
    });
    const gone = await runCli(home, "project", "remove", "shop", "--json");
    expect(gone.exitCode).toBe(1);
    expect(JSON.parse(gone.stdout)).toMatchObject({ error: { code: "project_not_found" } });
  });

  it("a wrong argument ends with 2, and nothing on stdout", async () => {
    for (const args of [
      ["stop", "--every"],
      ["start", "--port", "http"],
      ["config", "emacs"],
      ["logs", "Not A Name"],
    ])
      expect(await runCli(home, ...args)).toMatchObject({ exitCode: 2, stdout: "" });
  });

  it("stop ends it: the port is free, the link has ended, and a second stop finds nothing", async () => {
    const { exitCode, stdout } = await runCli(home, "stop", "web", "--json");
    expect(exitCode).toBe(0);
    expect(stopOutput.parse(JSON.parse(stdout)).stopped).toMatchObject([{ name: "web", port, status: "stopped" }]);
    expect(await isPortFree(port)).toBe(true);
    expect((await get(url, gatewayPort())).status).toBe(410);
    expect(await runCli(home, "url")).toMatchObject({ exitCode: 4 });
    expect((await runCli(home, "stop", "--all")).exitCode).toBe(0);
    expect((await runCli(home, "list")).stdout).toBe("no previews\n");
    expect(await runCli(home, "stop")).toMatchObject({ exitCode: 0 });
  });
});
