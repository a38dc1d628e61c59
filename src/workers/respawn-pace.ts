import type { Clock } from "../clock.ts";

/** How soon a worker that ended gets a successor: at once, unless they keep ending. */
export interface RespawnPace {
  /** To be called at each end; milliseconds to wait. */
  next(): number;
}

const windowMs = 60_000;
/** So many ends within a minute are mishaps. */
const mishaps = 3;
const firstPauseMs = 500;
const longestPauseMs = 30_000;

export function createRespawnPace(clock: Clock): RespawnPace {
  let ends: number[] = [];
  return {
    next() {
      const now = clock.now();
      ends = [...ends.filter((at) => now - at < windowMs), now];
      const more = ends.length - mishaps;
      return more <= 0 ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(more - 1, 10));
    },
  };
}
