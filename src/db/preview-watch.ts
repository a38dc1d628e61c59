import type { Logger } from "../logger.ts";
import { followChanges } from "./change-follower.ts";
import { changedPreviews } from "./changed-previews.ts";
import type { DatabaseTarget } from "./target.ts";

export interface PreviewWatch {
  /** Resolves once changes are being received; rejects with `database_unavailable`. */
  start(): Promise<void>;
  /** Calls back with the id of every preview that changed, by whichever plane; maybe more than once per change. */
  subscribe(listener: (previewId: string) => void): () => void;
  close(): Promise<void>;
}

export interface PreviewWatchOptions {
  readonly target: DatabaseTarget;
  readonly logger: Logger;
  readonly resyncMs: number;
}

/** Follows changes for everybody in this process over one connection. */
export function watchPreviews(options: PreviewWatchOptions): PreviewWatch {
  const listeners = new Set<(previewId: string) => void>();

  function tell(ids: readonly string[]): void {
    for (const id of ids) {
      for (const listener of listeners) tellOne(listener, id);
    }
  }

  function tellOne(listener: (previewId: string) => void, previewId: string): void {
    try {
      listener(previewId);
    } catch (error) {
      options.logger.error({ event: "db.listener_failed", previewId, err: error }, "a listener of previews failed");
    }
  }

  const follower = followChanges({
    ...options,
    applicationName: "dev-preview watch",
    async onConnected(connection, since) {
      // what changed while there was no connection
      if (since !== undefined) tell((await changedPreviews(connection, since)).ids);
    },
    onChanged: async (_connection, ids) => tell(ids),
  });

  return {
    start: () => follower.start(),
    subscribe(listener) {
      // one object per subscription: the same function may be subscribed twice
      const subscription = (previewId: string) => listener(previewId);
      listeners.add(subscription);
      return () => void listeners.delete(subscription);
    },
    close: () => follower.close(),
  };
}
