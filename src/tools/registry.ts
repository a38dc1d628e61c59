import type { Tool } from "./define-tool.ts";
import { devPreviewList } from "./dev-preview-list.ts";
import { devPreviewLogs } from "./dev-preview-logs.ts";
import { devPreviewStart } from "./dev-preview-start.ts";
import { devPreviewStop } from "./dev-preview-stop.ts";
import { devPreviewUrl } from "./dev-preview-url.ts";

/** Every tool, in the order in which clients list them: the same for every caller and connection. */
export const tools: readonly Tool[] = [devPreviewStart, devPreviewUrl, devPreviewStop, devPreviewList, devPreviewLogs];
