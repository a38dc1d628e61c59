import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { request } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createClient } from "../../../src/client/client.ts";
import type { PlaneRecord } from "../../../src/client/plane-file.ts";
import { stateDir } from "../../../src/state-dir.ts";
import { processesWithEnv } from "../../support/processes.ts";
import type { SeenProcess } from "../../support/processes.ts";

/** The shipped command. */
export const bin = fileURLToPath(new URL("../../../dist/cli/bin.js", import.meta.url));

export interface PlaneHome {
  /** State directory of planes; they come and go, it stays. */
  readonly state: string;
  readonly workspace: string;
  readonly env: NodeJS.ProcessEnv;
  /** Every living process that was started with this environment, or by one that was: planes, fronts, dev servers. */
  processes(): SeenProcess[];
  remove(): void;
}

/** A state directory and an empty workspace; more environment for planes of it. */
export async function makePlaneHome(extra: NodeJS.ProcessEnv = {}): Promise<PlaneHome> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "dpp-e2e-")));
  const state = join(directory, "state");
  const workspace = join(directory, "workspace");
  await mkdir(workspace);
  const { VITEST: _, NODE_ENV: __, ...inherited } = process.env;
  return {
    state,
    workspace,
    env: {
      ...inherited,
      DEV_PREVIEW_CONTROL_PORT: "0",
      DEV_PREVIEW_STATE_DIR: state,
      DEV_PREVIEW_STOP_GRACE_SECONDS: "1",
      // most tests end a plane whatever is open
      DEV_PREVIEW_DRAIN_SECONDS: "0",
      // dev servers inherit none of the plane's own settings, but they do inherit this
      E2E_HOME: directory,
      ...extra,
    },
    processes: () => processesWithEnv(`E2E_HOME=${directory}`),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

export type PlaneProcess = Awaited<ReturnType<typeof startPlaneProcess>>;

/** By default as the test, in its control group. */
interface RunAs {
  readonly user?: number | undefined;
  /** Directory of the group that the plane is started in. */
  readonly group?: string | undefined;
}

function wordsOf({ user, group }: RunAs): string[] {
  const enter = group === undefined ? [] : ["sh", "-c", 'echo 0 >"$0/cgroup.procs" && exec "$@"', group];
  const become = user === undefined ? [] : ["setpriv", `--reuid=${user}`, `--regid=${user}`, "--clear-groups", "--"];
  return [...enter, ...become];
}

/** `dev-preview serve` as a process of its own. Without a configured gateway port it keeps the one it had. */
export async function startPlaneProcess(home: PlaneHome, runAs: RunAs = {}) {
  const [program, ...args] = [...wordsOf(runAs), process.execPath, bin, "serve"];
  const child = spawn(program, args, { env: home.env, stdio: ["ignore", "ignore", "pipe"] });
  let log = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (log += text));
  const plane = await readyPlane(home, child, () => log);
  const token = readFileSync(stateDir(home.state).tokenFile, "utf8").trim();
  const client = createClient({ url: plane.controlUrl, token, project: "app" });
  await client.projects.put("app", { workspaceRoot: home.workspace });
  return {
    ...plane,
    token,
    client,
    log: () => log,
    /** GET as a browser would send it. */
    get: (url: string) => get(url, plane.gatewayPort),
    /** SIGKILL, and waits until it is gone. */
    kill9: () => end(child, "SIGKILL"),
    stop: () => end(child, "SIGTERM"),
  };
}

async function readyPlane(home: PlaneHome, child: ChildProcess, log: () => string) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const record = planeRecordOf(home);
    if (record !== undefined && record.pid === child.pid) return record;
    if (child.exitCode !== null) throw new Error(`the plane ended with ${child.exitCode}:\n${log()}`);
    if (Date.now() > deadline) throw new Error(`the plane is not ready:\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What the plane of a home wrote of itself; also of another user's, which the product does not believe. */
export function planeRecordOf(home: PlaneHome): PlaneRecord | undefined {
  const { planeFile } = stateDir(home.state);
  if (!existsSync(planeFile)) return undefined;
  const text = readFileSync(planeFile, "utf8");
  return text === "" ? undefined : (JSON.parse(text) as PlaneRecord);
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export function get(url: string, gatewayPort: number, headers: Record<string, string> = {}): Promise<Answer> {
  const { host, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port: gatewayPort,
      path: pathname + search,
      headers: { host, ...headers },
      agent: false,
    };
    const outgoing = request(options, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    outgoing.on("error", reject).end();
  });
}
