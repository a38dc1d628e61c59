import { expect } from "vitest";
import { previewOutput } from "../../../src/preview/contract.ts";
import type { PreviewOutput } from "../../../src/preview/contract.ts";
import { until } from "../../support/until.ts";
import { callOncePlaneRuns, outputOf } from "./mcp-clients.ts";
import type { McpClient } from "./mcp-clients.ts";
import { isPortFree } from "./port-free.ts";
import { get } from "./plane-process.ts";

/** A started preview as tools show it, with the fields that every serving one has. */
export type ServingPreview = PreviewOutput & { previewUrl: string; token: string; port: number };

/** Calls `dev_preview_start` and goes on waiting as `next` says, until it serves. */
export async function startPreview(client: McpClient, args: Record<string, unknown> = {}): Promise<ServingPreview> {
  const phases: string[] = [];
  const onprogress = ({ message = "" }: { message?: string | undefined }) => void phases.push(message);
  const answer = await callOncePlaneRuns(client, "dev_preview_start", { waitSeconds: 45, ...args }, { onprogress });
  let preview = previewOutput.parse(outputOf(answer));
  // whether it was reused is what the start said
  const { reused } = preview;
  while (preview.status === "starting")
    preview = { ...previewOutput.parse(outputOf(await client.call("dev_preview_url", { waitSeconds: 45 }))), reused };
  const { previewUrl, token, port } = preview;
  if (previewUrl === undefined || token === undefined || port === undefined)
    throw new Error(`the preview does not serve: ${JSON.stringify(preview)}`);
  expect(phases.length).toBeGreaterThan(2);
  return { ...preview, previewUrl, token, port };
}

/** Every field that callers rely on, of a preview that was started just now. */
export function expectCoreFields(preview: ServingPreview, wanted: { repoDir: string; framework: string }): void {
  expect(preview).toMatchObject({
    serving: true,
    status: "ready",
    name: "web",
    signed: true,
    reused: false,
    httpStatus: 200,
    problems: [],
    ...wanted,
  });
  const { previewUrl, token, port } = preview;
  expect(previewUrl).toBe(`http://${port}-${token}.localhost:${gatewayPortOf(previewUrl)}/`);
  expect(token).toMatch(/^[a-z2-7]{48}$/);
  expect(preview.command).not.toBe("");
  expect(preview.previewId).not.toBe("");
  expect(preview.project).toMatch(/^[a-z0-9-]+$/);
  expect(preview.readyMs).toBeGreaterThan(0);
  expect(Date.parse(preview.expiresAt ?? "")).toBeGreaterThan(Date.now() + 11 * 3600 * 1000);
  expect(preview.logTail.length).toBeGreaterThan(0);
  expect(preview.logCursor).toEqual(expect.any(String));
  expect(preview.next).toContain("previewUrl");
  expect(preview).not.toHaveProperty("exitCode");
  expect(preview).not.toHaveProperty("publicUrl");
}

/**
 * Calls `dev_preview_stop`: what the page had open is cut within a second, the port is free and the link
 * has ended. `closedAt` tells when the page's connection was closed, in milliseconds since the epoch.
 */
export async function stopPreview(
  client: McpClient,
  preview: ServingPreview,
  closedAt: () => number | undefined,
): Promise<void> {
  expect(closedAt()).toBe(undefined);
  const stoppedAt = Date.now();
  const stopping = client.call("dev_preview_stop");
  const cutAt = await until("the page's open connection is cut", closedAt);
  expect(cutAt - stoppedAt).toBeLessThan(1000);
  const { name, previewId, port, previewUrl } = preview;
  expect(outputOf(await stopping)["stopped"]).toEqual([{ name, previewId, port, status: "stopped" }]);
  expect(await isPortFree(port)).toBe(true);
  expect(await get(previewUrl, gatewayPortOf(previewUrl))).toMatchObject({
    status: 410,
    headers: { "x-preview-status": "gone" },
  });
}

export function gatewayPortOf(previewUrl: string): number {
  return Number(new URL(previewUrl).port);
}
