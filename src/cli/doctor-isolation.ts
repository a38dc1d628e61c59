import { readPlaneFile } from "../client/plane-file.ts";
import { isProcessAlive } from "../client/process-start.ts";
import type { Places } from "../sandbox/cgroups/find-places.ts";
import { findPlaces, readTables } from "../sandbox/cgroups/find-places.ts";
import { controllers } from "../sandbox/cgroups/limits.ts";
import type { IsolationSupport } from "../sandbox/driver.ts";
import { callFilter } from "../sandbox/isolation/call-filter.ts";
import { tryHost } from "../sandbox/isolation/try-host.ts";
import type { Config } from "../settings.ts";
import { stateDir } from "../state-dir.ts";
import { fail, ok, warn } from "./doctor-check.ts";
import type { Check } from "./doctor-check.ts";

interface Host {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string>>;
}

/** Whether launches can be kept apart, and bounded, on this host: as the running plane may, where one runs. */
export async function checkConfinement(config: Config, host: Host): Promise<Check[]> {
  const { support } = await tryHost({ ...host, filtersCalls: callFilter(process.arch) !== undefined });
  const places = host.platform === "linux" ? findPlaces(readTables(planeProcess(config))) : noPlaces(host);
  return [isolationCheck(support, config), limitsCheck(places)];
}

/** Projects of the plane's own org need none: without it the plane still serves them. */
export function isolationCheck(
  support: IsolationSupport,
  { isolation, dangerouslyShareHost }: Pick<Config, "isolation" | "dangerouslyShareHost">,
): Check {
  if (dangerouslyShareHost)
    return warn("isolation", "projects of all orgs share this host", "Unset dangerouslyShareHost to keep them apart.");
  if (!support.available) {
    const fix = "Install bubblewrap and allow user namespaces; until then such projects are refused.";
    if (isolation === "all") return fail("isolation", support.reason, fix);
    return warn("isolation", `projects of other orgs cannot run here: ${support.reason}`, fix);
  }
  const { gaps } = support;
  if (gaps === undefined) return ok("isolation", "projects are kept apart by bubblewrap, seccomp and Landlock");
  return warn("isolation", `projects are kept apart, but ${gaps.join("; ")}`, "Install perl, on Linux 6.12 or later.");
}

export function limitsCheck({ places, reason }: Places): Check {
  const held = controllers.filter((name) => places.some((place) => place.controllers.includes(name)));
  const where = places.filter((place) => place.controllers.length > 0).map(({ directory }) => directory);
  const enforced = `${held.join(", ")} of launches by control groups (${where.join(", ")})`;
  if (reason === undefined) return ok("limits", enforced);
  return warn(
    "limits",
    held.length === 0 ? reason : `${enforced}; ${reason}`,
    "Let the plane make control groups: run it as a service of systemd's with Delegate=yes. Until then processes are bounded one by one.",
  );
}

/** Where a plane runs, its control groups count, not those of this command. */
function planeProcess(config: Config): number | "self" {
  const plane = readPlaneFile(stateDir(config.stateDir).planeFile);
  return plane !== undefined && isProcessAlive(plane.pid, plane.startTime) ? plane.pid : "self";
}

function noPlaces({ platform }: Host): Places {
  return { places: [], reason: `there are no control groups on ${platform}` };
}
