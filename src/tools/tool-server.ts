import { McpServer } from "@modelcontextprotocol/server";
import type { CallToolResult, ServerContext, StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import type { RequestContext } from "../identity/context.ts";
import type { Logger } from "../logger.ts";
import type { Phase } from "../preview/contract.ts";
import type { PreviewUseCases } from "../preview/use-cases.ts";
import type { JsonSchema } from "./advertised-schema.ts";
import { callTool } from "./call-tool.ts";
import type { CallDeps, ToolOutcome } from "./call-tool.ts";
import type { Tool } from "./define-tool.ts";
import { instructionsFor, serverName } from "./instructions.ts";
import { createProgress } from "./progress.ts";
import { tools as alwaysThere } from "./registry.ts";
import { failureText } from "./tool-failure.ts";

export interface ToolServerOptions {
  readonly useCases: PreviewUseCases;
  /** Those of the toolsets that are on; default: the ones that always are. */
  readonly tools?: readonly Tool[];
  /** Of the package, shown to clients. */
  readonly version: string;
  readonly logger: Logger;
  readonly onCall?: NonNullable<CallDeps["onCall"]>;
  /** Who calls; asked once per tool call, never while listing. */
  readonly contextOf: () => RequestContext | Promise<RequestContext>;
}

/** How long a client may keep the lists: short enough to see an upgraded plane soon. */
const listTtlMs = 300_000;
const sameForAll = { ttlMs: listTtlMs, cacheScope: "public" } as const;
const listMethods = [
  "tools/list",
  "prompts/list",
  "resources/list",
  "resources/templates/list",
  "server/discover",
] as const;
/** Of every list. Prompts and resources are empty ones: clients ask for them all the same, and log an error when refused. */
const unchanging = { listChanged: false };

/** Key of a failure's code, hint and request id in `_meta`: `structuredContent` would have to match the output schema. */
export const failureMetaKey = "dev-preview/error";

/** An MCP server with its tools, for one connection (stdio) or one request (HTTP). Cheap, and holds no state. */
export function createToolServer(options: ToolServerOptions): McpServer {
  const { tools = alwaysThere } = options;
  const server = new McpServer(
    { name: serverName, title: "Dev preview", version: options.version },
    {
      instructions: instructionsFor(tools),
      capabilities: { tools: unchanging, prompts: unchanging, resources: unchanging },
      cacheHints: Object.fromEntries(listMethods.map((method) => [method, sameForAll])),
    },
  );
  for (const tool of tools) registerTool(server, tool, options);
  return server;
}

function registerTool(server: McpServer, tool: Tool, options: ToolServerOptions): void {
  const { title, description, annotations } = tool;
  const inputSchema = advertisedOnly(tool.inputSchema);
  const outputSchema = tool.outputSchema === undefined ? {} : { outputSchema: advertisedOnly(tool.outputSchema) };
  server.registerTool(
    tool.name,
    { title, description, annotations, inputSchema, ...outputSchema },
    async (given: unknown, call: ServerContext) => {
      const progress = reportProgress(tool, call);
      const outcome = await callTool(options, tool, {
        arguments: given,
        contextOf: options.contextOf,
        fallbackId: `mcp-${call.mcpReq.id}`,
        options: { signal: call.mcpReq.signal, ...progress },
      });
      await progress?.sent();
      return encode(outcome);
    },
  );
}

/**
 * A schema that the SDK lists but does not apply: tools parse their arguments and results themselves,
 * so that a refusal is an error of our table, and JSON Schema is not made anew for each HTTP request.
 */
function advertisedOnly(schema: JsonSchema): StandardSchemaWithJSON<unknown, unknown> {
  return {
    "~standard": {
      version: 1,
      vendor: serverName,
      validate: (value) => ({ value }),
      jsonSchema: { input: () => schema, output: () => schema },
    },
  };
}

interface ProgressReport {
  readonly onPhase: (phase: Phase) => void;
  /** Resolves when every note is on its way: none may follow the result. */
  sent(): Promise<unknown>;
}

/** Undefined when the client asked for none. */
function reportProgress(tool: Tool, { mcpReq }: ServerContext): ProgressReport | undefined {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined || tool.phases.length === 0) return undefined;
  const noteOf = createProgress(tool.phases);
  const notes: Promise<void>[] = [];
  return {
    onPhase: (phase) => {
      const params = { progressToken, ...noteOf(phase) };
      notes.push(mcpReq.notify({ method: "notifications/progress", params }));
    },
    // a note that the client no longer reads is no failure of the call
    sent: () => Promise.allSettled(notes),
  };
}

function encode(outcome: ToolOutcome): CallToolResult {
  if ("result" in outcome) {
    if ("image" in outcome.result) return { content: [{ type: "image", ...outcome.result.image }] };
    const { structuredContent, text } = outcome.result;
    return { structuredContent: { ...structuredContent }, content: [{ type: "text", text }] };
  }
  return {
    isError: true,
    content: [{ type: "text", text: failureText(outcome.failure) }],
    _meta: { [failureMetaKey]: { ...outcome.failure } },
  };
}
