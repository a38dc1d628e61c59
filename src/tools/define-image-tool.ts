import type * as z from "zod";
import type { RequestContext } from "../identity/context.ts";
import type { CallOptions } from "../preview/use-cases.ts";
import { advertisedSchema } from "./advertised-schema.ts";
import type { ImageResult, Tool, ToolDefinition } from "./define-tool.ts";
import { parseArguments } from "./parse-arguments.ts";

export interface ImageToolDefinition<Input extends z.ZodObject> extends Pick<
  ToolDefinition<Input, z.ZodObject>,
  "name" | "title" | "description" | "annotations" | "scope" | "input"
> {
  handle(context: RequestContext, input: z.output<Input>, callOptions: CallOptions): Promise<ImageResult["image"]>;
}

/** A tool whose result is an image alone. */
export function defineImageTool<Input extends z.ZodObject>(definition: ImageToolDefinition<Input>): Tool {
  const { name, title, description, scope, input } = definition;
  return {
    name,
    title,
    description,
    scope,
    phases: [],
    annotations: { title, ...definition.annotations },
    inputSchema: advertisedSchema(input, "input"),
    async call(_useCases, { context, arguments: given, options }) {
      return { image: await definition.handle(context, parseArguments(name, input, given), options) };
    },
  };
}
