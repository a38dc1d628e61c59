import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";

/** How the stdio front is started. */
export interface StdioPlace {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Where a plane's /mcp is, and what a caller must bring. */
export interface HttpPlace {
  readonly url: URL;
  readonly token: string;
  readonly projectSlug: string;
  readonly sessionId?: string;
}

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

export interface ToolCallOptions {
  readonly onprogress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface ToolResult {
  readonly isError?: boolean;
  readonly structuredContent?: Readonly<Record<string, unknown>>;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
}

/**
 * A call that may have to start the plane first. On a loaded machine that can outlast the bound of one call,
 * which then says so, and that calling again helps.
 */
export async function callOncePlaneRuns(
  client: McpClient,
  ...call: Parameters<McpClient["call"]>
): Promise<ToolResult> {
  for (let attempt = 1; ; attempt += 1) {
    const result = await client.call(...call);
    if (attempt === 3 || result.isError !== true || !failureOf(result).includes("code: plane_unreachable"))
      return result;
  }
}

/** What a call answered; throws the tool's own words when it failed. */
export function outputOf(result: ToolResult): Readonly<Record<string, unknown>> {
  if (result.isError !== true && result.structuredContent !== undefined) return result.structuredContent;
  throw new Error(`the tool failed: ${failureOf(result)}`);
}

/** The text of a call that failed. */
export function failureOf({ content }: ToolResult): string {
  return content.map(({ text }) => text ?? "").join("\n");
}

/** A real MCP client that is connected; it validates results against the schemas that it listed. */
export interface McpClient {
  /** Revision that was negotiated; the v1 client does not tell. */
  readonly protocolVersion?: string | undefined;
  /** Process id of the stdio front. */
  readonly pid: number | undefined;
  listTools(): Promise<readonly { readonly name: string }[]>;
  call(tool: string, args?: Readonly<Record<string, unknown>>, options?: ToolCallOptions): Promise<ToolResult>;
  close(): Promise<void>;
}

interface McpClientKind<Place> {
  readonly title: string;
  readonly connect: (place: Place) => Promise<McpClient>;
}

const info = { name: "e2e", version: "1.0.0" };
const modern = { pin: "2026-07-28" } as const;
/** A plane answers each call within 45 s; the rest is for a machine under load. */
const timeout = 60_000;

/** Every client that must work over stdio: both SDK generations, both protocol eras. */
export const stdioClients: readonly McpClientKind<StdioPlace>[] = [
  { title: "v1 client over stdio", connect: connectV1 },
  { title: "v2 client over stdio, legacy era", connect: (place) => connectV2(stdioV2(place), "legacy") },
  { title: "v2 client over stdio, modern era", connect: (place) => connectV2(stdioV2(place), modern) },
  // finds the era out by a throw-away server process of its own
  { title: "v2 client over stdio, any era", connect: (place) => connectV2(stdioV2(place), "auto") },
];

/** Every client that must work over HTTP. */
export const httpClients: readonly McpClientKind<HttpPlace>[] = [
  { title: "v2 client over HTTP, legacy era", connect: (place) => connectV2(httpV2(place), "legacy") },
  { title: "v2 client over HTTP, modern era", connect: (place) => connectV2(httpV2(place), modern) },
];

async function connectV1(place: StdioPlace): Promise<McpClient> {
  const transport = new StdioV1({ ...spawnOf(place), stderr: "inherit" });
  const client = new ClientV1(info);
  await client.connect(transport);
  return {
    pid: transport.pid ?? undefined,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, undefined, { timeout, ...options })) as ToolResult,
    close: () => client.close(),
  };
}

async function connectV2(transport: StdioV2 | HttpV2, mode: "legacy" | "auto" | typeof modern): Promise<McpClient> {
  const client = new ClientV2(info, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    protocolVersion: client.getNegotiatedProtocolVersion(),
    pid: transport instanceof StdioV2 ? (transport.pid ?? undefined) : undefined,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args = {}, options = {}) =>
      (await client.callTool({ name, arguments: args }, { timeout, ...options })) as ToolResult,
    close: () => client.close(),
  };
}

function stdioV2(place: StdioPlace): StdioV2 {
  return new StdioV2({ ...spawnOf(place), stderr: "inherit" });
}

function spawnOf({ command, args, env, cwd }: StdioPlace): {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
} {
  return { command, args: [...args], env: { ...env }, cwd };
}

function httpV2({ url, token, projectSlug, sessionId }: HttpPlace): HttpV2 {
  const session = sessionId === undefined ? {} : { "x-session-id": sessionId };
  const headers = { authorization: `Bearer ${token}`, "x-project-slug": projectSlug, ...session };
  return new HttpV2(url, { requestInit: { headers } });
}
