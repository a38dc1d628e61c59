import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { localProjectFiles } from "../../../src/recipe/project-files.ts";
import { resolveLaunch } from "../../../src/recipe/resolve-launch.ts";

export interface RunningServer {
  readonly url: string;
  /** Time from spawn to the first HTTP answer. */
  readonly firstAnswerMs: number;
  close(): Promise<void>;
}

const answerWithinMs = 120_000;

/** Runs a project's dev server as its launch plan says, without any plane, until it answers. */
export async function runPlan(workspaceRoot: string): Promise<RunningServer> {
  const plan = await resolveLaunch({
    files: localProjectFiles(workspaceRoot),
    workspaceRoot,
    request: {},
    defaultCommand: "false",
    publicDomain: "localhost",
  });
  const port = await freePort();
  const { command, env } = plan.render(port);
  const startedAt = performance.now();
  const child = spawn("sh", ["-c", command], {
    cwd: plan.repoDir,
    env: { ...process.env, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
  const exited = once(child, "exit");
  const url = `http://localhost:${port}/`;
  const close = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid);
    await exited;
  };
  while (!(await answers(url))) {
    const late = performance.now() - startedAt > answerWithinMs;
    if (!late && child.exitCode === null) await sleep(20);
    else {
      await close();
      throw new Error(`${command} did not answer at ${url}; it printed: ${output}`);
    }
  }
  return { url, firstAnswerMs: performance.now() - startedAt, close };
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url).then(
    (response) => response.text().then(() => true),
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
