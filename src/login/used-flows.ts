import type { Clock } from "../clock.ts";

export interface UsedFlows {
  /** Whether it is the first use of this state, which is good until `expiresAt`, ms. */
  isFirstUse(state: string, expiresAt: number): boolean;
}

/** So many are remembered at once; of more, the oldest may come back. */
const mostRemembered = 10_000;

/**
 * Each login goes on once: the provider is asked once for each redirect to it, however often its answer comes back.
 * It is remembered by this plane alone; a code is good once at the provider anyway.
 */
export function createUsedFlows(clock: Clock): UsedFlows {
  const used = new Map<string, number>();

  function forgetOld(): void {
    for (const [state, expiresAt] of used) {
      if (expiresAt > clock.now() && used.size < mostRemembered) return;
      used.delete(state);
    }
  }

  return {
    isFirstUse(state, expiresAt) {
      if (used.has(state)) return false;
      forgetOld();
      used.set(state, expiresAt);
      return true;
    },
  };
}
