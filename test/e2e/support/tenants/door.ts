import type { IncomingHttpHeaders } from "node:http";
import { rawRequest } from "../raw-request.ts";
import type { Principal } from "./principals.ts";

/** What a caller sends, besides who it is. */
export interface Call {
  readonly method: string;
  readonly path: string;
  /** Sent as `X-Project-Slug`. */
  readonly slug?: string;
  readonly body?: object;
  /** Default: what MCP asks for, JSON and event streams. */
  readonly accept?: string;
}

/** An answer, in the words of the expectations. */
export interface Told {
  readonly status: number;
  /** `ok`, or the problem's code; of a tool the code of its failure. */
  readonly code: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Every call has the same id, so that answers differ by what they tell alone. */
const requestId = "the-one-request";

export async function callAs(controlUrl: string, { authorization }: Principal, call: Call): Promise<Told> {
  const { method, path, slug, body, accept = "application/json, text/event-stream" } = call;
  const answer = await rawRequest({
    port: Number(new URL(controlUrl).port),
    method,
    path,
    headers: {
      accept,
      "x-request-id": requestId,
      ...(body && { "content-type": "application/json" }),
      ...(slug !== undefined && { "x-project-slug": slug }),
      ...(authorization !== undefined && { authorization }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const { status, headers, body: text } = answer;
  return { status, headers, body: text, code: codeOf(status, text) };
}

/** A call of a tool, by the stateless protocol. */
export function toolCall(name: string, slug: string, args: object): Call {
  const params = { name, arguments: args };
  return { method: "POST", path: "/mcp", slug, body: { jsonrpc: "2.0", id: 1, method: "tools/call", params } };
}

function codeOf(status: number, text: string): string {
  if (text === "") return "empty";
  const answer = parse(text);
  const result = answer["result"] as { _meta?: Record<string, { code?: string }>; isError?: boolean } | undefined;
  const error = answer["error"] as { message?: string } | undefined;
  if (error !== undefined) return error.message?.split(":")[0] ?? "error";
  if (result?.isError === true) return result._meta?.["dev-preview/error"]?.code ?? "failed";
  return status < 400 ? "ok" : String(answer["code"]);
}

/** JSON as it is, or the one message of an event stream. */
function parse(text: string): Record<string, unknown> {
  const data = text.startsWith("{") ? text : /^data: (.*)$/m.exec(text)?.[1];
  return data === undefined ? {} : (JSON.parse(data) as Record<string, unknown>);
}
