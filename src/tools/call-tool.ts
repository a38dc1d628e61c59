import type { RequestContext } from "../identity/context.ts";
import type { Logger } from "../logger.ts";
import { PreviewError, errorTable } from "../errors.ts";
import type { CallOptions, PreviewUseCases } from "../preview/use-cases.ts";
import type { ImageResult, Tool, ToolResult } from "./define-tool.ts";
import { toolFailure } from "./tool-failure.ts";
import type { ToolFailure } from "./tool-failure.ts";

export interface CallDeps {
  readonly useCases: PreviewUseCases;
  readonly logger: Logger;
  /** Told how each call ended: `ok`, or the code of its error. */
  readonly onCall?: (tool: string, outcome: string) => void;
}

export interface CallRequest {
  readonly arguments: unknown;
  readonly options: CallOptions;
  /** Who calls, as the transport knows it. */
  readonly contextOf: () => RequestContext | Promise<RequestContext>;
  /** Names the call in the log when the context could not be told. */
  readonly fallbackId: string;
}

export type ToolOutcome = { readonly result: ToolResult | ImageResult } | { readonly failure: ToolFailure };

/** Runs one call to its end; never throws. One log line tells how it went. */
export async function callTool(deps: CallDeps, tool: Tool, request: CallRequest): Promise<ToolOutcome> {
  const startedAt = performance.now();
  let requestId = request.fallbackId;
  let failed: unknown;
  let outcome: ToolOutcome;
  try {
    const context = await request.contextOf();
    requestId = context.requestId;
    outcome = { result: await tool.call(deps.useCases, { context, ...request }) };
  } catch (error) {
    failed = error;
    outcome = { failure: toolFailure(error, requestId) };
  }
  const durationMs = Math.round(performance.now() - startedAt);
  logCall(deps.logger, { tool: tool.name, requestId, durationMs }, failed);
  deps.onCall?.(tool.name, "failure" in outcome ? outcome.failure.code : "ok");
  return outcome;
}

function logCall(logger: Logger, fields: Record<string, unknown>, failed: unknown): void {
  const message = "tool call";
  if (failed === undefined) return logger.debug({ ...fields, outcome: "ok" }, message);
  if (!(failed instanceof PreviewError)) return logger.error({ ...fields, outcome: "internal", err: failed }, message);
  const { fault } = errorTable[failed.code];
  if (fault === "caller") return logger.debug({ ...fields, outcome: failed.code }, message);
  return logger.warn({ ...fields, outcome: failed.code, err: failed }, message);
}
