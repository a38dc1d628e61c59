import { actorOf } from "../events/actor.ts";
import { maxWaitSeconds } from "../contract.ts";
import { requirePreview } from "../find-preview.ts";
import type { Launches } from "../launch/launches.ts";
import { rotateLink } from "./links.ts";
import type { LinkWish, MintedLink } from "./links.ts";
import { previewOnPort } from "../ports/port-preview.ts";
import { hasLinks, isServing, previewOutputOf } from "../preview-output.ts";
import type { OutputDeps } from "../preview-output.ts";
import type { PreviewRecord } from "../record.ts";
import { projectOf } from "../project-access.ts";
import { awaitNews } from "../launch/settle.ts";
import { refuseGated } from "../start.ts";
import { sharePreview } from "./share-preview.ts";
import type { Stops } from "../stops.ts";
import type { PreviewUseCases } from "../use-cases.ts";
import { isSigned, refuseWider } from "./visibility.ts";

/** A server that is being attached listens already: its first answer is a moment away, and so is the URL. */
const attachWaitMs = 10_000;

export function createMintUrl(
  deps: OutputDeps,
  work: { readonly launches: Launches; readonly stops: Stops },
): PreviewUseCases["url"] {
  const { launches } = work;
  return async (context, input, options = {}) => {
    refuseGated(deps, input.signed);
    const calledAt = deps.clock.now();
    const by = actorOf(context.principal);
    const ttlMs = input.ttlSeconds === undefined ? deps.settings.linkTtlMs : input.ttlSeconds * 1000;
    const project = await projectOf(deps.db, context);
    refuseWider(deps, project.org, input);
    const known =
      input.port === undefined
        ? await requirePreview(deps.db, project.id, input)
        : await previewOnPort(deps, work, {
            project,
            wish: {
              port: input.port,
              name: input.name,
              linkTtlMs: ttlMs,
              signed: isSigned(deps, project.org, [input.signed]),
              by,
            },
          });
    const waitMs = Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
    const deadline = calledAt + (known.attached ? Math.max(waitMs, attachWaitMs) : waitMs);
    const unwatch = options.onPhase === undefined ? undefined : launches.watch(known.launchId, options.onPhase);
    try {
      const latest = await awaitNews(deps, known, {
        deadline,
        seen: known.problems,
        ...(options.signal ? { signal: options.signal } : {}),
      });
      const preview = await sharePreview(deps, latest ?? known, { ...input, by });
      const { signed = preview.signed } = input;
      const label = input.label === undefined ? {} : { label: input.label };
      const rotated = input.rotate
        ? await rotatedLink(deps, { ...preview, signed, ...label }, { ttlMs, by })
        : undefined;
      if (isServing(preview)) deps.uses.note(preview.id);
      return await previewOutputOf(deps, project, preview, {
        reused: true,
        by,
        ttlMs,
        signed,
        ...label,
        ...(input.path === undefined ? {} : { path: input.path }),
        ...(rotated === undefined ? {} : { link: rotated }),
      });
    } finally {
      unwatch?.();
    }
  };
}

async function rotatedLink(deps: OutputDeps, preview: PreviewRecord, wish: LinkWish): Promise<MintedLink | undefined> {
  if (!hasLinks(preview)) return undefined;
  return await rotateLink(deps, { ...preview, port: preview.port ?? preview.requestedPort }, wish);
}
