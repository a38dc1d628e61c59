import { execaSync } from "execa";
import { PreviewError } from "../errors.ts";
import { readBootId, readStat } from "./proc-stat.ts";
import { parseProcesses, psArguments, psEnv } from "./ps-view.ts";

/** Start time of a living process, comparable with `ProcessIdentity.startTime`: what a plane records of itself. */
export function processStartTime(pid: number): string {
  const startTime = process.platform === "darwin" ? fromPs(pid) : fromProc(pid);
  if (startTime !== undefined) return startTime;
  throw new PreviewError("sandbox_unsupported", `the start time of process ${pid} cannot be read`, {
    hint: "Run on Linux with /proc mounted, or on macOS.",
  });
}

function fromProc(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat && `${readBootId()}:${stat.startTicks}`;
}

function fromPs(pid: number): string | undefined {
  const { stdout } = execaSync("ps", [...psArguments, "-p", String(pid)], { env: psEnv, reject: false });
  return parseProcesses(stdout).get(pid)?.startTime;
}
