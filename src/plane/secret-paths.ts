import { dirname, resolve } from "node:path";
import type { Config } from "../settings.ts";
import type { StateDir } from "../state-dir.ts";

interface Places {
  readonly state: StateDir;
  readonly configFile?: string | undefined;
}

/**
 * What no confined launch sees, wherever it lies: the plane's state, its configuration, the key of its
 * certificate, and the folders of all orgs, of which it has its own workspace.
 */
export function secretPaths(
  { orgWorkspaces, tlsCert, tlsKey }: Pick<Config, "orgWorkspaces" | "tlsCert" | "tlsKey">,
  { state, configFile }: Places,
): string[] {
  const [beforeOrg] = orgWorkspaces?.split("{org}") ?? [];
  // `/srv/team-{org}`: the folder that holds them
  const orgs = beforeOrg === undefined ? undefined : dirname(`${beforeOrg}x`);
  const files = [configFile, tlsCert, tlsKey].filter((path) => path !== undefined);
  return [state.root, ...files.map((path) => resolve(path)), ...(orgs === undefined || orgs === "/" ? [] : [orgs])];
}
