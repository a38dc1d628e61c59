import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isProcessAlive, processStart } from "../../src/client/process-start.ts";
import { bin, createPlace, listenAsPlane } from "./support/run-cli.ts";
import type { Place } from "./support/run-cli.ts";

let place: Place;
const closing: (() => Promise<void>)[] = [];
beforeEach(() => {
  place = createPlace();
});
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
  place.remove();
});

async function connect(args: readonly string[] = [], env: Record<string, string> = {}, cwd = place.project) {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [bin, "mcp", ...args],
    cwd,
    env: { ...place.env, ...env },
    stderr: "ignore",
  });
  const client = new Client({ name: "test", version: "0" });
  await client.connect(transport);
  closing.push(() => client.close());
  return { client, pid: transport.pid! };
}

async function plane(planeId?: string) {
  const control = await listenAsPlane(place, planeId);
  let open = true;
  const close = async () => {
    if (!open) return;
    open = false;
    await control.close();
  };
  closing.push(close);
  return { ...control, close };
}

describe("the stdio front", () => {
  it("lists its tools without leaving a file, a process or a plane", async () => {
    const { client, pid } = await connect();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("dev_preview_start");
    if (existsSync("/proc/self/task")) expect(childrenOf(pid)).toEqual([]);
    expect(readdirSync(place.home)).toEqual(["shop"]);
    expect(readdirSync(place.project)).toEqual([]);
  });

  it("ends when its client goes away", async () => {
    const { client, pid } = await connect();
    const start = processStart(pid);
    await client.close();
    await until(() => !isProcessAlive(pid, start));
  });

  it("calls the running plane about its working tree, in one session", async () => {
    const control = await plane();
    const { client } = await connect();
    const started = await client.callTool({ name: "dev_preview_start", arguments: {} });
    expect(started.structuredContent).toMatchObject({ serving: true, name: "web" });
    await client.callTool({ name: "dev_preview_list", arguments: {} });
    const [put, start, , list] = control.calls;
    expect(put).toMatchObject({ method: "putProject", input: { workspaceRoot: place.project } });
    expect(start!.context.projectSlug).toMatch(/^shop-[0-9a-f]{8}$/);
    expect(start!.context.sessionId).toMatch(/^stdio-/);
    expect(list!.context.sessionId).toBe(start!.context.sessionId);
    expect(list!.context.requestId).not.toBe(start!.context.requestId);
  });

  it("starts the package that its client works in, unless the call names a directory", async () => {
    const control = await plane();
    mkdirSync(join(place.project, ".git"));
    mkdirSync(join(place.project, "apps/web"), { recursive: true });
    writeFileSync(join(place.project, "apps/web/package.json"), "{}");
    const { client } = await connect([], {}, join(place.project, "apps/web"));
    await client.callTool({ name: "dev_preview_start", arguments: {} });
    await client.callTool({ name: "dev_preview_start", arguments: { repoDir: "." } });
    const starts = control.calls.filter(({ method }) => method === "start");
    expect(starts.map(({ input }) => input)).toMatchObject([{ repoDir: "apps/web" }, { repoDir: "." }]);
    expect(control.calls[0]).toMatchObject({ method: "putProject", input: { workspaceRoot: place.project } });
    const other = await connect(["--project", "other"], {}, join(place.project, "apps/web"));
    await other.client.callTool({ name: "dev_preview_start", arguments: {} });
    expect(control.calls.findLast(({ method }) => method === "start")!.input).not.toHaveProperty("repoDir");
  });

  it.each([
    ["flags", ["--project", "other"], {}],
    ["the environment", [], { DEV_PREVIEW_PROJECT: "other" }],
  ])("is about the project that %s name, and registers nothing", async (_, args, env) => {
    const control = await plane();
    const { client } = await connect(args, env);
    await client.callTool({ name: "dev_preview_list", arguments: {} });
    expect(control.calls.map(({ method, context }) => [method, context.projectSlug])).toEqual([["list", "other"]]);
  });

  it("finds the plane that came after the one it called before", async () => {
    const first = await plane("plane-1");
    const { client } = await connect(["--project", "shop"]);
    await client.callTool({ name: "dev_preview_start", arguments: {} });
    await first.close();
    const second = await plane("plane-2");
    const listed = await client.callTool({ name: "dev_preview_list", arguments: {} });
    expect(listed.isError).not.toBe(true);
    expect(second.calls.map(({ method }) => method)).toEqual(["list"]);
  });

  it("tells a call what keeps it from a plane, and starts none for a call that can only be refused", async () => {
    const { client } = await connect(["--root", "/does/not/exist"]);
    const answer = await client.callTool({ name: "dev_preview_list", arguments: {} });
    expect(answer.isError).toBe(true);
    expect(JSON.stringify(answer.content)).toContain("--root");
    expect(existsSync(place.state.root)).toBe(false);
  });
});

function childrenOf(pid: number): number[] {
  const threads = readdirSync(`/proc/${pid}/task`);
  const lists = threads.map((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8"));
  return lists.join(" ").split(/\s+/).filter(Boolean).map(Number);
}

async function until(done: () => boolean): Promise<void> {
  const deadline = performance.now() + 15_000;
  while (!done()) {
    if (performance.now() > deadline) throw new Error("not in time");
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}
