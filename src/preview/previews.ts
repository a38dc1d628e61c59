import { actorOf } from "./events/actor.ts";
import type { PreviewDeps } from "./deps.ts";
import { requirePreview } from "./find-preview.ts";
import { frontEndFirst } from "./ports/front-end-first.ts";
import { createLaunches } from "./launch/launches.ts";
import { createLinkUseCases } from "./links/link-use-cases.ts";
import type { LinkUseCases } from "./links/link-use-cases.ts";
import { createMintUrl } from "./links/mint-url.ts";
import { createOtherPorts } from "./ports/other-ports.ts";
import { listRowOf, previewOutputOf } from "./preview-output.ts";
import type { OutputDeps } from "./preview-output.ts";
import { createProjects } from "./projects.ts";
import { guardScopes } from "./scope-guard.ts";
import { projectOf } from "./project-access.ts";
import { createReaper } from "./sleep/reaper.ts";
import { createReadLogs } from "./read-logs.ts";
import { createSleeps } from "./sleep/sleeps.ts";
import { createStart } from "./start.ts";
import { createStop } from "./stop.ts";
import { createStops } from "./stops.ts";
import type { PreviewUseCases } from "./use-cases.ts";
import { createWakes } from "./sleep/wakes.ts";
import { narrowVisibility } from "./links/visibility.ts";
import { createWatcher } from "./launch/watcher.ts";

export interface Previews {
  readonly useCases: PreviewUseCases;
  readonly links: LinkUseCases;
  /** Takes over what dead planes left and sweeps, then watches the live previews of this sandbox. */
  start(): Promise<void>;
  /** Dev servers go on; launches in flight are left for the next plane. */
  close(): Promise<void>;
}

/** The domain, composed. */
export function createPreviews(given: PreviewDeps): Previews {
  const deps = { ...given, otherPorts: createOtherPorts(given) };
  const launches = createLaunches(deps);
  const stops = createStops(deps, launches);
  const sleeps = createSleeps(deps);
  const wakes = createWakes(deps, { launches, sleeps });
  const watcher = createWatcher(deps, { launches, stops, sleeps, wakes });
  const reaper = createReaper(deps, { sleeps, stops });
  deps.visits.listen((visit) => wakes.visit(visit));
  return {
    useCases: guardScopes(
      {
        start: createStart(deps, { launches, stops, wakes }),
        url: createMintUrl(deps, { launches, stops }),
        stop: createStop(deps, stops),
        logs: createReadLogs(deps),
        list: createList(deps),
        get: createGet(deps),
        ...createProjects(deps),
      },
      deps.events,
    ),
    links: createLinkUseCases(deps),
    async start() {
      await narrowVisibility(deps);
      await watcher.start();
      reaper.start();
    },
    async close() {
      deps.visits.listen(async () => {});
      await reaper.close();
      await watcher.close();
      await Promise.all([wakes.close(), sleeps.close()]);
      await launches.close();
    },
  };
}

function createList(deps: PreviewDeps): PreviewUseCases["list"] {
  return async (context, input) => {
    const project = await projectOf(deps.db, context);
    const previews = await deps.db.previews.list(project.id, input);
    const by = actorOf(context.principal);
    return {
      previews: await Promise.all(frontEndFirst(previews).map((preview) => listRowOf(deps, { project, preview, by }))),
      next:
        previews.length === 0
          ? "Nothing runs. dev_preview_start starts a preview."
          : "dev_preview_url gives one with its link; dev_preview_logs its output.",
    };
  };
}

function createGet(deps: OutputDeps): PreviewUseCases["get"] {
  return async (context, name) => {
    const project = await projectOf(deps.db, context);
    const preview = await requirePreview(deps.db, project.id, { name });
    return await previewOutputOf(deps, project, preview, { reused: true, by: actorOf(context.principal) });
  };
}
