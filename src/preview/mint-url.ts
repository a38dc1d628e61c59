import { maxWaitSeconds } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { requirePreview } from "./find-preview.ts";
import type { Launches } from "./launches.ts";
import { rotateLink } from "./links.ts";
import { isServing, previewOutputOf } from "./preview-output.ts";
import { projectOf } from "./project-access.ts";
import { awaitSettled } from "./settle.ts";
import { refuseGated } from "./start.ts";
import type { PreviewUseCases } from "./use-cases.ts";

export function createMintUrl(deps: PreviewDeps, launches: Launches): PreviewUseCases["url"] {
  return async (context, input, options = {}) => {
    refuseGated(input.signed);
    const deadline = deps.clock.now() + Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
    const project = await projectOf(deps.db, context);
    const known = await requirePreview(deps.db, project.id, input);
    const unwatch = options.onPhase === undefined ? undefined : launches.watch(known.launchId, options.onPhase);
    try {
      const settled = await awaitSettled(deps, known, {
        deadline,
        ...(options.signal ? { signal: options.signal } : {}),
      });
      const preview = settled ?? known;
      const ttlMs = input.ttlSeconds === undefined ? deps.settings.linkTtlMs : input.ttlSeconds * 1000;
      const rotated =
        input.rotate && isServing(preview) && preview.port !== undefined
          ? await rotateLink(deps, { ...preview, port: preview.port }, ttlMs)
          : undefined;
      return await previewOutputOf(deps, project, preview, {
        reused: true,
        ttlMs,
        ...(input.path === undefined ? {} : { path: input.path }),
        ...(rotated === undefined ? {} : { link: rotated }),
      });
    } finally {
      unwatch?.();
    }
  };
}
