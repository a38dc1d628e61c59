import { createHash } from "node:crypto";
import { PreviewError } from "../errors.ts";

/**
 * A place in a log, as callers get it and give it back: `<tag of the log>.<position>`. Each launch of a
 * preview has a log, and each installation: a position in one means nothing in another.
 */
export function printLogCursor(logId: string, position: string): string {
  return `${tagOf(logId)}.${position}`;
}

/** Where to read this log on: at its start, when the cursor was given out for another one. */
export function positionIn(logId: string, cursor: string): string {
  const [, tag, position] = /^([0-9a-f]{8})\.(\d{1,15})$/.exec(cursor) ?? [];
  if (tag !== undefined && position !== undefined) return tag === tagOf(logId) ? position : "0";
  throw new PreviewError("invalid_input", `log cursor ${JSON.stringify(cursor)} is not one of ours`, {
    hint: "Pass the cursor of the previous answer, or none to read the end of the log.",
  });
}

function tagOf(logId: string): string {
  return createHash("sha256").update(logId).digest("hex").slice(0, 8);
}
