import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { writePlaneFile } from "../../../src/client/plane-file.ts";
import { stateDir } from "../../../src/state-dir.ts";
import { listenControl, token } from "../../api/support/control-listener.ts";

export const bin = fileURLToPath(new URL("../../../dist/cli/bin.js", import.meta.url));

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Directories of one test: a home, a project in it, and a state directory that does not exist yet. */
export function createPlace() {
  const home = realpathSync(mkdtempSync(join(tmpdir(), "dpp-cli-")));
  const project = join(home, "shop");
  mkdirSync(project);
  const state = stateDir(join(home, "state"));
  const env = { PATH: process.env["PATH"] ?? "", HOME: home, DEV_PREVIEW_STATE_DIR: state.root };
  return { home, project, state, env, remove: () => rmSync(home, { recursive: true, force: true }) };
}

export type Place = ReturnType<typeof createPlace>;

/** Runs the built command to its end; it is killed when it takes longer than a minute. */
export function runCli(
  place: Place,
  args: readonly string[],
  options: { env?: Record<string, string>; cwd?: string; onStart?: (interrupt: () => void) => void } = {},
): Promise<CliRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [bin, ...args], {
      cwd: options.cwd ?? place.project,
      env: { ...place.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 60_000,
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
    options.onStart?.(() => child.kill("SIGINT"));
  });
}

/** A control listener in this process that passes for the plane of the place's state directory. */
export async function listenAsPlane(place: Place, planeId = "plane-1") {
  const control = await listenControl({ planeId });
  mkdirSync(place.state.root, { recursive: true, mode: 0o700 });
  writeFileSync(place.state.tokenFile, `${token}\n`, { mode: 0o600 });
  writePlaneFile(place.state.planeFile, {
    planeId,
    version: "0.1.0",
    controlUrl: control.url,
    gatewayPort: 4781,
    startedAt: new Date().toISOString(),
  });
  return control;
}
