import { hotReloadPorts } from "../recipe/hot-reload-ports.ts";
import { createRedactor } from "../redact.ts";
import type { ListOutput, PreviewOutput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import type { Actor } from "./events/events.ts";
import { idleAtOf } from "./sleep/idle-time.ts";
import { installLaunchId } from "./launch/launch-plan.ts";
import { linkOf } from "./links/links.ts";
import type { MintedLink } from "./links/links.ts";
import { printLogCursor } from "./log-cursor.ts";
import { nextStep } from "./next-step.ts";
import { linkUrl } from "./links/preview-url.ts";
import type { OtherPorts } from "./ports/other-ports.ts";
import type { PreviewRecord, ProjectRecord } from "./record.ts";
import { isForeign, launchBehind } from "./ports/shown-server.ts";

export interface OutputOptions {
  readonly reused: boolean;
  readonly ttlMs?: number;
  /** Appended to the URL; starts with `/`. */
  readonly path?: string;
  /** A link minted just now, to be shown instead of the present one. */
  readonly link?: MintedLink;
  /** The kind of link; default: the preview's own. */
  readonly signed?: boolean;
  /** Who asks: a link that has to be made is on record as theirs. */
  readonly by?: Actor;
  /** A further link instead of the preview's own. */
  readonly label?: string;
}

/** The use-cases' own, and what further ports are found by. */
export type OutputDeps = PreviewDeps & { readonly otherPorts: OtherPorts };

const tailWhenServing = 5;
const tailWhenNot = 30;

/** The answer of start, url and get: the record, its link, and the end of its log. */
export async function previewOutputOf(
  deps: OutputDeps,
  project: ProjectRecord,
  preview: PreviewRecord,
  options: OutputOptions,
): Promise<PreviewOutput> {
  const serving = isServing(preview);
  const { signed = preview.signed } = options;
  const idleAt = idleAtOf(deps.settings.orgs, project, preview);
  const [link, log, otherPorts] = await Promise.all([
    options.link ?? shownLink(deps, { ...preview, signed, ...labelled(options) }, options),
    tailOf(deps, preview, serving ? tailWhenServing : tailWhenNot),
    serving ? deps.otherPorts.of(preview) : [],
  ]);
  const hotReload = otherPorts.filter((port) => hotReloadPorts(preview.framework).includes(port));
  return {
    serving,
    ...(link === undefined ? {} : linkFields(deps, link, options.path)),
    ...defined({
      port: preview.port,
      framework: preview.framework,
      readyMs: preview.readyMs,
      httpStatus: preview.httpStatus,
      exitCode: preview.exitCode,
      attached: preview.attached || undefined,
      otherPorts: otherPorts.length === 0 ? undefined : otherPorts,
      hotReloadPorts: hotReload.length === 0 ? undefined : hotReload,
      idleAt: idleAt?.toISOString(),
    }),
    command: redactorOf(preview)(preview.command),
    repoDir: preview.repoDir,
    previewId: preview.id,
    project: project.slug,
    name: preview.name,
    status: preview.state,
    signed,
    reused: options.reused,
    problems: [...preview.problems],
    ...log,
    next: nextStep(preview),
  };
}

/** The end of the output; a preview that runs in another plane's sandbox keeps it there, and of an attached server we have none. */
async function tailOf(
  deps: PreviewDeps,
  preview: PreviewRecord,
  limit: number,
): Promise<{ logTail: string[]; logCursor?: string }> {
  if (preview.sandboxId !== deps.sandbox.id || isForeign(preview)) return { logTail: [] };
  const logId = logIdOf(preview);
  const { lines, cursor } = await deps.sandbox.readLog(logId, { limit });
  return {
    logTail: lines.map(redactorOf(preview)),
    logCursor: printLogCursor(logId, cursor),
  };
}

/** One row of a list: no log, no token of its own beside the URL. */
export async function listRowOf(
  deps: PreviewDeps,
  { project, preview, by }: { readonly project: ProjectRecord; readonly preview: PreviewRecord; readonly by: Actor },
): Promise<ListOutput["previews"][number]> {
  const link = await shownLink(deps, preview, { by });
  const { previewUrl, expiresAt } = link === undefined ? {} : linkFields(deps, link);
  return {
    name: preview.name,
    previewId: preview.id,
    status: preview.state,
    serving: isServing(preview),
    ...defined({
      previewUrl,
      expiresAt,
      idleAt: idleAtOf(deps.settings.orgs, project, preview)?.toISOString(),
      port: preview.port,
      framework: preview.framework,
      attached: preview.attached || undefined,
    }),
    command: redactorOf(preview)(preview.command),
    repoDir: preview.repoDir,
    signed: preview.signed,
    problems: preview.problems.map(({ code }) => code),
  };
}

export function isServing(preview: PreviewRecord): boolean {
  return (preview.state === "ready" || preview.state === "unhealthy") && preview.stopRequestedAt === undefined;
}

/** A link leads to it: it serves, or a visit wakes it. */
export function hasLinks(preview: PreviewRecord): boolean {
  return isServing(preview) || (preview.state === "idle" && preview.stopRequestedAt === undefined);
}

/** The log that tells what happens now: the installation's until the dev server was launched, its launch's for a further port. */
export function logIdOf(preview: PreviewRecord): string {
  const launchId = launchBehind(preview);
  if (launchId !== undefined) return launchId;
  if (preview.state === "idle") return preview.launchId;
  return preview.process === undefined ? installLaunchId(preview.launchId) : preview.launchId;
}

/** Values that the caller put into the environment never come back in text, nor do the further secrets. */
export function redactorOf(preview: PreviewRecord, further: readonly string[] = []): (text: string) => string {
  return createRedactor([...Object.values(preview.env), ...further]);
}

async function shownLink(
  deps: PreviewDeps,
  preview: PreviewRecord & { readonly label?: string },
  { ttlMs = deps.settings.linkTtlMs, by }: Pick<OutputOptions, "ttlMs" | "by">,
): Promise<MintedLink | undefined> {
  const port = preview.port ?? preview.requestedPort;
  if (!hasLinks(preview)) return undefined;
  // a plane whose login was taken away has nobody to let in
  if (!preview.signed && !deps.settings.gatedLinks) return undefined;
  return await linkOf(deps, { ...preview, port }, { ttlMs, by });
}

function labelled({ label }: OutputOptions): { readonly label?: string } {
  return label === undefined ? {} : { label };
}

function linkFields(
  deps: PreviewDeps,
  link: MintedLink,
  path = "/",
): { previewUrl: string; token: string; expiresAt: string } {
  return {
    previewUrl: linkUrl(deps.gateway, link, path),
    token: link.token,
    expiresAt: link.expiresAt.toISOString(),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Absent rather than undefined: exact optional properties, and nothing null on the wire. */
function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
