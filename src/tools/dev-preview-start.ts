import { phases, previewOutput, startInput } from "../preview/contract.ts";
import { briefPreview } from "./brief-preview.ts";
import { defineTool } from "./define-tool.ts";
import { neededScope } from "../preview/scope-guard.ts";

export const devPreviewStart = defineTool({
  name: "dev_preview_start",
  title: "Start dev preview",
  description:
    "Start this project's dev server, wait until it answers, and get its URL. Reuses a running one. Installs missing dependencies first.",
  scope: neededScope.start,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input: startInput,
  output: previewOutput,
  phases,
  handle: (useCases, context, input, callOptions) => useCases.start(context, input, callOptions),
  brief: briefPreview,
});
