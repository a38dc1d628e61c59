import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as TransportV1 } from "@modelcontextprotocol/sdk/shared/transport.js";

export interface Progress {
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

interface CallOptions {
  readonly onprogress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export interface CallResult {
  readonly isError?: boolean;
  readonly structuredContent?: unknown;
  readonly content: readonly { readonly type: string; readonly text?: string }[];
  readonly _meta?: Record<string, unknown>;
}

interface ListedTool {
  readonly name: string;
  readonly title?: string | undefined;
  readonly inputSchema: Record<string, unknown>;
  readonly outputSchema?: Record<string, unknown> | undefined;
}

/** A real client of one SDK, era and transport; it validates results against the listed schemas. */
export interface DoorClient {
  readonly instructions: string | undefined;
  readonly serverName: string | undefined;
  listTools(): Promise<readonly ListedTool[]>;
  call(name: string, args: Record<string, unknown>, options?: CallOptions): Promise<CallResult>;
  close(): Promise<void>;
}

interface Places {
  /** Path of a stdio server. */
  readonly script: string;
  /** Address of an HTTP server. */
  readonly url: URL;
}

export interface Door {
  readonly title: string;
  readonly transport: "stdio" | "http";
  readonly era: "legacy" | "modern";
  open(places: Places): Promise<DoorClient>;
}

const info = { name: "test", version: "1.0.0" };
const legacy = "legacy";
const modern = { pin: "2026-07-28" } as const;

const command = (script: string) => ({ command: process.execPath, args: [script], stderr: "ignore" as const });

export const doors: readonly Door[] = [
  {
    title: "v1 client over stdio",
    transport: "stdio",
    era: legacy,
    open: ({ script }) => openV1(new StdioV1(command(script))),
  },
  {
    title: "v2 client over stdio, legacy era",
    transport: "stdio",
    era: legacy,
    open: ({ script }) => openV2(new StdioV2(command(script)), legacy),
  },
  {
    title: "v2 client over stdio, modern era",
    transport: "stdio",
    era: "modern",
    open: ({ script }) => openV2(new StdioV2(command(script)), modern),
  },
  { title: "v1 client over HTTP", transport: "http", era: legacy, open: ({ url }) => openV1(new HttpV1(url)) },
  {
    title: "v2 client over HTTP, legacy era",
    transport: "http",
    era: legacy,
    open: ({ url }) => openV2(new HttpV2(url), legacy),
  },
  {
    title: "v2 client over HTTP, modern era",
    transport: "http",
    era: "modern",
    open: ({ url }) => openV2(new HttpV2(url), modern),
  },
];

async function openV1(transport: TransportV1): Promise<DoorClient> {
  const client = new ClientV1(info);
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args, options) =>
      (await client.callTool({ name, arguments: args }, undefined, { ...options })) as CallResult,
    close: () => client.close(),
  };
}

export async function openV2(
  transport: StdioV2 | HttpV2,
  mode: "auto" | typeof legacy | typeof modern,
): Promise<DoorClient> {
  const client = new ClientV2(info, { versionNegotiation: { mode } });
  await client.connect(transport);
  return {
    instructions: client.getInstructions(),
    serverName: client.getServerVersion()?.name,
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args, options) =>
      (await client.callTool({ name, arguments: args }, { ...options })) as CallResult,
    close: () => client.close(),
  };
}
