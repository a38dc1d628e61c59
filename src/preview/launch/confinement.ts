import { realpath } from "node:fs/promises";
import { PreviewError } from "../../errors.ts";
import type { LaunchSpec } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";
import type { ProjectRecord } from "../record.ts";

/** The org of the plane's own token. Its projects are the operator's, who owns the host anyway. */
export const ownOrg = "local";

/** What a launch sees of the host, and takes of it; without `confineTo` it sees what the plane does. */
export type Confinement = Pick<LaunchSpec, "confineTo" | "limits">;

/**
 * Whether the launches of a project are confined to its workspace, and bounded: those of every other org
 * than the plane's own, unless the operator lets all share the host, which leaves the bounds. Rejects with
 * `isolation_unavailable` where they must be confined and cannot.
 */
export async function confinementOf(
  { settings, sandbox }: Pick<PreviewDeps, "settings" | "sandbox">,
  { org, workspaceRoot }: Pick<ProjectRecord, "org" | "workspaceRoot">,
): Promise<Confinement> {
  if (org === ownOrg && settings.isolation !== "all") return {};
  const limits = settings.launchLimits;
  if (settings.isolation === "none") return { limits };
  const support = await sandbox.isolation();
  if (support.available) return { confineTo: workspaceRoot, limits };
  throw new PreviewError(
    "isolation_unavailable",
    `projects of org ${JSON.stringify(org)} would share this host with others: ${support.reason}`,
    {
      hint: "Install bubblewrap where the plane runs, give the org a plane of its own, or set dangerouslyShareHost (DEV_PREVIEW_DANGEROUSLY_SHARE_HOST).",
    },
  );
}

/**
 * A workspace is registered by its real path. Where another one of the same org holds it, that one's dev
 * server can put a link in its place, which leads into the folder of another org: nothing is read or
 * launched there. Throws `repo_dir_outside_workspace`; one that is gone is the launch's to tell.
 */
export async function refuseReplaced({
  org,
  workspaceRoot,
}: Pick<ProjectRecord, "org" | "workspaceRoot">): Promise<void> {
  if (org === ownOrg) return;
  const real = await realpath(workspaceRoot).catch(() => workspaceRoot);
  if (real === workspaceRoot) return;
  throw new PreviewError("repo_dir_outside_workspace", `workspace ${workspaceRoot} is a link now, to elsewhere`, {
    hint: "Put the directory back that was registered, or register the project anew.",
  });
}
