import { previewOutput } from "../../../src/preview/contract.ts";
import type { PreviewOutput } from "../../../src/preview/contract.ts";
import { callOncePlaneRuns, outputOf } from "../../e2e/support/mcp-clients.ts";
import type { McpClient } from "../../e2e/support/mcp-clients.ts";

export type ReadyPreview = PreviewOutput & { previewUrl: string; port: number; readyMs: number };

/** Calls `dev_preview_start`, without arguments unless some are given, and then what `next` says until it is settled. */
export async function startPreview(client: McpClient, args: Record<string, unknown> = {}): Promise<ReadyPreview> {
  let preview = previewOutput.parse(outputOf(await callOncePlaneRuns(client, "dev_preview_start", args)));
  while (preview.status === "starting")
    preview = previewOutput.parse(outputOf(await client.call("dev_preview_url", { waitSeconds: 30 })));
  const { previewUrl, port, readyMs } = preview;
  if (preview.status !== "ready" || previewUrl === undefined || port === undefined || readyMs === undefined)
    throw new Error(`the preview is not ready: ${JSON.stringify(preview, undefined, 2)}`);
  return { ...preview, previewUrl, port, readyMs };
}
