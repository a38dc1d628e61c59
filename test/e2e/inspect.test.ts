import { execFile as execFileWithCallback } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { cp, mkdir, readdir, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { watchBrowserProcesses } from "../inspect/support/browser-processes.ts";
import { noBrowser, pagesCommand } from "../inspect/support/inspected-plane.ts";
import { until } from "../support/until.ts";
import { endHome } from "./support/end-home.ts";
import { copyExample } from "./support/example-copy.ts";
import type { ExampleName } from "./support/example-copy.ts";
import { nextApp, viteReact } from "./support/hot-reload.ts";
import { callOncePlaneRuns, failureOf, httpClients, outputOf, stdioClients } from "./support/mcp-clients.ts";
import type { McpClient } from "./support/mcp-clients.ts";
import { makePlaneHome, startPlaneProcess } from "./support/plane-process.ts";
import type { PlaneHome, PlaneProcess } from "./support/plane-process.ts";
import { stdioFront } from "./support/stdio-front.ts";

let home: PlaneHome;
let client: McpClient | undefined;
let browserProcesses: () => { readonly pid: number }[];

async function openHome(env: NodeJS.ProcessEnv = {}): Promise<void> {
  home = await makePlaneHome({ DEV_PREVIEW_LOG_LEVEL: "warn", ...env });
  browserProcesses = watchBrowserProcesses(join(home.state, "browser"));
}
beforeEach(() => openHome());
afterEach(async () => {
  await client?.close();
  client = undefined;
  await endHome(home);
  await until("no browser is left", () => browserProcesses().length === 0);
});

/** The first browser of a loaded machine may take its time. */
const patiently = { waitSeconds: 45 };

async function seeThePage(mcp: McpClient): Promise<void> {
  const started = outputOf(await callOncePlaneRuns(mcp, "dev_preview_start", { command: pagesCommand, ...patiently }));
  const report = outputOf(await mcp.call("dev_preview_check", patiently));
  expect(report).toMatchObject({ httpStatus: 200, title: "Fine", blank: false, consoleErrors: [], failedRequests: [] });
  expect(JSON.stringify(report)).not.toContain(started["token"]);
  const { content, structuredContent } = await mcp.call("dev_preview_screenshot", patiently);
  expect(structuredContent).toBeUndefined();
  expect(content).toEqual([{ type: "image", mimeType: "image/png", data: expect.stringMatching(/^iVBOR/) }]);
}

async function disposableCopy(name: ExampleName) {
  const copy = await copyExample(name);
  return { ...copy, [Symbol.asyncDispose]: () => copy.close() };
}

describe.skipIf(noBrowser !== undefined)(`the toolset inspect of the shipped command ${noBrowser ?? ""}`, () => {
  it.each([stdioClients[0]!, stdioClients[2]!])("shows a page to the $title", async ({ connect }) => {
    const front = stdioFront(home);
    client = await connect({ ...front, args: [...front.args, "--toolsets", "inspect"] });
    expect((await client.listTools()).map(({ name }) => name)).toContain("dev_preview_screenshot");
    await seeThePage(client);
  });

  it.each(httpClients)("shows a page to the $title", async ({ connect }) => {
    const plane = await startPlaneProcess({ ...home, env: { ...home.env, DEV_PREVIEW_TOOLSETS: "inspect" } });
    client = await connect({ url: new URL("/mcp", plane.controlUrl), token: plane.token, projectSlug: "app" });
    await client.listTools();
    await seeThePage(client);
  });

  it("is off unless it is asked for", async () => {
    client = await stdioClients[0]!.connect(stdioFront(home));
    expect((await client.listTools()).map(({ name }) => name)).not.toContain("dev_preview_check");
  });

  it("sees a preview under a real domain behind https, where neither DNS nor edge leads to it", async () => {
    await endHome(home);
    await openHome({
      DEV_PREVIEW_DOMAIN: "preview.example.com",
      DEV_PREVIEW_PUBLIC_SCHEME: "https",
      DEV_PREVIEW_PUBLIC_PORT: "443",
    });
    const plane = await startPlaneProcess(home);
    await plane.client.start({ command: pagesCommand, ...patiently });
    const path = "/socket-page";
    expect(await plane.client.check({ path, ...patiently })).toMatchObject({
      httpStatus: 200,
      title: "socket: hello",
      finalUrl: expect.stringMatching(/^https:\/\/\d+-\[redacted\]\.preview\.example\.com\/socket-page$/),
      consoleErrors: [],
      failedRequests: [],
    });
  });

  it.each([viteReact, nextApp])("tells how $name shows, breaks, and shows again", async ({ name, file, title }) => {
    const heading = "Hello from a dev preview";
    await using copy = await disposableCopy(name);
    const plane = await startPlaneProcess({ ...home, workspace: copy.root });
    const check = () => plane.client.check(patiently);
    expect(await plane.client.start(patiently)).toMatchObject({ serving: true });
    const fine = { httpStatus: 200, title, blank: false, consoleErrors: [], pageErrors: [], failedRequests: [] };
    const healthy = await check();
    expect(healthy).toMatchObject(fine);
    expect(healthy).not.toHaveProperty("errorOverlay");
    await copy.edit(file, heading, "{");
    await expect.poll(check, { timeout: 60_000 }).toMatchObject({
      errorOverlay: expect.stringContaining(basename(file)),
      next: expect.stringContaining("errorOverlay"),
    });
    await copy.edit(file, ">{<", `>${heading}<`);
    await expect.poll(check, { timeout: 60_000 }).toEqual({ ...healthy, loadMs: expect.any(Number) });
    await plane.client.stop({ all: true });
  });

  it("cannot be used to reach the plane", async () => {
    const plane = await startPlaneProcess(home);
    await plane.client.start({ command: pagesCommand, ...patiently });
    const targets = [
      plane.controlUrl,
      plane.controlUrl.replace("127.0.0.1", "x.localhost"),
      `http://127.0.0.1:${plane.gatewayPort}`,
    ];
    const query = targets.map((target) => `to=${encodeURIComponent(`${target}/healthz`)}`).join("&");
    const report = await plane.client.check({ path: `/fetches?${query}`, ...patiently });
    expect(report.title).toBe("no,no,no");
    expect(report.failedRequests).toHaveLength(3);
    for (const { error } of report.failedRequests) expect(error).toMatch(/^blocked: a port of the plane itself$/);
  });

  it("loses its browser with a plane that is killed, and the next plane starts afresh", async () => {
    const looked = async (plane: PlaneProcess) =>
      await plane.client.check(patiently).then((report) => expect(report).toMatchObject({ title: "Fine" }));
    const first = await startPlaneProcess(home);
    await first.client.start({ command: pagesCommand, ...patiently });
    await looked(first);
    expect(browserProcesses().length).toBeGreaterThan(5);
    await first.kill9();
    await until("no browser is left", () => browserProcesses().length === 0);
    const left = readdirSync(join(home.state, "browser"));
    const second = await startPlaneProcess(home);
    await looked(second);
    expect(readdirSync(join(home.state, "browser"))).not.toEqual(expect.arrayContaining(left));
    await second.client.stop({ all: true });
    await second.stop();
    expect(browserProcesses()).toEqual([]);
    expect(readdirSync(join(home.state, "browser"))).toEqual([]);
  });

  it("lets a plane close that is looking at a page", async () => {
    const plane = await startPlaneProcess(home);
    await plane.client.start({ command: pagesCommand, ...patiently });
    const looking = plane.client.check({ path: "/slow", ...patiently }).catch((error: unknown) => error);
    await until("it looks", async () => (await plane.client.logs({ grep: "GET /slow" })).lines.length > 0, 60_000);
    await plane.stop();
    expect(await looking).toMatchObject({ code: expect.stringMatching(/^(browser_failed|plane_unreachable)$/) });
    expect(browserProcesses()).toEqual([]);
    // the dev server went on: a plane is needed to end it
    await startPlaneProcess(home);
  });
});

it("the toolset inspect on a machine without a browser says what to install", async () => {
  const nowhere = join(home.state, "no-chromium");
  const plane = await startPlaneProcess({
    ...home,
    env: { ...home.env, DEV_PREVIEW_TOOLSETS: "inspect", DEV_PREVIEW_CHROMIUM_PATH: nowhere },
  });
  client = await httpClients[1]!.connect({
    url: new URL("/mcp", plane.controlUrl),
    token: plane.token,
    projectSlug: "app",
  });
  outputOf(await client.call("dev_preview_start", { command: pagesCommand, ...patiently }));
  for (const tool of ["dev_preview_check", "dev_preview_screenshot"]) {
    const result = await client.call(tool);
    expect(result.isError).toBe(true);
    expect(failureOf(result)).toContain(`there is no Chromium at ${nowhere}`);
    expect(failureOf(result)).toContain("apt-get install chromium");
    expect(failureOf(result)).toContain("code: browser_missing");
  }
  expect(existsSync(join(home.state, "browser"))).toBe(false);
});

it("the toolset inspect of a package that stands without playwright-core says what to install", async () => {
  const launcher = await packageWithout("playwright-core", home.workspace);
  const directory = join(home.state, "browser");
  // in a process of its own: the test runner finds modules in its own ways
  const program = `
    const { chromiumLauncher } = await import(${JSON.stringify(launcher)});
    const launch = chromiumLauncher({ executable: process.execPath, directory: ${JSON.stringify(directory)} });
    await launch().catch(({ code, message, hint }) => console.log(JSON.stringify({ code, message, hint })));`;
  const { stdout } = await execFile(process.execPath, ["--input-type=module", "--eval", program]);
  expect(JSON.parse(stdout)).toEqual({
    code: "browser_missing",
    message: expect.stringContaining("playwright-core is not installed"),
    hint: expect.stringContaining("npm install playwright-core"),
  });
  expect(existsSync(directory)).toBe(false);
});

const execFile = promisify(execFileWithCallback);

/** The built package in a folder where one dependency is not installed; the address of its launcher. */
async function packageWithout(dependency: string, folder: string): Promise<string> {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  await cp(join(root, "dist"), join(folder, "dist"), { recursive: true });
  await cp(join(root, "package.json"), join(folder, "package.json"));
  await mkdir(join(folder, "node_modules"));
  for (const name of await readdir(join(root, "node_modules")))
    if (name !== dependency) await symlink(join(root, "node_modules", name), join(folder, "node_modules", name));
  return pathToFileURL(join(folder, "dist/inspect/chromium.js")).href;
}
