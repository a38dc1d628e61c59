import type { Logger } from "../logger.ts";
import { followChanges } from "./change-follower.ts";
import type { Follower } from "./change-follower.ts";
import { changedPreviews } from "./changed-previews.ts";
import type { DatabaseTarget } from "./target.ts";

export interface PreviewWatch {
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
export function watchPreviews(options: PreviewWatchOptions): PreviewWatch & { start(): Promise<void> } {
  const listeners = new Set<(previewId: string) => void>();
  const tell = (ids: readonly string[]) => {
    for (const id of ids) for (const listener of listeners) listener(id);
  };
  const follower: Follower = followChanges({
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
