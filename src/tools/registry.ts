import type { InspectUseCases } from "../preview/inspection.ts";
import type { Tool } from "./define-tool.ts";
import { createDevPreviewCheck } from "./dev-preview-check.ts";
import { devPreviewList } from "./dev-preview-list.ts";
import { devPreviewLogs } from "./dev-preview-logs.ts";
import { createDevPreviewScreenshot } from "./dev-preview-screenshot.ts";
import { devPreviewStart } from "./dev-preview-start.ts";
import { devPreviewStop } from "./dev-preview-stop.ts";
import { devPreviewUrl } from "./dev-preview-url.ts";

/** The tools that are always there, in the order in which clients list them: the same for every caller and connection. */
export const tools: readonly Tool[] = [devPreviewStart, devPreviewUrl, devPreviewStop, devPreviewList, devPreviewLogs];

/** What each optional toolset works with; one that is on is given here. */
export interface Toolsets {
  readonly inspect?: InspectUseCases;
}

/** The tools that are always there, and behind them those of the toolsets that are on. */
export function toolsOf({ inspect }: Toolsets): readonly Tool[] {
  return inspect === undefined
    ? tools
    : [...tools, createDevPreviewCheck(inspect), createDevPreviewScreenshot(inspect)];
}
