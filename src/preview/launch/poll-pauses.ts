import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../clock.ts";

export interface PollBounds {
  readonly leastMs: number;
  readonly mostMs: number;
}

export interface PollPauses {
  /** Rejects when the signal fires. */
  wait(signal: AbortSignal): Promise<void>;
}

/** What is waited for is noticed late by this part of the time that it took, at most. */
const latePart = 1 / 15;
/** Looking takes half of the time at most: on a loaded host looks get slow, and must not slow what they wait for. */
const pausePerLook = 1;

/** Pauses between looks at something that takes 50 ms or a minute: dense at first, in proportion to the time waited later. */
export function createPollPauses(clock: Clock, { leastMs, mostMs }: PollBounds): PollPauses {
  const startedAt = clock.now();
  let pausedUntil = startedAt;
  return {
    async wait(signal) {
      const now = clock.now();
      const wantedMs = Math.max(leastMs, (now - startedAt) * latePart, (now - pausedUntil) * pausePerLook);
      await sleep(Math.min(mostMs, wantedMs), undefined, { signal });
      pausedUntil = clock.now();
    },
  };
}
