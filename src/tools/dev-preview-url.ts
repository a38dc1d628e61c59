import { phases, previewOutput, urlInput } from "../preview/contract.ts";
import { briefPreview } from "./brief-preview.ts";
import { defineTool } from "./define-tool.ts";
import { neededScope } from "../preview/scope-guard.ts";

export const devPreviewUrl = defineTool({
  name: "dev_preview_url",
  title: "Get preview URL",
  description:
    "URL and state of a preview, by name (default web) or by the port of a server that you started yourself in this project. waitSeconds goes on waiting for a start.",
  scope: neededScope.url,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input: urlInput,
  output: previewOutput,
  phases,
  handle: (useCases, context, input, callOptions) => useCases.url(context, input, callOptions),
  brief: briefPreview,
});
