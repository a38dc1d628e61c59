import type { Logger } from "../../logger.ts";

export interface PreviewRequest {
  readonly previewId: string;
  /** Time of the preview's last request. */
  readonly at: Date;
}

/** Told now and then which previews had requests since the last time. */
export type OnRequests = (requests: readonly PreviewRequest[]) => Promise<void> | void;

/** Collects the times of requests and frames, so that a busy preview costs one write every few seconds. */
export interface RequestTally {
  /** `now` in milliseconds since the epoch. */
  record(previewId: string, now: number): void;
  /** Hands over what was collected. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface RequestTallyOptions {
  readonly onRequests?: OnRequests;
  readonly logger: Logger;
  readonly requestsEveryMs?: number;
}

export function createRequestTally({ onRequests, logger, requestsEveryMs = 5_000 }: RequestTallyOptions): RequestTally {
  let last = new Map<string, number>();
  let writing = Promise.resolve();
  const write = async () => {
    if (last.size === 0 || onRequests === undefined) return;
    const requests = [...last].map(([previewId, at]) => ({ previewId, at: new Date(at) }));
    last = new Map();
    try {
      await onRequests(requests);
    } catch (error) {
      // the times are a hint for idleness; the next request brings a newer one
      logger.warn({ err: error, previews: requests.length }, "request times not recorded");
    }
  };
  /** Also waits for what is being handed over already. */
  const flush = () => (writing = writing.then(write));
  const timer = setInterval(() => void flush(), requestsEveryMs);
  timer.unref();
  return {
    record(previewId, now) {
      if (onRequests !== undefined) last.set(previewId, now);
    },
    flush,
    close() {
      clearInterval(timer);
      return flush();
    },
  };
}
