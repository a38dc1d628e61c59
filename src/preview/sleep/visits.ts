/** Somebody who may came to a preview that sleeps. */
export interface Visit {
  readonly previewId: string;
  /** The link that let them in. */
  readonly linkId: string;
}

/** Where the gateway tells of visits to sleeping previews, and the previews listen. */
export interface Visits {
  /** Resolves when the visit had its effect; at once while nobody listens. */
  tell(visit: Visit): Promise<void>;
  listen(listener: (visit: Visit) => Promise<void>): void;
}

export function createVisits(): Visits {
  let told: (visit: Visit) => Promise<void> = async () => {};
  return {
    tell: (visit) => told(visit),
    listen(listener) {
      told = listener;
    },
  };
}
