import type * as z from "zod";
import type { RequestContext } from "../identity/context.ts";
import type { PhaseName } from "../preview/contract.ts";
import type { Scope } from "../scopes.ts";
import type { CallOptions, PreviewUseCases } from "../preview/use-cases.ts";
import { advertisedSchema } from "./advertised-schema.ts";
import type { JsonSchema } from "./advertised-schema.ts";
import { fitResult } from "./fit-result.ts";
import { parseArguments } from "./parse-arguments.ts";

/** Title and all four hints: clients ask their user, or not, by these. */
export interface ToolAnnotations {
  readonly title: string;
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

type Fields = Record<string, unknown>;

export interface ToolDefinition<Input extends z.ZodObject, Output extends z.ZodObject> {
  /** snake_case with the prefix `dev_preview_`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: Omit<ToolAnnotations, "title">;
  /** Strict: an argument that it does not name is refused. */
  readonly input: Input;
  readonly output: Output;
  /** What a caller must hold; the use-case asks for the same. */
  readonly scope: Scope;
  /** Phases that a call reports, in order; empty when it reports none. */
  readonly phases: readonly PhaseName[];
  handle(
    useCases: PreviewUseCases,
    context: RequestContext,
    input: z.output<Input>,
    callOptions: CallOptions,
  ): Promise<z.input<Output>>;
  /** What clients are shown that read `content` alone; without it, the whole result. */
  brief?(output: z.output<Output>): Fields;
}

/** One call, as the transport brought it. */
export interface ToolCall {
  readonly context: RequestContext;
  readonly arguments: unknown;
  readonly options: CallOptions;
}

export interface ToolResult {
  /** Complete, and exactly what the output schema names. */
  readonly structuredContent: Fields;
  /** JSON text for clients that know no structured content. */
  readonly text: string;
}

/** A result that is a picture and nothing else: some clients drop `content` beside structured content. */
export interface ImageResult {
  readonly image: { readonly mimeType: string; readonly data: string };
}

/** A definition with its types folded away, so that all tools fit one list. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly inputSchema: JsonSchema;
  /** Absent when the result is an image. */
  readonly outputSchema?: JsonSchema;
  readonly scope: Scope;
  readonly phases: readonly PhaseName[];
  /** Throws PreviewError; anything else that it throws is a fault of ours. */
  call(useCases: PreviewUseCases, call: ToolCall): Promise<ToolResult | ImageResult>;
}

export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(
  definition: ToolDefinition<Input, Output>,
): Tool {
  const { name, title, description, scope, phases, output } = definition;
  const resultOf = (fields: Fields): ToolResult => {
    const parsed = output.parse(fields);
    return { structuredContent: parsed, text: JSON.stringify(definition.brief?.(parsed) ?? parsed) };
  };
  return {
    name,
    title,
    description,
    scope,
    phases,
    annotations: { title, ...definition.annotations },
    inputSchema: advertisedSchema(definition.input, "input"),
    outputSchema: advertisedSchema(output, "output"),
    async call(useCases, { context, arguments: given, options }) {
      const input = parseArguments(name, definition.input, given);
      return fitResult(await definition.handle(useCases, context, input, options), resultOf);
    },
  };
}
