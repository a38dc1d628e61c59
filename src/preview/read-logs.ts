import { setTimeout as sleep } from "node:timers/promises";
import type { LogChunk } from "../sandbox/driver.ts";
import { PreviewError } from "../errors.ts";
import { maxWaitSeconds } from "./contract.ts";
import type { LogsInput, LogsOutput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { requirePreview } from "./find-preview.ts";
import { positionIn, printLogCursor } from "./log-cursor.ts";
import { nextStep } from "./next-step.ts";
import { logIdOf, redactorOf } from "./preview-output.ts";
import { projectOf } from "./project-access.ts";
import { isLive } from "./record.ts";
import type { PreviewRecord } from "./record.ts";
import { isForeign } from "./ports/shown-server.ts";
import type { PreviewUseCases } from "./use-cases.ts";

const pollMs = 150;
const rereadMs = 1000;

export function createReadLogs(deps: PreviewDeps): PreviewUseCases["logs"] {
  return async (context, input, options = {}) => {
    const project = await projectOf(deps.db, context);
    const preview = await requirePreview(deps.db, project.id, { name: input.name });
    if (preview.sandboxId !== deps.sandbox.id) throw elsewhere(preview.name);
    if (isForeign(preview)) return withoutOutput(preview);
    const chunk = await longPoll(deps, preview, input, options.signal);
    const lines = chunk.lines.map(redactorOf(preview));
    const now = (await deps.db.previews.byId(preview.id)) ?? preview;
    const cursor = printLogCursor(logIdOf(preview), chunk.cursor);
    const { more, dropped } = chunk;
    return { lines, cursor, more, dropped, status: now.state, ...problemsIn(now), ...nextOf(now) };
  };
}

/** Its output goes wherever who started it sent it. */
function withoutOutput(preview: PreviewRecord): LogsOutput {
  return {
    lines: [],
    cursor: printLogCursor(logIdOf(preview), "0"),
    more: false,
    dropped: false,
    status: preview.state,
    ...problemsIn(preview),
    next: "Empty because the plane did not start this server: read its output where it was started.",
  };
}

function nextOf(preview: PreviewRecord): Pick<LogsOutput, "next"> {
  return preview.state === "idle" ? { next: nextStep(preview) } : {};
}

function problemsIn({ problems }: PreviewRecord): Pick<LogsOutput, "problems"> {
  return problems.length === 0 ? {} : { problems: problems.map(({ code }) => code) };
}

function elsewhere(name: string): PreviewError {
  return new PreviewError(
    "sandbox_elsewhere",
    `preview ${JSON.stringify(name)} runs in the sandbox of another plane, which keeps its output`,
    {
      hint: "Ask that plane; planes of one host share output when they share DEV_PREVIEW_LAUNCHES_DIR.",
    },
  );
}

/** With `waitSeconds`, waits for the first new line after the cursor, as long as this log may get one. */
async function longPoll(
  deps: PreviewDeps,
  preview: PreviewRecord,
  input: LogsInput,
  signal: AbortSignal | undefined,
): Promise<LogChunk> {
  const deadline = deps.clock.now() + Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
  const mayGrow = watchLog(deps, preview);
  const logId = logIdOf(preview);
  let dropped = false;
  let position = input.cursor === undefined ? undefined : positionIn(logId, input.cursor);
  for (;;) {
    // asked before the log is read, so that the last lines are in what is read
    const last = !(await mayGrow());
    const chunk = await deps.sandbox.readLog(logId, {
      limit: input.limit,
      ...(position === undefined ? {} : { cursor: position }),
      ...(input.grep === undefined ? {} : { grep: input.grep }),
    });
    // an earlier read of this call may have been the one that jumped
    dropped ||= chunk.dropped;
    const over = deps.clock.now() >= deadline || signal?.aborted === true;
    if (chunk.lines.length > 0 || (last && !chunk.more) || over) return { ...chunk, dropped };
    position = chunk.cursor;
    await sleep(pollMs);
  }
}

/** Whether the preview still writes to this log, from a row that is read again once a second at most. */
function watchLog(deps: Pick<PreviewDeps, "db" | "clock">, preview: PreviewRecord): () => Promise<boolean> {
  let growing = isLive(preview) && preview.state !== "idle";
  let readAt = deps.clock.now();
  return async () => {
    if (growing && deps.clock.now() - readAt >= rereadMs) {
      const now = await deps.db.previews.byId(preview.id);
      growing = now !== undefined && logIdOf(now) === logIdOf(preview) && isLive(now);
      readAt = deps.clock.now();
    }
    return growing;
  };
}
