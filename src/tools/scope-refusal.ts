import * as z from "zod";
import type { Principal } from "../identity/context.ts";
import { grants } from "../scopes.ts";
import type { Tool } from "./define-tool.ts";

const requestId = z.union([z.string(), z.number()]);
const toolCall = z.object({
  method: z.literal("tools/call"),
  id: requestId.optional(),
  params: z.object({ name: z.string() }),
});

/**
 * Status 403 and a challenge for a call whose caller lacks the tool's scope: clients may then ask
 * for a token that has it (MCP authorization, "insufficient scope"). Undefined for every other request;
 * the use-cases refuse as well, whatever door a call came through.
 */
export function refuseScope(body: unknown, { scopes }: Principal, tools: readonly Tool[]): Response | undefined {
  const call = toolCall.safeParse(body);
  const scope = call.success ? tools.find(({ name }) => name === call.data.params.name)?.scope : undefined;
  if (scope === undefined || grants(scopes, scope)) return undefined;
  const error = { code: -32_001, message: `insufficient_scope: the call needs scope ${scope}` };
  const challenge = `Bearer realm="dev-preview", error="insufficient_scope", scope="${scope}"`;
  const answer = { jsonrpc: "2.0", error, id: call.data?.id ?? null };
  return Response.json(answer, { status: 403, headers: { "WWW-Authenticate": challenge } });
}
