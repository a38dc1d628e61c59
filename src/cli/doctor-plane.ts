import { request } from "node:http";
import { createClient } from "../client/client.ts";
import { findPlane } from "../client/find-plane.ts";
import { readPlaneFile } from "../client/plane-file.ts";
import type { PlaneRecord } from "../client/plane-file.ts";
import { planeReadiness } from "../client/plane-readiness.ts";
import { isProcessAlive } from "../client/process-start.ts";
import type { ClientConfig } from "../settings.ts";
import { PreviewError } from "../errors.ts";
import { stateDir } from "../state-dir.ts";
import { fail, ok, warn } from "./doctor-check.ts";
import type { Check } from "./doctor-check.ts";

const answerWithinMs = 3_000;

/** What can be told of the plane that a command would use; none is started. */
export async function checkPlane(config: ClientConfig, host: { version: string; token?: string }): Promise<Check[]> {
  if (config.url !== undefined) return checkServing({ controlUrl: config.url }, host);
  const { planeFile, planeLog } = stateDir(config.stateDir);
  const plane = await findPlane(planeFile);
  if (plane === undefined) return [noPlane(planeFile, planeLog)];
  const running = `${plane.controlUrl}, version ${plane.version}, pid ${plane.pid}`;
  const same =
    plane.version === host.version
      ? ok("plane", running)
      : warn(
          "plane",
          running,
          `This is version ${host.version}: restart the plane (kill ${plane.pid}; previews go on).`,
        );
  return [same, ...(await checkServing(plane, host)), await checkGateway(plane.gatewayPort)];
}

function noPlane(planeFile: string, planeLog: string): Check {
  const left = readPlaneFile(planeFile);
  if (left !== undefined && isProcessAlive(left.pid, left.startTime))
    return fail(
      "plane",
      `pid ${left.pid} lives but does not answer at ${left.controlUrl}`,
      `Read ${planeLog}; then kill ${left.pid}: the next command starts a new plane.`,
    );
  return warn("plane", "none runs", "Nothing to do: the next command or tool call starts one.");
}

async function checkServing(plane: Pick<PlaneRecord, "controlUrl">, { token }: { token?: string }): Promise<Check[]> {
  return [await checkReadiness(plane.controlUrl), await checkAccess(plane.controlUrl, token)];
}

async function checkReadiness(controlUrl: string): Promise<Check> {
  const report = await planeReadiness(controlUrl);
  if (report === undefined)
    return fail("readiness", `${controlUrl} does not answer as a plane`, "Check the address and the plane's log.");
  if (report.database && report.gateway) return ok("readiness", "database and gateway answer");
  const missing = [report.database ? [] : ["database"], report.gateway ? [] : ["gateway"]].flat().join(" and ");
  return fail("readiness", `no answer from ${missing}`, "See the plane's log; it recovers by itself once they answer.");
}

async function checkAccess(url: string, token: string | undefined): Promise<Check> {
  try {
    const client = createClient({ url, ...(token === undefined ? {} : { token }) });
    const projects = await client.projects.list({ signal: AbortSignal.timeout(answerWithinMs) });
    return ok("access", `the token is accepted; ${projects.length} projects`);
  } catch (error) {
    if (!(error instanceof PreviewError)) throw error;
    return fail("access", error.message, error.hint);
  }
}

/** A preview's host that no link stands for: the gateway says so in its own words. */
async function checkGateway(port: number): Promise<Check> {
  const status = await gatewayStatus(port);
  if (status !== undefined) return ok("gateway", `answers for *.localhost on port ${port}`);
  return fail(
    "gateway",
    `no gateway answers on port ${port}`,
    "Another program may hold the port: set DEV_PREVIEW_GATEWAY_PORT.",
  );
}

function gatewayStatus(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const asked = request(
      { host: "127.0.0.1", port, agent: false, headers: { host: `doctor.localhost:${port}` }, timeout: answerWithinMs },
      (response) => {
        response.resume();
        const status = response.headers["x-preview-status"];
        resolve(typeof status === "string" ? status : undefined);
      },
    );
    asked.on("timeout", () => asked.destroy());
    asked.on("error", () => resolve(undefined));
    asked.end();
  });
}
