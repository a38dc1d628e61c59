import { realpath, stat } from "node:fs/promises";
import { PreviewError } from "../../errors.ts";
import { isInside } from "../../inside.ts";
import { quoted } from "../../plain-words.ts";
import type { PortUse, PortUser } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";
import type { PreviewRecord, ProjectRecord } from "../record.ts";

/** Whose server listens on a port, as far as one project is concerned. */
export type PortOwner =
  /** A server that somebody started in the project's workspace. */
  | { readonly kind: "workspace"; readonly holder: PortUser; readonly directory: string; readonly sockets: Sockets }
  /** The dev server of one of the project's own previews. */
  | { readonly kind: "launch"; readonly preview: PreviewRecord; readonly sockets: Sockets }
  | { readonly kind: "plane" | "stranger" | "nobody" };

type Sockets = readonly string[];
type Deps = Pick<PreviewDeps, "db" | "sandbox" | "self" | "settings">;

/**
 * A server belongs to a project when every process that holds its listening socket works inside the
 * project's workspace as one of its users, or all of them belong to one launch of the project. Threat:
 * through a link to it a caller would reach whatever listens on this host. So what cannot be seen counts
 * as a stranger's, and what another project or plane runs is told apart from a stranger's by nobody.
 */
export async function ownerOfPort(deps: Deps, project: ProjectRecord, port: number): Promise<PortOwner> {
  if (deps.settings.ownPorts.includes(port)) return { kind: "plane" };
  const launched = (await deps.db.previews.listLive(deps.sandbox.id)).filter(({ attached }) => !attached);
  const use = await deps.sandbox.portUse(port, launched.flatMap(launchedProcess));
  if (use.sockets.length === 0) return { kind: "nobody" };
  if (use.hidden) return { kind: "stranger" };
  const stateDir = await realpath(deps.settings.stateDir);
  if (use.holders.some((holder) => isPlanes(deps.self, stateDir, holder))) return { kind: "plane" };
  const preview = launchOf(use, launched);
  if (preview !== undefined) {
    return preview.projectId === project.id ? { kind: "launch", preview, sockets: use.sockets } : { kind: "stranger" };
  }
  return await ownerByDirectory(deps, project, use);
}

/** The same server, by its process, and at least one socket that stayed open: nobody else had the port in between. */
export function isSameServer(one: PortOwner, other: PortOwner): boolean {
  if (!("sockets" in one && "sockets" in other)) return false;
  if (!one.sockets.some((socket) => other.sockets.includes(socket))) return false;
  if (one.kind === "launch") return other.kind === "launch" && one.preview.launchId === other.preview.launchId;
  const [before, after] = [one.holder.process, other.kind === "workspace" ? other.holder.process : undefined];
  return before.pid === after?.pid && before.startTime === after.startTime;
}

/** Why a port is refused; a stranger's, another project's and another plane's are refused in the same words. */
export function portRefusal(
  owner: Extract<PortOwner, { kind: "plane" | "stranger" | "nobody" }>,
  project: ProjectRecord,
  port: number,
): PreviewError {
  switch (owner.kind) {
    case "nobody":
      return new PreviewError(
        "preview_not_found",
        `this project has no preview with port ${port}, and nobody listens there`,
        {
          hint: "Start the server first, or let dev_preview_start do it; dev_preview_list shows the project's previews.",
        },
      );
    case "plane":
      return new PreviewError("port_not_ours", `port ${port} is the plane's own (control, gateway or database)`, {
        hint: "Pass the port of the project's dev server.",
      });
    case "stranger":
      return new PreviewError(
        "port_not_ours",
        `port ${port} is held by a process that was not shown to belong to this project`,
        {
          hint: `Start the server with its working directory inside ${quoted(project.workspaceRoot, 300)}, as the plane's user or the workspace's owner, or let dev_preview_start start it.`,
        },
      );
  }
}

function launchedProcess({
  launchId,
  process,
}: PreviewRecord): { launchId: string; process: NonNullable<PreviewRecord["process"]> }[] {
  return process === undefined ? [] : [{ launchId, process }];
}

/** The plane itself, its gateway, and the embedded database, which works in the state directory. */
function isPlanes(self: Deps["self"], stateDir: string, { process, directory }: PortUser): boolean {
  return process.pid === self.pid || worksIn(directory, stateDir);
}

/** The one live launch that every holder belongs to. */
function launchOf({ holders }: PortUse, launched: readonly PreviewRecord[]): PreviewRecord | undefined {
  const preview = launched.find(({ launchId }) => launchId === holders[0]?.launchId);
  return holders.every(({ launchId }) => launchId === preview?.launchId) ? preview : undefined;
}

async function ownerByDirectory(
  { db }: Pick<Deps, "db">,
  { workspaceRoot }: ProjectRecord,
  { holders, sockets }: PortUse,
): Promise<PortOwner> {
  const [holder] = holders;
  const users = await usersOf(workspaceRoot);
  // a process with a marker is a launch's, even where it works in this workspace: of another project or plane
  const inside = holders.every(
    ({ directory, launchId, user }) => launchId === undefined && users.has(user) && worksIn(directory, workspaceRoot),
  );
  if (holder?.directory === undefined || !inside) return { kind: "stranger" };
  const [inner, planes] = await Promise.all([db.projects.rootsBelow(workspaceRoot), db.planes.all()]);
  const foreign = holders.some(
    ({ directory, process }) =>
      inner.some((root) => worksIn(directory, root)) ||
      planes.some(({ pid, startTime }) => pid === process.pid && startTime === process.startTime),
  );
  return foreign ? { kind: "stranger" } : { kind: "workspace", holder, directory: holder.directory, sockets };
}

/**
 * Who may serve a workspace: the plane's user and the workspace's owner. Threat: a plane of root sees
 * every process, and anybody may step into a directory that is open to all.
 */
async function usersOf(workspaceRoot: string): Promise<ReadonlySet<number | undefined>> {
  // a workspace that is gone has no owner, and nobody works in it
  const workspace = await stat(workspaceRoot).catch(() => undefined);
  return new Set([process.geteuid?.(), workspace?.uid].filter((user) => user !== undefined));
}

/** A process whose directory cannot be told is nowhere. Both are real paths. */
function worksIn(directory: string | undefined, root: string): boolean {
  return directory !== undefined && isInside(directory, root);
}
