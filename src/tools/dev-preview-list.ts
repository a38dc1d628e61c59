import { listInput, listOutput } from "../preview/contract.ts";
import { defineTool } from "./define-tool.ts";
import { neededScope } from "../preview/scope-guard.ts";

export const devPreviewList = defineTool({
  name: "dev_preview_list",
  title: "List dev previews",
  description: "This project's previews with their states and URLs.",
  scope: neededScope.list,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input: listInput,
  output: listOutput,
  phases: [],
  handle: (useCases, context, input, callOptions) => useCases.list(context, input, callOptions),
  // the text twin of many rows: what one acts on
  brief: ({ previews, ...rest }) => ({
    previews: previews.map(({ name, status, port, previewUrl, problems }) => ({
      name,
      status,
      port,
      previewUrl,
      ...(problems.length > 0 && { problems }),
    })),
    ...rest,
  }),
});
