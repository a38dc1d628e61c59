import { setTimeout as sleep } from "node:timers/promises";
import type { FailureHint } from "../../recipe/failure-hints.ts";
import type { PreviewDeps } from "../deps.ts";
import { createIdleWatch } from "../sleep/idle-watch.ts";
import type { AdoptedLaunch } from "./launch-plan.ts";
import { causesOf } from "./launch-problems.ts";
import { createLogEvidence } from "./log-evidence.ts";
import type { Problem } from "../problem.ts";

/** Follows the output of a launch while it starts. */
export interface LaunchEvidence {
  /** Ends it; what was recorded stays until the preview changes its state. */
  close(): Promise<void>;
}

type Deps = Pick<PreviewDeps, "db" | "sandbox" | "clock" | "logger">;

const lookMs = 100;
/** More than this between two looks is a build that prints progress, of which the end is enough. */
const linesPerLook = 200;
/** Where a sandbox does not tell processor time, silence must last: builds are silent too. */
const silentMs = 3000;

/**
 * Records why a launch does not serve as soon as that is sure: its output shows a cause, and for a moment
 * all its processes have only waited. Without that moment a line may be a warning of a server that boots
 * on. Nothing is ended by it: a watcher whose file is corrected goes on by itself, and then is ready.
 */
export function followEvidence(deps: Deps, launch: AdoptedLaunch): LaunchEvidence {
  const closing = new AbortController();
  const { preview } = launch;
  const done = follow(deps, launch, closing.signal).catch((error: unknown) => {
    if (closing.signal.aborted) return;
    // the launch goes on without it: what it shows is told at its end
    const { id: previewId, launchId } = preview;
    deps.logger.warn({ event: "evidence.failed", previewId, launchId, err: error }, "log of a launch was not followed");
  });
  return {
    async close() {
      closing.abort();
      await done;
    },
  };
}

async function follow(deps: Deps, launch: AdoptedLaunch, signal: AbortSignal): Promise<void> {
  const { preview, process } = launch;
  const evidence = createLogEvidence();
  let idle = createIdleWatch(deps.clock, { silentMs });
  // what another plane recorded may be over
  let recorded: readonly FailureHint[] | undefined = preview.problems.length === 0 ? [] : undefined;
  let cursor: string | undefined;
  for (;;) {
    await sleep(lookMs, undefined, { signal });
    const chunk = await deps.sandbox.readLog(preview.launchId, {
      limit: linesPerLook,
      unfinished: true,
      ...(cursor === undefined ? {} : { cursor }),
    });
    // what is left behind is skipped: the next look begins at the end
    cursor = chunk.more ? undefined : chunk.cursor;
    const restarted = evidence.add(chunk);
    if (restarted && recorded?.length !== 0) {
      // a run that is over is over at once, even where the next one has failed alike since the last look
      await record(deps, launch, []);
      recorded = [];
    }
    const causes = evidence.causes();
    if (recorded !== undefined && isSame(causes, recorded)) {
      idle = createIdleWatch(deps.clock, { silentMs });
      continue;
    }
    const cpuMs = await deps.sandbox.cpuTimeMs(preview.launchId, process);
    const waits = idle.look({ cpuMs, printed: chunk.lines.length > 0 });
    // a question that has its answer is none at once
    if (causes.length > 0 && !waits) continue;
    await record(deps, launch, causes);
    recorded = causes;
    evidence.told();
  }
}

async function record(deps: Deps, launch: AdoptedLaunch, causes: readonly FailureHint[]): Promise<void> {
  const { id: previewId, launchId } = launch.preview;
  const problems: Problem[] = causes.length === 0 ? [] : await causesOf(deps, causes, launch.foreseen);
  await deps.db.previews.transition(launchId, { from: ["starting"], to: "starting", problems });
  const codes = problems.map(({ code }) => code);
  deps.logger.info({ event: "preview.evidence", previewId, launchId, problems: codes }, "launch shows problems");
}

function isSame(one: readonly FailureHint[], other: readonly FailureHint[]): boolean {
  return one.length === other.length && one.every(({ message }, index) => message === other[index]?.message);
}
