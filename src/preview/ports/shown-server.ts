import type { PreviewRecord } from "../record.ts";

/** The launch of ours that an attached preview shows another port of; undefined for every other preview. */
export function launchBehind({ attached, process }: Pick<PreviewRecord, "attached" | "process">): string | undefined {
  return attached && process?.family?.of === "launch" ? process.family.launchId : undefined;
}

/** Somebody else started the server: its output is not ours to read, and its processes are not ours to end. */
export function isForeign(preview: Pick<PreviewRecord, "attached" | "process">): boolean {
  return preview.attached && launchBehind(preview) === undefined;
}
