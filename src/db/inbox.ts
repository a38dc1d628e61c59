/** Preview ids waiting to be worked on; an id that arrives twice before it is taken counts once. */
export interface Inbox {
  add(ids: Iterable<string>): void;
  /** No more will come: `take` returns at once from now on. */
  end(): void;
  readonly ended: boolean;
  /** Everything that waits, as soon as there is something, the inbox ended, or `waitMs` passed. */
  take(waitMs: number): Promise<string[]>;
}

export function createInbox(): Inbox {
  const waiting = new Set<string>();
  let ended = false;
  let wake = (): void => {};

  return {
    get ended() {
      return ended;
    },
    add(ids) {
      for (const id of ids) waiting.add(id);
      if (waiting.size > 0) wake();
    },
    end() {
      ended = true;
      wake();
    },
    async take(waitMs) {
      if (waiting.size === 0 && !ended && waitMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, waitMs);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      const taken = [...waiting];
      waiting.clear();
      return taken;
    },
  };
}
