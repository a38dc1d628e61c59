import type { PreviewOutput } from "../preview/contract.ts";

/** Text twin of a preview: without its log while it serves, when nobody needs to read it. */
export function briefPreview(output: PreviewOutput): Record<string, unknown> {
  const { logTail: _, ...withoutLog } = output;
  return output.serving ? withoutLog : output;
}
