import { stopInput, stopOutput } from "../preview/contract.ts";
import { defineTool } from "./define-tool.ts";
import { neededScope } from "../preview/scope-guard.ts";

export const devPreviewStop = defineTool({
  name: "dev_preview_stop",
  title: "Stop dev preview",
  description:
    "End a preview's dev server with all its processes, and its links. By name or port, or all of this project's.",
  scope: neededScope.stop,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input: stopInput,
  output: stopOutput,
  phases: [],
  handle: (useCases, context, input, callOptions) => useCases.stop(context, input, callOptions),
});
