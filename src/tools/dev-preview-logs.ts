import { logsInput, logsOutput } from "../preview/contract.ts";
import { defineTool } from "./define-tool.ts";
import { bytesOfLine, maxResultBytes } from "./fit-result.ts";
import { neededScope } from "../preview/scope-guard.ts";

/** Room for the fields beside `lines`. */
const reservedBytes = 600;

export const devPreviewLogs = defineTool({
  name: "dev_preview_logs",
  title: "Read dev server output",
  description:
    "Lines that a preview's dev server printed: the last ones, or those after cursor. A stopped or crashed preview keeps its log.",
  scope: neededScope.logs,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: logsInput,
  output: logsOutput,
  phases: [],
  // A page too long for one result is asked for again with fewer lines rather than cut here: only
  // the use-case can give the cursor that continues after them.
  async handle(useCases, context, input, callOptions) {
    const page = await useCases.logs(context, input, callOptions);
    const limit = linesThatFit(input.cursor === undefined ? page.lines.toReversed() : page.lines);
    if (limit >= page.lines.length) return page;
    return await useCases.logs(context, { ...input, limit, waitSeconds: 0 }, callOptions);
  },
});

/** How many of the lines fit one result, at least 1. */
function linesThatFit(lines: readonly string[]): number {
  let room = maxResultBytes - reservedBytes;
  const tooMany = lines.findIndex((line) => (room -= bytesOfLine(line) + 2) < 0);
  return tooMany === -1 ? lines.length : Math.max(1, tooMany);
}
