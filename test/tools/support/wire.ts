/** Messages as they stand on the wire, for what no well-behaved client would send. */
export interface Message {
  readonly jsonrpc: "2.0";
  readonly id?: number;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly code: number; readonly message: string };
}

const clientInfo = { name: "wire", version: "1.0.0" };

/** The envelope that each request of the 2026-07-28 revision carries. */
const envelope = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": clientInfo,
  "io.modelcontextprotocol/clientCapabilities": {},
};

export function modernRequest(id: number, method: string, params: Record<string, unknown> = {}): Message {
  return { jsonrpc: "2.0", id, method, params: { ...params, _meta: envelope } };
}

export function initializeRequest(id: number): Message {
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo };
  return { jsonrpc: "2.0", id, method: "initialize", params };
}
