import type { CallToolResult, ContentBlock } from "@modelcontextprotocol/server";

/** One red pixel. */
export const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";

/** A WAV header without samples. */
export const wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

export const image: ContentBlock = { type: "image", data: png, mimeType: "image/png" };

export function text(value: string): ContentBlock {
  return { type: "text", text: value };
}

export function textResource(uri: string, mimeType: string, value: string): ContentBlock {
  return { type: "resource", resource: { uri, mimeType, text: value } };
}

export function result(...content: ContentBlock[]): CallToolResult {
  return { content };
}
