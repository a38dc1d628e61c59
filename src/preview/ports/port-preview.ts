import { PreviewError } from "../../errors.ts";
import { attachServer } from "./attach-server.ts";
import type { PreviewDeps } from "../deps.ts";
import type { Actor } from "../events/events.ts";
import { nameMustAgree } from "../find-preview.ts";
import type { Launches } from "../launch/launches.ts";
import { ownerOfPort, portRefusal } from "./port-owner.ts";
import { isLive } from "../record.ts";
import type { PreviewRecord, ProjectRecord } from "../record.ts";
import type { Stops } from "../stops.ts";
import { watchPreview } from "../launch/watch-preview.ts";

/** A port of a project, and how to show it when it has no preview yet. */
export interface PortWish {
  readonly port: number;
  readonly name?: string | undefined;
  readonly linkTtlMs: number;
  readonly signed: boolean;
  /** Who asks for it. */
  readonly by: Actor;
}

/** An attach loses its claim only to another call for the same port or name. */
const attempts = 5;

/**
 * The preview of a port. A server that listens there, is the project's own and has no preview yet is
 * attached: it becomes a preview like any other. Throws `port_not_ours`, `preview_not_found` when nobody
 * listens, and `already_running` when the name is in use.
 */
export async function previewOnPort(
  deps: PreviewDeps,
  work: { readonly launches: Launches; readonly stops: Stops },
  { project, wish }: { readonly project: ProjectRecord; readonly wish: PortWish },
): Promise<PreviewRecord> {
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const known = await deps.db.previews.byPort(project.id, wish.port);
    if (known !== undefined && isLive(known) && (await stillServes(deps, known))) {
      nameMustAgree(known, wish);
      return known;
    }
    const owner = await ownerOfPort(deps, project, wish.port);
    if (owner.kind === "workspace" || owner.kind === "launch") {
      const preview = await attachServer(deps, work, { project, wish, known, owner });
      if (preview !== undefined) return preview;
    } else {
      // a launch that ended is worth telling whoever has its port by now; of a server that was attached, the port is all
      if (known === undefined || (known.attached && owner.kind !== "nobody"))
        throw portRefusal(owner, project, wish.port);
      return await latestOf(deps, known);
    }
  }
  throw new PreviewError("already_running", `port ${wish.port} is attached and stopped by others at the same time`, {
    hint: "Call dev_preview_list, then ask again.",
  });
}

/** A server that was attached may have been replaced a moment ago by who started it. */
async function stillServes(deps: PreviewDeps, known: PreviewRecord): Promise<boolean> {
  const { attached, process, launchId, sandboxId, state, stopRequestedAt } = known;
  // while it sleeps, whoever listens on its port is somebody else
  if (state === "idle" && sandboxId === deps.sandbox.id)
    return (await deps.sandbox.portHolder(known.port ?? known.requestedPort)) === undefined;
  if (!attached || sandboxId !== deps.sandbox.id || state === "starting") return true;
  if (process === undefined || stopRequestedAt !== undefined) return false;
  const { listeners } = await deps.sandbox.inspect(launchId, process);
  return listeners.some(({ port }) => port === known.port);
}

/** Nobody listens: the record may be a moment behind that. */
async function latestOf(deps: PreviewDeps, known: PreviewRecord): Promise<PreviewRecord> {
  if (known.attached && isLive(known)) await watchPreview(deps, known);
  return (await deps.db.previews.byId(known.id)) ?? known;
}
