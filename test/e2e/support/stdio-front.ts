import type { PlaneRecord } from "../../../src/client/plane-file.ts";
import { isProcessAlive } from "../../../src/client/process-start.ts";
import type { StdioPlace } from "./mcp-clients.ts";
import { bin, planeRecordOf } from "./plane-process.ts";
import type { PlaneHome } from "./plane-process.ts";

/** `dev-preview mcp` as a client starts it: in the project, with nothing but the environment. */
export function stdioFront(home: PlaneHome, root = home.workspace): StdioPlace {
  const env = Object.fromEntries(Object.entries(home.env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  return { command: process.execPath, args: [bin, "mcp"], env, cwd: root };
}

/** The running plane of a home, whoever started it. */
export function planeOf(home: PlaneHome): PlaneRecord | undefined {
  const plane = planeRecordOf(home);
  return plane !== undefined && isProcessAlive(plane.pid, plane.startTime) ? plane : undefined;
}
