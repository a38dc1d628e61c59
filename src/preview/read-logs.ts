import { setTimeout as sleep } from "node:timers/promises";
import type { LogChunk } from "../sandbox/driver.ts";
import { PreviewError } from "../errors.ts";
import { redact } from "../redact.ts";
import { maxWaitSeconds } from "./contract.ts";
import type { LogsInput } from "./contract.ts";
import type { PreviewDeps } from "./deps.ts";
import { requirePreview } from "./find-preview.ts";
import { logIdOf, secretsOf } from "./preview-output.ts";
import { projectOf } from "./project-access.ts";
import type { PreviewUseCases } from "./use-cases.ts";

const pollMs = 150;

export function createReadLogs(deps: PreviewDeps): PreviewUseCases["logs"] {
  return async (context, input, options = {}) => {
    const project = await projectOf(deps.db, context);
    const preview = await requirePreview(deps.db, project.id, { name: input.name });
    if (preview.sandboxId !== deps.sandbox.id) throw elsewhere(preview.name);
    const chunk = await longPoll(deps, logIdOf(preview), input, options.signal);
    const lines = chunk.lines.map((line) => redact(line, secretsOf(preview)));
    const now = (await deps.db.previews.byId(preview.id)) ?? preview;
    return { lines, cursor: chunk.cursor, more: chunk.more, dropped: chunk.dropped, status: now.state };
  };
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

/** With `waitSeconds`, waits for the first new line after the cursor. */
async function longPoll(
  deps: PreviewDeps,
  logId: string,
  input: LogsInput,
  signal: AbortSignal | undefined,
): Promise<LogChunk> {
  const deadline = deps.clock.now() + Math.min(input.waitSeconds, maxWaitSeconds) * 1000;
  let cursor = input.cursor;
  for (;;) {
    const chunk = await deps.sandbox.readLog(logId, {
      limit: input.limit,
      ...(cursor === undefined ? {} : { cursor }),
      ...(input.grep === undefined ? {} : { grep: input.grep }),
    });
    if (chunk.lines.length > 0 || deps.clock.now() >= deadline || signal?.aborted === true) return chunk;
    cursor = chunk.cursor;
    await sleep(pollMs);
  }
}
