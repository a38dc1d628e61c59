import type { PreviewRecord } from "../preview/record.ts";
import type { PreviewStore } from "../preview/store.ts";
import type { Client } from "./client.ts";
import { adopt, recordListener, recordProcess, requestStop, share, touch, transition } from "./preview-changes.ts";
import { claimPreview } from "./preview-claim.ts";
import type { PreviewRow } from "./preview-columns.ts";
import { listLivePreviews, listPreviews, previewById, previewByName, previewByPort } from "./preview-queries.ts";
import { fromRow } from "./row.ts";

export function createPreviewStore(client: Client): PreviewStore {
  return {
    claim: (preview, claimant) => claimPreview(client, preview, claimant),
    byId: async (id) => first(await previewById(client, id)),
    byName: async (projectId, name) => first(await previewByName(client, projectId, name)),
    byPort: async (projectId, port) => first(await previewByPort(client, projectId, port)),
    list: async (projectId, options) => all(await listPreviews(client, projectId, options)),
    listLive: async (sandboxId) => all(await listLivePreviews(client, sandboxId)),
    recordProcess: async (launchId, process) => first(await recordProcess(client, launchId, process)),
    recordListener: async (launchId, listener) => first(await recordListener(client, launchId, listener)),
    transition: async (launchId, change) => first(await transition(client, launchId, change)),
    requestStop: async (previewId, by) => first(await requestStop(client, previewId, by)),
    adopt: async (launchId, from, to) => first(await adopt(client, launchId, { from, to })),
    share: async (previewId, sharing, by) => first(await share(client, previewId, { ...sharing, by })),
    touch: async (requests) => {
      if (requests.length > 0) await touch(client, requests);
    },
  };
}

function first(rows: readonly PreviewRow[]): PreviewRecord | undefined {
  return rows[0] && fromRow<PreviewRecord>(rows[0]);
}

function all(rows: readonly PreviewRow[]): PreviewRecord[] {
  return rows.map((row) => fromRow<PreviewRecord>(row));
}
