import type { Logger } from "../../logger.ts";
import type { Visit } from "../../preview/sleep/visits.ts";

/** Told of visits to sleeping previews; resolves when that had its effect. */
export type OnAsleep = (visit: Visit) => Promise<void>;

/** Hands on visits to sleeping previews: of a crowd that comes by one link, the first. */
export interface WakeCalls {
  call(visit: Visit): void;
  close(): void;
}

/** After a visit that was handed on, the next one by the same link is no sooner: what it came to is then known. */
const pauseMs = 1_000;

export function createWakeCalls({ onAsleep, logger }: { onAsleep?: OnAsleep; logger: Logger }): WakeCalls {
  const pauses = new Map<string, NodeJS.Timeout | undefined>();

  async function handOn(visit: Visit, tell: OnAsleep): Promise<void> {
    const { previewId, linkId } = visit;
    try {
      await tell(visit);
    } catch (error) {
      logger.warn({ event: "wake.not_told", previewId, err: error }, "visit to a sleeping preview came to nothing");
    }
    pauses.set(linkId, setTimeout(() => pauses.delete(linkId), pauseMs).unref());
  }

  return {
    call(visit) {
      if (onAsleep === undefined || pauses.has(visit.linkId)) return;
      pauses.set(visit.linkId, undefined);
      void handOn(visit, onAsleep);
    },
    close() {
      for (const pause of pauses.values()) clearTimeout(pause);
      pauses.clear();
    },
  };
}
