/** A few places, given in the order in which they were asked for. */
export interface Slots {
  /** Resolves with the function that gives the place back; rejects with the signal's reason when it fires first. */
  take(signal: AbortSignal): Promise<() => void>;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();
  const giveBack = () => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };
  const once = (release: () => void) => {
    let given = false;
    return () => {
      if (!given) release();
      given = true;
    };
  };
  return {
    async take(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return once(giveBack);
      }
      await new Promise<void>((resolve, reject) => {
        const settle = () => {
          waiting.delete(onTurn);
          signal.removeEventListener("abort", onAbort);
        };
        const onTurn = () => {
          settle();
          resolve();
        };
        const onAbort = () => {
          settle();
          reject(signal.reason);
        };
        waiting.add(onTurn);
        signal.addEventListener("abort", onAbort, { once: true });
      });
      return once(giveBack);
    },
  };
}
