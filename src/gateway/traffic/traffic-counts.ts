import type { Answer, LimitSetting } from "../answers/answer.ts";

/** A limit that refused something. */
export interface RefusedByLimit {
  readonly setting: LimitSetting;
  readonly most: number;
  /** Where the preview is known. */
  readonly previewId?: string;
}

/** What became of requests since the start, in plain fields: each costs an addition, and whoever wants to know reads. */
export interface TrafficCounts {
  /** An app's answer was passed on. */
  answered(status: number): void;
  /** An answer of our own was given. */
  refused(answer: Answer, previewId?: string): void;
  /** A connection was closed without a word, or a request without an answer. */
  limited(limit: RefusedByLimit): void;
  /** The client left before its answer was complete, or it broke off. */
  aborted(): void;
  read(): RequestCounts;
}

export interface RequestCounts {
  /** By the first digit of the status; 1 is an upgrade. */
  readonly answered: readonly number[];
  /** By `X-Preview-Status`. */
  readonly refused: ReadonlyMap<string, number>;
  readonly limited: ReadonlyMap<LimitSetting, number>;
  readonly aborted: number;
}

export function createTrafficCounts(onLimit?: (limit: RefusedByLimit) => void): TrafficCounts {
  const answered = [0, 0, 0, 0, 0, 0];
  const refused = new Map<string, number>();
  const limits = new Map<LimitSetting, number>();
  let aborted = 0;
  const limited = (limit: RefusedByLimit) => {
    limits.set(limit.setting, (limits.get(limit.setting) ?? 0) + 1);
    onLimit?.(limit);
  };
  return {
    answered(status) {
      const digit = Math.trunc(status / 100);
      // three digits may say anything
      const counted = digit >= 1 && digit <= 5 ? digit : 0;
      answered[counted] = (answered[counted] ?? 0) + 1;
    },
    refused({ previewStatus, limit }, previewId) {
      refused.set(previewStatus, (refused.get(previewStatus) ?? 0) + 1);
      if (limit !== undefined) limited({ ...limit, ...(previewId === undefined ? {} : { previewId }) });
    },
    limited,
    aborted: () => void (aborted += 1),
    read: () => ({ answered, refused, limited: limits, aborted }),
  };
}
