import { localProjectFiles } from "../recipe/project-files.ts";
import type { RequestContext } from "../identity/context.ts";
import { PreviewError } from "../errors.ts";
import { actorOf } from "./events/actor.ts";
import { beginLaunch, planOf, ttlOf } from "./launch/begin-launch.ts";
import type { Wish } from "./launch/begin-launch.ts";
import { maxWaitSeconds } from "./contract.ts";
import type { PreviewOutput, StartInput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import type { Claimant } from "./limits.ts";
import type { Launches } from "./launch/launches.ts";
import { settingsOfOrg } from "./org-settings.ts";
import { previewOutputOf } from "./preview-output.ts";
import type { OutputDeps } from "./preview-output.ts";
import { projectOf } from "./project-access.ts";
import { isLive } from "./record.ts";
import type { PreviewRecord, ProjectRecord } from "./record.ts";
import { awaitNews, awaitPreview } from "./launch/settle.ts";
import { sharePreview } from "./links/share-preview.ts";
import { isForeign } from "./ports/shown-server.ts";
import type { Stops } from "./stops.ts";
import type { Wakes } from "./sleep/wakes.ts";
import type { CallOptions, PreviewUseCases } from "./use-cases.ts";
import { refuseWider } from "./links/visibility.ts";

/** A start loses its claim only to another start; after this many lost claims something is wrong. */
const claimAttempts = 5;
/** A plane looks once a second whether a wake was asked of it. */
const wakeElsewhereMs = 5_000;

interface Work {
  readonly launches: Launches;
  readonly stops: Stops;
  readonly wakes: Wakes;
}

export function createStart(deps: OutputDeps, work: Work): PreviewUseCases["start"] {
  return async (context: RequestContext, input: StartInput, options: CallOptions = {}): Promise<PreviewOutput> => {
    const deadline = deps.clock.now() + Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
    refuseGated(deps, input.signed);
    const project = await projectOf(deps.db, context);
    refuseWider(deps, project.org, input);
    options.onPhase?.({ name: "resolve", message: "resolving the command" });
    refuseKeepalive(deps, project, input);
    const joined = await claimOrJoin(deps, work, { project, input, claimant: claimantOf(deps, context) });
    const preview = await sharePreview(deps, joined.preview, { ...input, by: actorOf(context.principal) });
    const unwatch = options.onPhase === undefined ? undefined : work.launches.watch(preview.launchId, options.onPhase);
    try {
      const latest = await awaitNews(deps, preview, {
        deadline,
        seen: [],
        ...(options.signal ? { signal: options.signal } : {}),
      });
      return await previewOutputOf(deps, project, latest ?? preview, {
        reused: joined.reused,
        by: actorOf(context.principal),
        ...ttlOf(input),
        ...(input.signed === undefined ? {} : { signed: input.signed }),
      });
    } finally {
      unwatch?.();
    }
  };
}

interface Joined {
  readonly preview: PreviewRecord;
  /** It was already past `starting` when the call came. */
  readonly reused: boolean;
}

/** Two concurrent starts of one (project, name) are one launch: the claim is one conditional statement. */
async function claimOrJoin(deps: PreviewDeps, work: Work, wish: Wish): Promise<Joined> {
  const { project, input } = wish;
  for (let attempt = 0; attempt < claimAttempts; attempt += 1) {
    const known = await deps.db.previews.byName(project.id, input.name);
    if (known !== undefined && isLive(known)) {
      const join = known.state === "idle" ? wakeOrEnd : joinOrEnd;
      const joined = await join(deps, work, { ...wish, known });
      if (joined !== undefined) return joined;
    }
    const begun = await beginLaunch(deps, work, { ...wish, known });
    if (begun !== undefined) return { preview: begun, reused: false };
  }
  throw new PreviewError(
    "already_running",
    `preview ${JSON.stringify(input.name)} is being started and stopped by others at the same time`,
    {
      hint: "Call dev_preview_list, then start again.",
    },
  );
}

/** The live preview to join, or undefined after it was ended. */
async function joinOrEnd(
  deps: PreviewDeps,
  work: Work,
  wish: Wish & { readonly known: PreviewRecord },
): Promise<Joined | undefined> {
  const { known, input } = wish;
  if (known.stopRequestedAt === undefined && (await stillRuns(deps, work.launches, known))) {
    if (input.ifRunning === "fail") throw alreadyRunning(known);
    if (input.ifRunning === "reuse") {
      await refuseOtherDirectory(deps, wish);
      await keepAwake(deps, known, input);
      return { preview: known, reused: known.state !== "starting" };
    }
    if (known.attached) throw notOursToRestart(known);
  }
  await work.stops.endForRestart(known);
  return undefined;
}

/** A sleeping preview is woken, unless it is to have another port; undefined when it was ended, or woken by others. */
async function wakeOrEnd(
  deps: PreviewDeps,
  work: Work,
  wish: Wish & { readonly known: PreviewRecord },
): Promise<Joined | undefined> {
  const { known, input } = wish;
  const otherPort = input.port !== undefined && input.port !== known.requestedPort;
  if (known.stopRequestedAt !== undefined || input.ifRunning === "restart" || otherPort) {
    await work.stops.endForRestart(known);
    return undefined;
  }
  await refuseOtherDirectory(deps, wish);
  if (known.attached || known.sandboxId !== deps.sandbox.id) return await wakeElsewhere(deps, work, known);
  const woken = await work.wakes.start(known, wish);
  return woken === undefined ? undefined : { preview: woken, reused: false };
}

/** Its launch is another preview's, or another plane's to begin: by the time that it is seen, it may serve. */
async function wakeElsewhere(deps: PreviewDeps, { wakes }: Work, known: PreviewRecord): Promise<Joined> {
  await wakes.answer(known);
  const deadline = deps.clock.now() + wakeElsewhereMs;
  const woken = await awaitPreview(deps, known, ({ state }) => state !== "idle", { deadline });
  return { preview: woken ?? known, reused: false };
}

/** Asking for it is using it. */
async function keepAwake(deps: PreviewDeps, { id: previewId }: PreviewRecord, input: StartInput): Promise<void> {
  deps.uses.note(previewId);
  if (input.keepaliveSeconds !== undefined)
    await deps.db.idle.keepAlive(previewId, Math.round(input.keepaliveSeconds * 1000));
}

/** A preview whose process died a moment ago is not reused, even before the watcher noticed. */
async function stillRuns(deps: PreviewDeps, launches: Launches, known: PreviewRecord): Promise<boolean> {
  const elsewhere = known.sandboxId !== deps.sandbox.id;
  if (elsewhere || known.process === undefined || launches.has(known.launchId)) return true;
  // what a server of somebody else's left behind is not it
  if (isForeign(known)) return await deps.sandbox.isAlive(known.process);
  return (await deps.sandbox.inspect(known.launchId, known.process)).alive;
}

function claimantOf({ settings }: PreviewDeps, { principal, sessionId }: RequestContext): Claimant {
  const session = sessionId === undefined ? {} : { session: sessionId };
  return { user: principal.user, limits: settings.limits, by: actorOf(principal), ...session };
}

/** A short one would have a preview sleep and wake, or keep a port asleep, as soon as it answers. */
function refuseKeepalive({ settings }: PreviewDeps, { org }: ProjectRecord, { keepaliveSeconds }: StartInput): void {
  if (keepaliveSeconds === undefined) return;
  const { keepaliveMaxMs } = settingsOfOrg(settings.orgs, org);
  const { keepaliveMinMs } = settings.idle;
  if (keepaliveSeconds * 1000 > keepaliveMaxMs)
    throw new PreviewError(
      "invalid_input",
      `keepaliveSeconds ${keepaliveSeconds} is more than the ${keepaliveMaxMs / 1000} that this plane allows`,
      { hint: "Ask for less, or leave it out: a visit wakes a preview that sleeps." },
    );
  if (keepaliveSeconds * 1000 < keepaliveMinMs)
    throw new PreviewError(
      "invalid_input",
      `keepaliveSeconds ${keepaliveSeconds} is less than the ${keepaliveMinMs / 1000} that this plane allows`,
      { hint: "Ask for more, or leave it out; dev_preview_stop ends a preview that nobody needs." },
    );
}

/** Login-gated links need an identity provider; a plane without one has signed links only. */
export function refuseGated({ settings }: Pick<PreviewDeps, "settings">, signed: boolean | undefined): void {
  if (signed !== false || settings.gatedLinks) return;
  throw new PreviewError("invalid_input", "signed: false asks for a login-gated link, and this plane has no login", {
    hint: "Leave out `signed` to get an unguessable signed link.",
  });
}

/** A caller that names a directory does not mean the server of another one. */
async function refuseOtherDirectory(
  deps: PreviewDeps,
  { project, known, input }: Wish & { readonly known: PreviewRecord },
): Promise<void> {
  if (input.repoDir === undefined) return;
  const { path } = await localProjectFiles(project.workspaceRoot).repoDir(input.repoDir);
  if (path === known.repoDir) return;
  const { name } = await planOf(deps, project, input);
  const other = name === undefined || name === known.name ? "another `name`" : `name ${JSON.stringify(name)}`;
  throw new PreviewError(
    "already_running",
    `preview ${JSON.stringify(known.name)} runs in ${known.repoDir}, not in ${path}`,
    {
      hint: `Pass ${other} to run both, or ifRunning "restart" to replace it.`,
    },
  );
}

function notOursToRestart(known: PreviewRecord): PreviewError {
  const { name, port, requestedPort } = known;
  const hint = isForeign(known)
    ? "Restart the server where it was started, then call dev_preview_url with its port; or end it (dev_preview_stop with kill: true) and start again."
    : "Restart the preview that it is a further port of, then call dev_preview_url with the port.";
  const message = `preview ${JSON.stringify(name)} shows a server that it did not start, on port ${port ?? requestedPort}, and cannot restart it`;
  return new PreviewError("already_running", message, { hint });
}

function alreadyRunning(preview: PreviewRecord): PreviewError {
  return new PreviewError("already_running", `preview ${JSON.stringify(preview.name)} is ${preview.state}`, {
    hint: 'Use it (dev_preview_url), or pass ifRunning "restart".',
  });
}
