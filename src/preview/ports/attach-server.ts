import { PreviewError } from "../../errors.ts";
import type { ProcessIdentity } from "../../sandbox/driver.ts";
import type { PreviewDeps } from "../deps.ts";
import { forgetLaunch } from "../launch/end-processes.ts";
import type { Launches } from "../launch/launches.ts";
import { isSameServer, ownerOfPort } from "./port-owner.ts";
import type { PortOwner } from "./port-owner.ts";
import type { PortWish } from "./port-preview.ts";
import { isLive } from "../record.ts";
import type { PreviewRecord, ProjectRecord } from "../record.ts";
import type { Stops } from "../stops.ts";
import type { NewPreview } from "../store.ts";

export interface Attachment {
  readonly project: ProjectRecord;
  readonly wish: PortWish;
  /** The preview that had this port before; not one that serves it now. */
  readonly known: PreviewRecord | undefined;
  readonly owner: Extract<PortOwner, { kind: "workspace" | "launch" }>;
}

interface Work {
  readonly launches: Launches;
  readonly stops: Stops;
}

/**
 * Makes a preview of a server that was shown to be the project's own. Undefined when another call
 * claimed the name meanwhile.
 */
export async function attachServer(
  deps: PreviewDeps,
  work: Work,
  attachment: Attachment,
): Promise<PreviewRecord | undefined> {
  const { project, wish, known, owner } = attachment;
  // it is about to find out its port by itself
  if (owner.kind === "launch" && owner.preview.port === undefined) return owner.preview;
  if (known !== undefined && isLive(known)) await work.stops.endForRestart(known);
  const name = wish.name ?? (known?.attached === true ? known.name : `port-${wish.port}`);
  const before = await deps.db.previews.byName(project.id, name);
  if (before !== undefined && isLive(before)) {
    if ((before.port ?? before.requestedPort) !== wish.port) throw nameInUse(before);
    return undefined;
  }
  const claimed = await deps.db.previews.claim(newPreview(deps, name, attachment));
  if (claimed === undefined) return undefined;
  if (before?.sandboxId === deps.sandbox.id) await forgetLaunch(deps, before.launchId);
  return await adoptProcess(deps, work, { claimed, attachment });
}

/**
 * Between the first look and the claim the port may have changed hands: the owner is proven once more,
 * by process and socket. From then on each connection is proven by itself.
 */
async function adoptProcess(
  deps: PreviewDeps,
  { launches }: Work,
  { claimed, attachment }: { readonly claimed: PreviewRecord; readonly attachment: Attachment },
): Promise<PreviewRecord> {
  const { project, wish, owner } = attachment;
  const process = processOf(owner);
  const preview = await deps.db.previews.recordProcess(claimed.launchId, process);
  // stopped as soon as it was there
  if (preview === undefined) return (await deps.db.previews.byId(claimed.id)) ?? claimed;
  if (!isSameServer(owner, await ownerOfPort(deps, project, wish.port))) {
    await deps.db.previews.transition(claimed.launchId, { from: ["starting"], to: "stopped" });
    throw changedHands(wish.port);
  }
  launches.resume({ preview, process, linkTtlMs: wish.linkTtlMs, foreseen: [], secondPorts: [], company: false });
  const { id: previewId, launchId, name } = preview;
  deps.logger.info({ event: "preview.attached", previewId, launchId, name, owner: owner.kind }, "preview attached");
  return preview;
}

function processOf(owner: Attachment["owner"]): ProcessIdentity {
  if (owner.kind === "workspace") {
    const { process, parent } = owner.holder;
    return { ...process, family: { of: "process", ...(parent === undefined ? {} : { parent }) } };
  }
  const { process, launchId } = owner.preview;
  if (process === undefined) throw new Error("a launch that holds a port has no process");
  return { ...process, family: { of: "launch", launchId } };
}

function newPreview(deps: PreviewDeps, name: string, { project, wish, owner }: Attachment): NewPreview {
  return {
    projectId: project.id,
    name,
    launchId: deps.ids.launch(),
    sandboxId: deps.sandbox.id,
    planeId: deps.planeId,
    readyPath: "/",
    signed: wish.signed,
    attached: true,
    requestedPort: wish.port,
    by: wish.by,
    ...presentationOf(owner),
  };
}

/** A further port is shown as its launch is, and keeps the launch's secrets. Of a stranger's server nothing is known. */
function presentationOf(
  owner: Attachment["owner"],
): Pick<NewPreview, "command" | "repoDir" | "hostMode" | "socketScript" | "env"> {
  if (owner.kind === "launch") {
    const { command, repoDir, hostMode, socketScript, env } = owner.preview;
    return { command, repoDir, hostMode, socketScript, env };
  }
  const { holder, directory } = owner;
  return { command: holder.command, repoDir: directory, hostMode: "local", socketScript: true, env: {} };
}

function nameInUse({ name, port, requestedPort }: PreviewRecord): PreviewError {
  return new PreviewError(
    "already_running",
    `preview ${JSON.stringify(name)} is live on port ${port ?? requestedPort}`,
    {
      hint: "Pass another name, or none, or stop that preview first.",
    },
  );
}

function changedHands(port: number): PreviewError {
  return new PreviewError("port_not_ours", `port ${port} changed hands while it was attached`, {
    hint: "Wait until the server that is meant listens, then ask again.",
  });
}
